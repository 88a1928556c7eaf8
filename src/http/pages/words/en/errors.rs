//! The error page, in English.

use crate::http::pages::words::errors::{ErrorWords, Errors};

pub(super) const ERRORS: Errors = Errors {
    label: "Error",
    code: "Code",
    request_id: "Request",
    catalogue: "More about this error",
    again: "Try again",
    invalid_request: ErrorWords {
        title: "This request can't be read",
        what: "The link or the form that brought you here is broken or not complete.",
        advice: "Go back to the app and start again. If it happens each time, tell the people who make the app.",
    },
    unknown_app: ErrorWords {
        title: "This app is not known here",
        what: "The app that sent you here is not registered, or it was switched off.",
        advice: "Check that you are where you meant to be. If you trust the app, tell the people who make it.",
    },
    unregistered_redirect: ErrorWords {
        title: "We will not send you there",
        what: "The app wants you sent to an address that it has not registered. Someone may be trying to catch you there.",
        advice: "Do not go on from here. Open the app as you usually do; if that fails too, tell the people who make it.",
    },
    id_token_hint: ErrorWords {
        title: "We can't tell who wants you signed out",
        what: "What the app should show for it, an ID token of yours (id_token_hint), is missing or not valid. Nothing has \
               changed.",
        advice: "Go back to the app and start again, or sign out of your account here.",
    },
    login_state: ErrorWords {
        title: "This sign-in can't be finished",
        what: "It was finished before, took too long, or was begun in another browser.",
        advice: "Start again from the app, and stay in one browser until you are in.",
    },
    request_expired: ErrorWords {
        title: "This took too long",
        what: "For your safety an open sign-in is forgotten after a while.",
        advice: "Go back to the app and start again.",
    },
    provider_error: ErrorWords {
        title: "The sign-in provider gave a wrong answer",
        what: "We asked the provider that you chose who you are, and its answer can't be trusted. You are not signed in.",
        advice: "Try again in a few minutes, or choose another way to sign in.",
    },
    provider_slow: ErrorWords {
        title: "The sign-in provider does not answer",
        what: "We asked the provider that you chose who you are, and waited in vain.",
        advice: "Try again in a few minutes, or choose another way to sign in.",
    },
    provider_refused: ErrorWords {
        title: "The sign-in was not finished",
        what: "You or your sign-in provider said no.",
        advice: "If you changed your mind, try again. If you did not, ask the people who look after your account there.",
    },
    no_provider: ErrorWords {
        title: "That way to sign in is closed",
        what: "The sign-in provider is not set up here, or not any more.",
        advice: "Try again and choose another.",
    },
    email_not_verified: ErrorWords {
        title: "Your e-mail address is not verified",
        what: "Your sign-in provider does not vouch for your e-mail address, and it has to.",
        advice: "Verify the address there (look for a message in your mailbox), then try again.",
    },
    domain_not_allowed: ErrorWords {
        title: "This account may not sign in here",
        what: "Only accounts of certain organisations are let in, and this one is not among them.",
        advice: "Try again with the account of your organisation.",
    },
    person_disabled: ErrorWords {
        title: "Your account is switched off",
        what: "The people who run this place have closed the door for it.",
        advice: "If you think that this is a mistake, ask them.",
    },
    not_reauthenticated: ErrorWords {
        title: "You have to sign in afresh",
        what: "The app asked that you prove once more who you are, but your sign-in provider only remembered you.",
        advice: "Sign out there, then try again.",
    },
    csrf: ErrorWords {
        title: "This form is too old",
        what: "It was open for too long, or it came from somewhere else. Nothing has changed.",
        advice: "Load the page again and repeat what you did.",
    },
    cookies: ErrorWords {
        title: "Your browser's cookies get in the way",
        what: "Signing in needs one cookie from this place. It is blocked, or there are two of the same name.",
        advice: "Allow cookies for this place or delete those it has left, then try again.",
    },
    not_found: ErrorWords {
        title: "There is nothing here",
        what: "This address leads nowhere, or what was here is gone.",
        advice: "Check the address for a slip.",
    },
    method_not_allowed: ErrorWords {
        title: "This address works in another way",
        what: "It was opened in a way that it is not made for, perhaps from a bookmark or by going back.",
        advice: "Go back to the app and start again.",
    },
    temporarily_unavailable: ErrorWords {
        title: "One moment, please",
        what: "We can't do this right now: something here does not answer, or too many people sign in from where you are. \
               Nothing has changed.",
        advice: "Try again in a moment.",
    },
    server_error: ErrorWords {
        title: "Something went wrong here",
        what: "It is our trouble, not yours.",
        advice: "Try again. If it happens again, tell the people who run this place the request below.",
    },
};

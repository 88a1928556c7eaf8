//! The way in and out, in English.

use crate::http::pages::words::enter::{ClaimWords, ConsentWords, FormPostWords, SignInWords, SignOutWords};
use crate::http::pages::words::sentence::{Count, Pair, Sentence};

pub(super) const SIGN_IN: SignInWords = SignInWords {
    to_app: Sentence(|app| format!("Sign in to {app}")),
    to_account: "Sign in to your account",
    choose: "Choose where you already have an account. Your password stays there.",
    providers: "Ways to sign in",
    with_provider: Sentence(|provider| format!("Continue with {provider}")),
    continue_as: Sentence(|name| format!("Continue as {name}")),
    or_another: "or use another account",
    asks_first: Sentence(|app| format!("{app} learns nothing about you that you have not allowed.")),
    about_app: Sentence(|app| format!("About {app}")),
    signed_out: "You are signed out.",
    fresh_for_app: Sentence(|app| format!("{app} asks you to sign in once more before you go on.")),
    fresh: "Please sign in once more before you go on.",
    nobody_title: "Nobody can sign in here yet",
    nobody: "This place has no sign-in provider, so there is no door to go through.",
    nobody_operator: "If you run it, add one:",
    nobody_others: "If you do not, please tell the people who do.",
    nobody_more: "What to do, step by step",
};

pub(super) const CONSENT: ConsentWords = ConsentWords {
    title: Sentence(|app| format!("Let {app} act for you?")),
    title_identity: Sentence(|app| format!("Tell {app} who you are?")),
    signed_in_as: "Signed in as",
    through: Sentence(|provider| format!("through {provider}")),
    not_you: "Not you? Use another account",
    marked_new: "You allowed some of this before. What is new is marked.",
    new: "new",
    learns: Sentence(|app| format!("{app} will learn")),
    does: Sentence(|app| format!("{app} will be able to")),
    openid: "That it is you",
    openid_text: "an id that stays the same each time",
    profile: "Your name",
    email: "Your e-mail address",
    groups: "Your groups",
    roles: "Your roles",
    unknown: "nothing is known",
    and_more: Count(|n| format!("and {n} more")),
    no_scopes: "Call it in your name",
    resource_learns: Pair(|resource, claims| format!("{resource} is told {claims}.")),
    offline: "Go on while you are away",
    offline_text: "It stays connected until you withdraw this.",
    warning: "Allow this only if you have just started it yourself",
    warning_computer: Sentence(|app| format!("Any program on this computer can call itself {app}.")),
    warning_scheme: Pair(|app, scheme| format!("Any app on this device can answer to {scheme} and call itself {app}.")),
    goes_to: "Your answer goes to",
    this_computer: "this computer",
    scheme: Sentence(|scheme| format!("the app that opens {scheme}")),
    allow: "Allow",
    deny: "Deny",
    can_withdraw: "You can withdraw this at any time in your account.",
};

pub(super) const CLAIMS: ClaimWords = ClaimWords {
    and: "and",
    email: "your e-mail address",
    email_verified: "whether your e-mail address is verified",
    name: "your name",
    preferred_username: "your user name",
    groups: "your groups",
    roles: "your roles",
};

pub(super) const SIGN_OUT: SignOutWords = SignOutWords {
    title: "Sign out",
    ask: "Sign out?",
    app_asks: Sentence(|app| format!("{app} asks to sign you out here.")),
    what_happens: "Apps that you signed in to through this browser lose their access, except those that you allowed to \
                   go on while you are away.",
    yes: "Sign out",
    no: "Stay signed in",
    done_title: "You are signed out",
    done: "See you next time. On a shared computer, close the browser too: your sign-in provider may still know \
           you.",
    sign_in_again: "Sign in again",
};

pub(super) const FORM_POST: FormPostWords = FormPostWords {
    title: Sentence(|app| format!("On to {app}")),
    text: "If nothing happens by itself, press the button.",
    go_on: "Continue",
};

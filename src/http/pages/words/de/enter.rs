//! The way in and out, in German.

use crate::http::pages::words::enter::{ClaimWords, ConsentWords, FormPostWords, SignInWords, SignOutWords};
use crate::http::pages::words::sentence::{Count, Pair, Sentence};

pub(super) const SIGN_IN: SignInWords = SignInWords {
    to_app: Sentence(|app| format!("Bei {app} anmelden")),
    to_account: "Bei Ihrem Konto anmelden",
    choose: "Wählen Sie, wo Sie schon ein Konto haben. Ihr Passwort bleibt dort.",
    providers: "Wege, sich anzumelden",
    with_provider: Sentence(|provider| format!("Weiter mit {provider}")),
    continue_as: Sentence(|name| format!("Weiter als {name}")),
    or_another: "oder ein anderes Konto verwenden",
    asks_first: Sentence(|app| format!("{app} erfährt nichts über Sie, was Sie nicht erlaubt haben.")),
    about_app: Sentence(|app| format!("Über {app}")),
    signed_out: "Sie sind abgemeldet.",
    fresh_for_app: Sentence(|app| format!("{app} bittet Sie, sich noch einmal anzumelden, bevor es weitergeht.")),
    fresh: "Bitte melden Sie sich noch einmal an, bevor es weitergeht.",
    nobody_title: "Hier kann sich noch niemand anmelden",
    nobody: "Es ist kein Anmeldedienst eingerichtet, also gibt es keine Tür, durch die man gehen könnte.",
    nobody_operator: "Wenn Sie diesen Dienst betreiben, richten Sie einen ein:",
    nobody_others: "Wenn nicht, sagen Sie bitte denen Bescheid, die ihn betreiben.",
    nobody_more: "Was zu tun ist, Schritt für Schritt (englisch)",
};

pub(super) const CONSENT: ConsentWords = ConsentWords {
    title: Sentence(|app| format!("Darf {app} für Sie handeln?")),
    title_identity: Sentence(|app| format!("Darf {app} wissen, wer Sie sind?")),
    signed_in_as: "Angemeldet als",
    through: Sentence(|provider| format!("über {provider}")),
    not_you: "Das sind nicht Sie? Anderes Konto verwenden",
    marked_new: "Einen Teil davon haben Sie schon erlaubt. Was neu ist, ist markiert.",
    new: "neu",
    learns: Sentence(|app| format!("Das erfährt {app}")),
    does: Sentence(|app| format!("Das kann {app} dann tun")),
    openid: "Dass Sie es sind",
    openid_text: "eine Kennung, die immer gleich bleibt",
    profile: "Ihren Namen",
    email: "Ihre E-Mail-Adresse",
    groups: "Ihre Gruppen",
    roles: "Ihre Rollen",
    unknown: "nichts bekannt",
    and_more: Count(|n| format!("und {n} weitere")),
    no_scopes: "In Ihrem Namen aufrufen",
    resource_learns: Pair(|resource, claims| format!("{resource} erfährt {claims}.")),
    offline: "Weitermachen, wenn Sie nicht da sind",
    offline_text: "Die Verbindung bleibt, bis Sie sie widerrufen.",
    warning: "Erlauben Sie das nur, wenn Sie es gerade selbst gestartet haben",
    warning_computer: Sentence(|app| format!("Jedes Programm auf diesem Computer kann sich {app} nennen.")),
    warning_scheme: Pair(|app, scheme| {
        format!("Jede App auf diesem Gerät kann auf {scheme} antworten und sich {app} nennen.")
    }),
    goes_to: "Ihre Antwort geht an",
    this_computer: "diesen Computer",
    scheme: Sentence(|scheme| format!("die App, die {scheme} öffnet")),
    allow: "Erlauben",
    deny: "Ablehnen",
    can_withdraw: "Sie können das in Ihrem Konto jederzeit widerrufen.",
};

pub(super) const CLAIMS: ClaimWords = ClaimWords {
    and: "und",
    email: "Ihre E-Mail-Adresse",
    email_verified: "ob Ihre E-Mail-Adresse bestätigt ist",
    name: "Ihren Namen",
    preferred_username: "Ihren Benutzernamen",
    groups: "Ihre Gruppen",
    roles: "Ihre Rollen",
};

pub(super) const SIGN_OUT: SignOutWords = SignOutWords {
    title: "Abmelden",
    ask: "Abmelden?",
    app_asks: Sentence(|app| format!("{app} möchte Sie hier abmelden.")),
    what_happens: "Apps, bei denen Sie sich mit diesem Browser angemeldet haben, verlieren ihren Zugriff; nur die nicht, \
                   denen Sie erlaubt haben, weiterzumachen, wenn Sie nicht da sind.",
    yes: "Abmelden",
    no: "Angemeldet bleiben",
    done_title: "Sie sind abgemeldet",
    done: "Bis zum nächsten Mal. Schließen Sie an einem gemeinsam genutzten Computer auch den Browser: Ihr \
           Anmeldedienst kennt Sie vielleicht noch.",
    sign_in_again: "Wieder anmelden",
};

pub(super) const FORM_POST: FormPostWords = FormPostWords {
    title: Sentence(|app| format!("Weiter zu {app}")),
    text: "Wenn nichts von selbst geschieht, drücken Sie den Knopf.",
    go_on: "Weiter",
};

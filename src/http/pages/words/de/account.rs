//! The account pages, in German.

use crate::http::pages::words::account::{
    AccountWords, AppWords, DeviceWords, NoticeWords, ProfileWords, SessionWords,
};
use crate::http::pages::words::sentence::{Pair, Sentence};

pub(super) const ACCOUNT: AccountWords = AccountWords {
    title: "Ihr Konto",
    nav: "Konto",
    profile: "Profil",
    sessions: "Sitzungen",
    apps: "Verbundene Apps",
    keys: "Eigene Schlüssel",
    sign_out: "Abmelden",
};

pub(super) const PROFILE: ProfileWords = ProfileWords {
    text: "Was wir von Ihnen wissen, kommt von dort, wo Sie sich anmelden, und ändert sich dort.",
    name: "Name",
    email: "E-Mail-Adresse",
    not_known: "nicht bekannt",
    identities: "So melden Sie sich an",
    identities_text: "Jedes davon öffnet dieses Konto.",
    since: "Seit",
    last_sign_in: "Letzte Anmeldung",
    unlink: "Trennen",
    unlink_what: Pair(|provider, who| format!("{provider} trennen, {who}")),
    only_one: "Ihr einziger Weg hinein lässt sich nicht trennen. Verknüpfen Sie zuerst einen weiteren.",
    link: "Einen weiteren Weg verknüpfen",
    link_text: "Wird eines Ihrer Konten geschlossen, kommen Sie mit dem anderen noch hinein.",
    link_with: Sentence(|provider| format!("{provider} verknüpfen")),
};

pub(super) const SESSIONS: SessionWords = SessionWords {
    text: "Die Browser, in denen Sie angemeldet sind. Beenden Sie, was Sie nicht kennen.",
    this_one: "dieser Browser",
    address: "Adresse",
    signed_in: "Angemeldet",
    last_seen: "Zuletzt gesehen",
    end: "Beenden",
    end_what: Pair(|device, address| format!("Sitzung von {device} beenden, {address}")),
    end_others: "Alle anderen Sitzungen beenden",
    end_others_text: "Hier bleiben Sie angemeldet.",
    only_this: "Sie sind sonst nirgends angemeldet.",
};

pub(super) const DEVICES: DeviceWords = DeviceWords {
    browser_on_system: |browser, system| format!("{browser} unter {system}"),
    unknown_browser: "Ein Browser",
    unknown: "Ein unbekanntes Gerät",
};

pub(super) const APPS: AppWords = AppWords {
    text: "Die Apps, die für Sie handeln dürfen, und was jede von ihnen darf.",
    learns: "Erfährt",
    may: "Darf",
    reaches: "Erreicht",
    since: "Seit",
    last_used: "Zuletzt benutzt",
    never: "nie",
    withdraw: "Widerrufen",
    withdraw_what: Sentence(|app| format!("Widerrufen, was {app} darf")),
    none_title: "Keine App handelt für Sie",
    none: "Wenn Sie eine App hereinlassen, steht sie hier, und Sie können ihr jederzeit wieder die Tür weisen.",
};

pub(super) const NOTICES: NoticeWords = NoticeWords {
    identity_linked: "Verknüpft. Ab jetzt können Sie sich auch damit anmelden.",
    identity_unlinked: "Getrennt. Damit lässt sich dieses Konto nicht mehr öffnen.",
    identity_taken: "Nicht verknüpft: Damit wird hier schon ein anderes Konto geöffnet.",
    last_identity: "Nicht getrennt: Das ist Ihr einziger Weg hinein.",
    session_ended: "Die Sitzung ist beendet.",
    other_sessions_ended: "Alle anderen Sitzungen sind beendet.",
    app_withdrawn: "Widerrufen. Die App kann nichts mehr für Sie tun.",
    key_disabled: "Der Schlüssel ist ausgeschaltet. Sie können ihn wieder einschalten.",
    key_enabled: "Der Schlüssel gilt wieder.",
    key_revoked: "Der Schlüssel ist gesperrt und wird nie wieder gelten.",
    gone: "Das gab es schon nicht mehr. Es hat sich nichts geändert.",
};

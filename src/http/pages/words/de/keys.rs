//! The pages about personal keys, in German.

use crate::http::pages::words::keys::{KeyMadeWords, KeyWords, NewKeyWords, RevokeKeyWords};
use crate::http::pages::words::sentence::{Count, Pair, Sentence};

pub(super) const KEYS: KeyWords = KeyWords {
    text: "Schlüssel für Ihre eigenen Skripte und Werkzeuge. Jeder spricht für Sie, so weit Sie es erlauben.",
    new: "Neuer Schlüssel",
    living: "Ihre Schlüssel",
    ended: "Schlüssel, die nicht mehr gelten",
    for_app: "App",
    id: "Kennung",
    may: "Darf",
    nothing: "nichts",
    made: "Erstellt",
    expires: "Läuft ab",
    expired: "Abgelaufen",
    never_expires: "nie",
    last_used: "Zuletzt benutzt",
    from: Sentence(|address| format!("von {address}")),
    never_used: "nie",
    good: "gilt",
    is_disabled: "ausgeschaltet",
    is_expired: "abgelaufen",
    is_revoked: "gesperrt",
    expires_soon: Sentence(|when| {
        format!("Er läuft {when} ab. Erneuern Sie ihn, dann geht alles weiter, was ihn benutzt.")
    }),
    replaced: Sentence(|when| format!("Ein neuer Schlüssel hat ihn abgelöst: {when}.")),
    still_in_use: "Der alte ist noch in Gebrauch: Etwas hat den neuen noch nicht bekommen.",
    not_in_use: "Der alte wurde seither nicht mehr benutzt.",
    rotate: "Erneuern",
    disable: "Ausschalten",
    enable: "Einschalten",
    revoke: "Sperren",
    act_on: Pair(|act, key| format!("{act}: {key}")),
    none_title: "Noch keine Schlüssel",
    none: "Ein Skript auf Ihrem Rechner, ein Auftrag in der Nacht: Geben Sie jedem seinen eigenen Schlüssel, dann können \
           Sie ihn einzeln zurücknehmen.",
    no_app: "Keine App hier nimmt eigene Schlüssel an.",
};

pub(super) const NEW_KEY: NewKeyWords = NewKeyWords {
    title: "Neuer eigener Schlüssel",
    text: "Er spricht für Sie. Geben Sie ihm nicht mehr, als er braucht.",
    faults: "Der Schlüssel ist noch nicht erstellt",
    app: "App",
    choose_app: "Für welche App ist der Schlüssel?",
    other_app: "Andere App wählen",
    no_app_title: "Keine App nimmt eigene Schlüssel an",
    no_app: "Wer diesen Dienst betreibt, entscheidet, welche Apps es tun. Fragen Sie dort, wenn Sie einen brauchen.",
    name: "Name",
    name_hint: "Damit Sie ihn wiedererkennen: Wo wird er benutzt?",
    name_missing: "Geben Sie dem Schlüssel einen Namen.",
    name_too_long: Count(|most| format!("Wählen Sie einen kürzeren Namen: höchstens {most} Zeichen in einer Zeile.")),
    expiry: "Gültig für",
    days: Count(|days| if days == 1 { "1 Tag".to_owned() } else { format!("{days} Tage") }),
    until: Sentence(|date| format!("bis {date}")),
    expiry_fault: "Wählen Sie eine dieser Möglichkeiten.",
    scopes: "Was er darf",
    scopes_hint: "Es ist nichts vorausgewählt.",
    scopes_missing: "Wählen Sie mindestens eines, was er darf.",
    scopes_fault: "Etwas davon steht nicht mehr zur Wahl. Bitte sehen Sie noch einmal nach.",
    make: "Schlüssel erstellen",
    cancel: "Abbrechen",
};

pub(super) const KEY_MADE: KeyMadeWords = KeyMadeWords {
    title: "Ihr neuer Schlüssel",
    once: "Kopieren Sie ihn jetzt",
    once_text: "Er wird nur dieses eine Mal gezeigt und nirgends aufbewahrt. Wer ihn hat, kann für Sie handeln.",
    key: "Schlüssel",
    copy: "Kopieren",
    copied: "Kopiert",
    use_it: "Probieren Sie ihn aus",
    use_it_text: "Damit tauschen Sie den Schlüssel gegen ein Token, das ein paar Minuten lebt.",
    old_until: Pair(|key, date| {
        format!("Der alte Schlüssel von {key} gilt bis {date}. Geben Sie allem, was ihn benutzt, den neuen.")
    }),
    old_ended: Sentence(|key| format!("Der alte Schlüssel von {key} gilt nicht mehr.")),
    done: "Fertig, ich habe ihn kopiert",
};

pub(super) const REVOKE_KEY: RevokeKeyWords = RevokeKeyWords {
    title: Sentence(|key| format!("{key} sperren?")),
    text: "Er gilt sofort nicht mehr, ebenso wenig jedes Token, das mit ihm geholt wurde. Das lässt sich nie wieder \
           rückgängig machen.",
    or_disable: "Wenn Sie nur sehen wollen, was ihn braucht, schalten Sie ihn stattdessen aus.",
    yes: "Endgültig sperren",
    no: "Behalten",
};

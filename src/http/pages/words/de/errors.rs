//! The error page, in German.

use crate::http::pages::words::errors::{ErrorWords, Errors};

pub(super) const ERRORS: Errors = Errors {
    label: "Fehler",
    code: "Code",
    request_id: "Anfrage",
    catalogue: "Mehr über diesen Fehler (englisch)",
    again: "Noch einmal versuchen",
    invalid_request: ErrorWords {
        title: "Diese Anfrage ist nicht lesbar",
        what: "Der Link oder das Formular, das Sie hierher brachte, ist beschädigt oder nicht vollständig.",
        advice: "Gehen Sie zurück zur App und beginnen Sie neu. Geschieht es jedes Mal, sagen Sie denen Bescheid, die die \
                 App machen.",
    },
    unknown_app: ErrorWords {
        title: "Diese App ist hier nicht bekannt",
        what: "Die App, die Sie hierher geschickt hat, ist nicht eingetragen oder wurde abgeschaltet.",
        advice: "Prüfen Sie, ob Sie dort sind, wo Sie sein wollten. Wenn Sie der App vertrauen, sagen Sie denen Bescheid, \
                 die sie machen.",
    },
    unregistered_redirect: ErrorWords {
        title: "Dorthin schicken wir Sie nicht",
        what: "Die App will Sie an eine Adresse schicken, die sie nicht hinterlegt hat. Vielleicht will jemand Sie dort \
               abfangen.",
        advice: "Gehen Sie von hier nicht weiter. Öffnen Sie die App wie gewohnt; geht auch das nicht, sagen Sie denen \
                 Bescheid, die sie machen.",
    },
    id_token_hint: ErrorWords {
        title: "Wer Sie abmelden will, ist nicht zu erkennen",
        what: "Was die App dafür zeigen müsste, ein ID-Token von Ihnen (id_token_hint), fehlt oder ist nicht gültig. Es hat \
               sich nichts geändert.",
        advice: "Gehen Sie zurück zur App und beginnen Sie neu, oder melden Sie sich hier in Ihrem Konto ab.",
    },
    login_state: ErrorWords {
        title: "Diese Anmeldung lässt sich nicht beenden",
        what: "Sie wurde schon beendet, hat zu lange gedauert oder in einem anderen Browser begonnen.",
        advice: "Beginnen Sie in der App neu, und bleiben Sie in einem Browser, bis Sie angemeldet sind.",
    },
    request_expired: ErrorWords {
        title: "Das hat zu lange gedauert",
        what: "Zu Ihrer Sicherheit wird eine offene Anmeldung nach einer Weile vergessen.",
        advice: "Gehen Sie zurück zur App und beginnen Sie neu.",
    },
    provider_error: ErrorWords {
        title: "Der Anmeldedienst hat falsch geantwortet",
        what: "Wir haben den gewählten Dienst gefragt, wer Sie sind, und seiner Antwort ist nicht zu trauen. Sie sind \
               nicht angemeldet.",
        advice: "Versuchen Sie es in einigen Minuten noch einmal, oder melden Sie sich auf einem anderen Weg an.",
    },
    provider_slow: ErrorWords {
        title: "Der Anmeldedienst antwortet nicht",
        what: "Wir haben den gewählten Dienst gefragt, wer Sie sind, und vergeblich gewartet.",
        advice: "Versuchen Sie es in einigen Minuten noch einmal, oder melden Sie sich auf einem anderen Weg an.",
    },
    provider_refused: ErrorWords {
        title: "Die Anmeldung wurde nicht beendet",
        what: "Sie oder Ihr Anmeldedienst haben Nein gesagt.",
        advice: "Wenn Sie es sich anders überlegt haben, versuchen Sie es noch einmal. Wenn Sie es nicht waren, fragen Sie \
                 dort, wo Ihr Konto verwaltet wird.",
    },
    no_provider: ErrorWords {
        title: "Dieser Weg, sich anzumelden, ist geschlossen",
        what: "Der Anmeldedienst ist hier nicht oder nicht mehr eingerichtet.",
        advice: "Versuchen Sie es noch einmal und wählen Sie einen anderen.",
    },
    email_not_verified: ErrorWords {
        title: "Ihre E-Mail-Adresse ist nicht bestätigt",
        what: "Ihr Anmeldedienst bürgt nicht für Ihre E-Mail-Adresse, und das muss er.",
        advice: "Bestätigen Sie die Adresse dort (sehen Sie in Ihrem Postfach nach), und versuchen Sie es noch einmal.",
    },
    domain_not_allowed: ErrorWords {
        title: "Dieses Konto darf sich hier nicht anmelden",
        what: "Nur Konten bestimmter Organisationen werden eingelassen, und dieses gehört nicht dazu.",
        advice: "Versuchen Sie es noch einmal mit dem Konto Ihrer Organisation.",
    },
    person_disabled: ErrorWords {
        title: "Ihr Konto ist abgeschaltet",
        what: "Wer diesen Dienst betreibt, hat ihm die Tür geschlossen.",
        advice: "Wenn Sie das für ein Versehen halten, fragen Sie dort nach.",
    },
    not_reauthenticated: ErrorWords {
        title: "Sie müssen sich neu anmelden",
        what: "Die App will, dass Sie noch einmal zeigen, wer Sie sind, aber Ihr Anmeldedienst hat sich nur an Sie \
               erinnert.",
        advice: "Melden Sie sich dort ab, und versuchen Sie es dann noch einmal.",
    },
    csrf: ErrorWords {
        title: "Dieses Formular ist zu alt",
        what: "Es war zu lange offen, oder es kam von woanders. Es hat sich nichts geändert.",
        advice: "Laden Sie die Seite neu und wiederholen Sie, was Sie getan haben.",
    },
    cookies: ErrorWords {
        title: "Die Cookies Ihres Browsers stehen im Weg",
        what: "Zum Anmelden braucht es ein Cookie von hier. Es wird blockiert, oder es gibt zwei mit demselben Namen.",
        advice: "Erlauben Sie Cookies für diese Seite oder löschen Sie die vorhandenen, und versuchen Sie es noch einmal.",
    },
    not_found: ErrorWords {
        title: "Hier ist nichts",
        what: "Diese Adresse führt nirgendwohin, oder was hier war, ist fort.",
        advice: "Prüfen Sie, ob sich in die Adresse ein Fehler geschlichen hat.",
    },
    method_not_allowed: ErrorWords {
        title: "Diese Adresse ist anders gemeint",
        what: "Sie wurde auf eine Weise geöffnet, für die sie nicht gemacht ist, vielleicht über ein Lesezeichen oder mit \
               »Zurück«.",
        advice: "Gehen Sie zurück zur App und beginnen Sie neu.",
    },
    temporarily_unavailable: ErrorWords {
        title: "Einen Moment, bitte",
        what: "Das geht gerade nicht: Hier antwortet etwas nicht, oder es melden sich zu viele von dort aus an, wo Sie sind. \
               Es hat sich nichts geändert.",
        advice: "Versuchen Sie es gleich noch einmal.",
    },
    server_error: ErrorWords {
        title: "Hier ist etwas schiefgegangen",
        what: "Es liegt an uns, nicht an Ihnen.",
        advice: "Versuchen Sie es noch einmal. Geschieht es wieder, nennen Sie denen, die diesen Dienst betreiben, die \
                 Anfrage unten.",
    },
};

//! What a browser shows after it came back: a page without scripts, links or anything from elsewhere.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};

const STYLE: &str = "body{max-width:32rem;margin:20vh auto 0;padding:0 1.5rem;font:1.125rem/1.5 system-ui,sans-serif}\
                     h1{margin:0 0 .5rem;font-size:1.5rem;line-height:1.25}p{margin:0}";

/// How it went.
#[derive(Clone, Copy)]
pub(super) enum Page {
    /// The terminal has its tokens.
    SignedIn,
    /// It has not; it says why.
    Failed,
    /// This is not the sign-in that the terminal waits for.
    Stray,
    /// There is nothing at this address.
    NotFound,
}

impl Page {
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::SignedIn => ("200 OK", "You are signed in", "You can close this page and go back to your terminal."),
            Self::Failed => {
                ("400 Bad Request", "You are not signed in", "Your terminal says why. You can close this page.")
            }
            Self::Stray => (
                "400 Bad Request",
                "Nobody waits for this",
                "This page belongs to no sign-in that your terminal began. Run hallpass login to begin one.",
            ),
            Self::NotFound => ("404 Not Found", "There is nothing here", "You can close this page."),
        }
    }

    /// The whole answer.
    pub(super) fn response(self) -> String {
        let (status, title, words) = self.words();
        let body = format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title} · Hallpass</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n<p>{words}</p>\n\
             </main>\n</html>\n"
        );
        let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        format!(
            "HTTP/1.1 {status}\r\n\
             Content-Type: text/html; charset=utf-8\r\n\
             Content-Length: {length}\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'\r\n\
             Cache-Control: no-store\r\n\
             Referrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\n\
             X-Frame-Options: DENY\r\n\
             Cross-Origin-Opener-Policy: same-origin\r\n\
             Connection: close\r\n\r\n\
             {body}",
            length = body.len(),
        )
    }
}

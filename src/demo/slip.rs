//! Slips: what a form of ours carries, so that nothing is acted on but what this browser was shown.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::hmac;
use ring::rand::SystemRandom;

/// What signs slips; made anew at each start.
pub(super) struct Sealer(hmac::Key);

/// Which form a slip is for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Picking a person.
    Pick,
    /// Leaving.
    Leave,
}

impl Sealer {
    /// With a fresh key.
    pub(super) fn mint() -> Self {
        let key = hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new());
        Self(key.expect("the operating system has random bytes"))
    }

    /// A slip with `text` for one browser's form, until `expires_at`.
    pub(super) fn seal(&self, form: Form, browser: &str, text: &str, expires_at: i64) -> String {
        let content = format!("{expires_at}.{}", BASE64URL.encode(text));
        let tag = hmac::sign(&self.0, covered(form, browser, &content).as_bytes());
        format!("{content}.{}", BASE64URL.encode(tag))
    }

    /// The text of a slip that was sealed for this browser's form and still counts.
    pub(super) fn unseal(&self, form: Form, browser: &str, slip: &str, now: i64) -> Option<String> {
        let (content, tag) = slip.rsplit_once('.')?;
        let tag = BASE64URL.decode(tag).ok()?;
        hmac::verify(&self.0, covered(form, browser, content).as_bytes(), &tag).ok()?;
        let (expires_at, text) = content.split_once('.')?;
        expires_at.parse::<i64>().ok().filter(|expires_at| now < *expires_at)?;
        String::from_utf8(BASE64URL.decode(text).ok()?).ok()
    }
}

/// A space parts what none of them has inside.
fn covered(form: Form, browser: &str, content: &str) -> String {
    format!("{form:?} {browser} {content}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_opens_for_its_browser_its_form_and_its_time_only() {
        let (sealer, other) = (Sealer::mint(), Sealer::mint());
        let slip = sealer.seal(Form::Pick, "browser", "a=1&b=ä", 10);

        assert_eq!(sealer.unseal(Form::Pick, "browser", &slip, 9).as_deref(), Some("a=1&b=ä"));
        assert_eq!(sealer.unseal(Form::Pick, "browser", &slip, 10), None);
        assert_eq!(sealer.unseal(Form::Pick, "another", &slip, 9), None);
        assert_eq!(sealer.unseal(Form::Leave, "browser", &slip, 9), None);
        assert_eq!(other.unseal(Form::Pick, "browser", &slip, 9), None);
    }

    #[test]
    fn a_changed_slip_opens_nothing() {
        let sealer = Sealer::mint();
        let slip = sealer.seal(Form::Pick, "browser", "a=1", 10);

        for bad in ["", ".", "..", &slip.replacen("10", "99", 1), &slip[..slip.len() - 1], &format!("{slip}.{slip}")] {
            assert_eq!(sealer.unseal(Form::Pick, "browser", bad, 9), None, "{bad}");
        }
    }
}

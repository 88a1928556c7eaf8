//! The parameters of an authorization request, before anybody has judged them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hallpass_verifier::strict_json;
use serde_json::{Map, Value};

use super::{ResponseMode, Way};

/// The parameters of a request as they came, repeats and all.
#[derive(Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The languages that the app wants its people to read, the best first.
    #[must_use]
    pub fn ui_locales(&self) -> Option<&str> {
        self.first("ui_locales")
    }

    /// The parameter `name`; `Err` when it stands there twice. An empty one is absent.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, ()> {
        let mut all = self.0.iter().filter(|(own, _)| own == name);
        match (all.next(), all.next()) {
            (Some(_), Some(_)) => Err(()),
            (first, _) => Ok(first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())),
        }
    }

    /// The first one that is not empty.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// All that are not empty.
    pub(super) fn many(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether any stands there twice that may not.
    pub(super) fn has_repeats(&self) -> bool {
        let mut names: Vec<&str> =
            self.0.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "resource").collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// How an app hears that its request object is not supported: as the object itself says, though nobody has verified
    /// it. That is good enough for this one answer, which goes to a registered address either way.
    pub(super) fn way_of_object(&self, way: Way) -> Way {
        let object = self.first("request").and_then(read_unverified).unwrap_or_default();
        let text = |name: &str| object.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let wants_form = self.first("response_mode").is_none() && text("response_mode") == Some("form_post");
        Way {
            mode: if wants_form && way.redirect_uri.starts_with("http") { ResponseMode::FormPost } else { way.mode },
            state: way.state.or_else(|| text("state").map(str::to_owned)),
            redirect_uri: way.redirect_uri,
        }
    }
}

/// The payload of a JWT.
fn read_unverified(token: &str) -> Option<Map<String, Value>> {
    let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    strict_json::object(&payload).ok()
}

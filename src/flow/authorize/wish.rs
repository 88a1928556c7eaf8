//! The `claims` parameter (OpenID Connect Core section 5.5): claims asked for by name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::person::Claim;

/// Claims asked for by name, and where they shall stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsWish {
    /// At the userinfo endpoint.
    pub userinfo: Vec<String>,
    /// In the ID token.
    pub id_token: Vec<String>,
    /// The only person it may be about.
    pub sub: Option<String>,
}

impl ClaimsWish {
    /// Reads the parameter; claims that we do not know are left out. `None` when it is not an object of objects.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let members = value.as_object()?;
        let names = |place: &str| match members.get(place) {
            None | Some(Value::Null) => Some(vec![]),
            Some(asked) => {
                Some(asked.as_object()?.keys().filter(|name| Claim::find(name).is_some()).cloned().collect())
            }
        };
        let sub = ["id_token", "userinfo"].into_iter().find_map(|place| value[place]["sub"]["value"].as_str());
        Some(Self { userinfo: names("userinfo")?, id_token: names("id_token")?, sub: sub.map(str::to_owned) })
    }

    /// What the database holds: it was read on its way in.
    #[must_use]
    pub fn trusted(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The scopes that would ask for the same.
    pub fn scopes(&self) -> impl Iterator<Item = &'static str> {
        self.userinfo.iter().chain(&self.id_token).filter_map(|name| Claim::find(name)).map(Claim::scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_claims_are_read_and_others_left_out() {
        let text =
            r#"{"userinfo":{"name":{"essential":true},"nickname":null},"id_token":{"email":null,"auth_time":{}}}"#;

        let wish = ClaimsWish::read(text).unwrap();

        assert_eq!((wish.userinfo, wish.id_token), (vec!["name".to_owned()], vec!["email".to_owned()]));
    }

    #[test]
    fn a_person_can_be_named() {
        let wish = ClaimsWish::read(r#"{"id_token":{"sub":{"value":"usr_1"}}}"#).unwrap();

        assert_eq!(wish.sub.as_deref(), Some("usr_1"));
    }

    #[test]
    fn anything_else_is_no_wish() {
        for text in ["", "[]", "1", "{", r#"{"userinfo":[]}"#, r#"{"id_token":"x"}"#] {
            assert_eq!(ClaimsWish::read(text), None, "{text}");
        }
        assert_eq!(ClaimsWish::read("{}"), Some(ClaimsWish::default()));
    }
}

//! What a token says: the contract between the server that signs it and the service that reads it.
//!
//! In:    JSON that the strict reader has been over.
//! Out:   types; a claim of the wrong kind is refused, `null` included.
//! Never: decides whether the claims are acceptable. That is `rules`.

mod actor;
mod audience;
mod confirmation;
mod numeric_date;
mod scope;
mod status;

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

pub use actor::Actor;
pub use audience::Audience;
pub use confirmation::Confirmation;
pub use numeric_date::NumericDate;
pub use scope::{NotAScope, Scope};
pub use status::{Status, StatusListRef};

/// The claims of an access token (RFC 9068 2.2), in the order they are signed.
///
/// The server serialises exactly this type, so there is no second definition to drift. Optional claims are left out
/// when absent. A value of this type may have been made by anyone; the one that
/// [`Verifier::verify`](crate::Verifier::verify) returns has been checked.
///
/// ```
/// use hallpass_verifier::{Audience, Claims, NumericDate};
///
/// let claims = Claims {
///     iss: "https://issuer.example".into(),
///     sub: "app_1".into(),
///     aud: Audience::one("https://api.example"),
///     exp: NumericDate::from_seconds(1_700_000_300),
///     iat: NumericDate::from_seconds(1_700_000_000),
///     jti: "t1".into(),
///     client_id: "app_1".into(),
///     ..Claims::default()
/// };
///
/// assert!(serde_json::to_string(&claims).unwrap().contains(r#""aud":"https://api.example","exp":1700000300"#));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Who signed it: the issuer's URL, compared byte for byte.
    pub iss: String,
    /// Whom it speaks for: a person, or the app itself (then equal to `client_id`).
    pub sub: String,
    /// Who may accept it.
    pub aud: Audience,
    /// The second from which it is dead.
    pub exp: NumericDate,
    /// When it was signed (5 s back, for verifiers without skew).
    pub iat: NumericDate,
    /// When it begins to count.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub nbf: Option<NumericDate>,
    /// The token's own name; never given twice.
    pub jti: String,
    /// The app that asked for it.
    pub client_id: String,
    /// What it allows.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The id of the API key it was made from.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
    /// The environment of that key: `live` or `test`.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub env: Option<String>,
    /// Where to see whether the credential behind it was revoked.
    #[serde(default, deserialize_with = "present_object", skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// When the person last proved who they are.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<NumericDate>,
    /// The person's browser session.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// The person's e-mail address.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the identity provider vouches for the address.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// The person's name, for showing.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name the person goes by; may change and may be taken by another later.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Groups at the identity provider.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Roles of the person.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Who acts, when one party acts for another (RFC 8693 4.1).
    #[serde(default, deserialize_with = "present_object", skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
    /// The proof key it is bound to (RFC 7800). Such a token is refused as a bearer.
    #[serde(default, deserialize_with = "present_object", skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
}

impl Claims {
    /// Whether the token allows `scope`, compared as a whole token; without a `scope` claim it allows nothing.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scope.as_ref().is_some_and(|granted| granted.has(scope))
    }
}

/// A claim that is there has a value: `null` is neither absent nor of the right kind.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The same for an object, which its type would otherwise also read from an array of its values.
fn present_object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    object(deserializer).map(Some)
}

fn object<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Object<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(members))
        }
    }
    deserializer.deserialize_map(Object(PhantomData))
}

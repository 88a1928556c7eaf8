use serde::{Deserialize, Serialize};

/// The key that whoever shows the token must prove to hold (RFC 7800 3.1).
///
/// A service that takes bearers refuses every token with a `cnf`, of this form or any other: it has no proof to check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// Thumbprint of a `DPoP` key: SHA-256, base64url (RFC 9449 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jkt: Option<String>,
    /// Thumbprint of a client certificate: SHA-256, base64url (RFC 8705 3.1).
    #[serde(default, rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    pub x5t_s256: Option<String>,
}

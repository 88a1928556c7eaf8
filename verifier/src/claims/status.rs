use serde::{Deserialize, Serialize};

/// Where to see whether the credential behind a token was revoked (OAuth Token Status List).
///
/// A token whose `status` has any other form is refused: what can't be looked up can't be called good.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The one mechanism there is.
    #[serde(deserialize_with = "super::object")]
    pub status_list: StatusListRef,
}

/// One bit of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusListRef {
    /// The index of the bit, from 0.
    pub idx: u64,
    /// The list, on the issuer's own origin.
    pub uri: String,
}

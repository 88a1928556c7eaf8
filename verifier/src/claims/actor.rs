use serde::{Deserialize, Serialize};

/// The party that acts (RFC 8693 4.1). Only the outermost one counts for decisions; those within are history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The acting party.
    pub sub: String,
    /// The app it acts through.
    #[serde(default, deserialize_with = "super::present", skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Who acted before.
    #[serde(default, deserialize_with = "super::present", skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Actor>>,
}

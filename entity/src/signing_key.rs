//! Signing keys: the key pairs that sign tokens.

use sea_orm::entity::prelude::*;

/// A key pair that signs tokens, with the moment of each state it reached.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
pub struct Model {
    /// RFC 7638 thumbprint of the public key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    /// `ES256`, `RS256` or `EdDSA`.
    pub algorithm: String,
    /// `next`, `active`, `retiring` or `retired`.
    pub state: String,
    /// The public key as a JWK (RFC 7517), JSON text.
    pub public_jwk: String,
    /// The private key as PKCS#8, sealed; empty once it is retired.
    pub sealed_private: Vec<u8>,
    /// The root key that sealed it.
    pub root_key_id: String,
    /// When it was made, and published.
    pub created_at: i64,
    /// When a waiting key should begin to sign.
    pub due_at: i64,
    /// When it began to sign.
    pub active_at: Option<i64>,
    /// When it stopped to sign.
    pub retiring_at: Option<i64>,
    /// When it left the JWKS.
    pub retired_at: Option<i64>,
}

/// Relations are followed by store verbs, not by the ORM.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

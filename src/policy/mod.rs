//! Decisions, as pure functions: may this, for whom, how long.
//!
//! In:    what was asked and what is allowed.
//! Out:   yes with the narrowed answer, or no with a reason.
//! Never: asks the time, touches the network or the database.

pub mod address;
pub mod admission;
pub mod audience;
pub mod identity_scope;
pub mod lifetime;
pub mod person;
pub mod rate;
pub mod reach;
pub mod redirect;
pub mod scope;
pub mod standing;

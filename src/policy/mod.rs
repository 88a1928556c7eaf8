//! Decisions, as pure functions: may this, for whom, how long.
//!
//! In:    what was asked and what is allowed.
//! Out:   yes with the narrowed answer, or no with a reason.
//! Never: asks the time, touches the network or the database.

pub mod address;
pub mod audience;
pub mod lifetime;
pub mod rate;
pub mod reach;
pub mod scope;
pub mod standing;

#![doc = include_str!("../README.md")]

mod algorithm;
mod claims;
mod profile;
pub mod provider;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claims::{Actor, Audience, Claims, Confirmation, NotAScope, NumericDate, Scope, Status, StatusListRef};
pub use profile::{Profile, UnknownProfile};

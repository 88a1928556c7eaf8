//! Every number, and how the numbers hold together: a file for each concern, each relation beside what it bounds.
//!
//! What an operator may set has its default here; what nobody may set is here alone.

mod chores;
mod demo;
mod http;
mod memory;
mod people;
mod store;
mod token;
mod upstream;

pub use chores::*;
pub use demo::*;
pub use http::*;
pub use memory::*;
pub use people::*;
pub use store::*;
pub use token::*;
pub use upstream::*;

/// In hours.
const DAY: u64 = 24;

#![doc = include_str!("../README.md")]

mod address;
mod answer;
mod builder;
#[cfg(feature = "middleware")]
mod challenge;
mod clock;
mod error;
mod issuer;
mod keeper;
mod key;
mod limits;
#[cfg(feature = "middleware")]
pub mod middleware;
mod pace;
mod retry_after;
mod slot;
mod source;
mod state;
mod target;
mod token;
mod trade;

pub use builder::TokenSourceBuilder;
pub use clock::{Clock, HeldClock};
pub use error::{BadMetadata, BuildError, Error, NoKey, Refusal, Trouble};
pub use key::{Key, KeyFuture, KeySource};
pub use source::TokenSource;
pub use token::Token;

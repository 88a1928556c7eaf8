//! What chapters stand on: a house in this process, the program as a process, databases, a plain HTTP client.

mod ask;
mod database;
mod house;
mod postgres;
mod process;
mod token;
mod wire;

pub(crate) use ask::Ask;
pub(crate) use database::TestDatabase;
pub(crate) use house::{House, Key, NOW};
pub(crate) use process::{Program, Server};
pub(crate) use token::Token;
pub(crate) use wire::{Reply, Wire, send};

/// The resource that most tests ask tokens for.
pub(crate) const ORDERS: &str = "https://orders.example";
/// Another one.
pub(crate) const BILLING: &str = "https://billing.example";
/// The app whose keys most tests show.
pub(crate) const SHOP: &str = "shop";
/// What the orders know.
pub(crate) const ORDER_SCOPES: [&str; 2] = ["orders:read", "orders:write"];

/// Owned texts, for wishes.
pub(crate) fn owned<S: AsRef<str>>(words: &[S]) -> Vec<String> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

//! The house seen from the street: a real server, real requests, a real database, time that is held.
//!
//! One chapter a room. Every test opens a house of its own, with its own database (SQLite, or PostgreSQL with
//! `HALLPASS_TEST_DATABASE=postgres`), on a port of its own, and shares nothing with its neighbours.

#![allow(
    clippy::unwrap_used,
    clippy::unchecked_time_subtraction,
    reason = "a test that meets the unexpected fails, and its spans are constants"
)]

mod support;

mod attacks;
mod backup;
mod cli;
mod client;
mod conformance;
mod crash;
mod declared;
mod endpoint;
mod errors;
mod exchange;
mod faults;
mod keys;
mod nodes;
mod operate;
mod people;
mod reference;
mod revocation;
mod rotation;
mod secrets;
mod sign_in;
mod slow;
mod smuggling;
mod strangers;
mod upgrade;
mod upstream;
mod upstreams;
mod usage;
mod wellknown;

//! The load harness: what an exchange and a sign-in cost beside the least they could cost and beside a peer, in one run.
//!
//! In:    the `hallpass` binary, and servers of our own that do only what can't be left out.
//! Out:   CPU per answer of each, as ratios; the time to start; the memory at rest and of a cached key; how long a revocation
//!        takes to be known elsewhere; what becomes of too many requests.
//! Never: leaves this machine, or keeps a round in which something else was busy.
//!
//! `docs/benchmarks.md` says what is measured, and how.

mod child;
mod client;
mod cluster;
mod fill;
mod floor;
mod house;
mod journey;
mod measure;
mod open_loop;
mod part;
mod peer;
mod person;
mod plot;
mod quiet;
mod report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use report::Report;

/// The allocator of the server, so that it is no part of any ratio.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What went wrong, in words for who runs the harness.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures the server against floors and a peer, each on one core.
#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    plan: Plan,
    #[command(subcommand)]
    command: Command,
}

/// How it is measured.
#[derive(Args, Clone)]
struct Plan {
    /// Few and short rounds, and nothing measured again: shows that the harness works, not how fast the server is.
    #[arg(long, global = true)]
    quick: bool,
    /// Keeps what was measured while something else was busy.
    #[arg(long, global = true)]
    anyway: bool,
    /// Writes all figures to this file.
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draws what was measured into this folder.
    #[arg(long, global = true, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// The server; built when it is not named.
    #[arg(long, global = true, value_name = "PATH")]
    hallpass: Option<PathBuf>,
}

/// How much patience there is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// Few and short rounds.
    Quick,
    /// All rounds, whatever else happens on the machine.
    Anyway,
    /// All rounds, each while nothing else is busy.
    Patient,
}

impl Plan {
    const fn pace(&self) -> Pace {
        match self {
            Self { quick: true, .. } => Pace::Quick,
            Self { anyway: true, .. } => Pace::Anyway,
            _ => Pace::Patient,
        }
    }
}

#[derive(Subcommand)]
enum Command {
    /// All of it.
    All,
    /// A warm exchange beside the bare exchange, the floor and the peer.
    Exchange,
    /// A thousand keys and a million.
    Keys {
        /// How many are many.
        #[arg(long, default_value_t = part::keys::MANY)]
        many: usize,
    },
    /// From nothing to ready, and the memory at rest.
    Start,
    /// The JWKS beside static bytes.
    Jwks,
    /// A code flow and a refresh beside the peer's.
    SignIn,
    /// Two nodes on one database beside nodes that are alone.
    Nodes,
    /// A key revoked at one node, until the other refuses it.
    Revoke,
    /// Keys that are shown for the first time, in small and large databases.
    Cold {
        /// How many rows are many.
        #[arg(long, default_value_t = part::cold::MANY)]
        many: usize,
    },
    /// What a cached key takes in memory.
    Memory {
        /// How many keys.
        #[arg(long, default_value_t = part::memory::KEYS)]
        keys: usize,
    },
    /// A token that the verifier's cache knows.
    TokenCache,
    /// More requests than one core can answer.
    Beyond,
    /// A server to measure against.
    #[command(subcommand, hide = true)]
    Serve(floor::Floor),
}

#[actix_web::main]
async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(Cli { plan, command }: Cli) -> Outcome<()> {
    if let Command::Serve(floor) = command {
        return floor.serve().await;
    }
    if cfg!(debug_assertions) && !plan.quick {
        return Err("run it with --release: a debug build says nothing".into());
    }
    let hallpass = match &plan.hallpass {
        Some(path) => path.clone(),
        None => house::build()?,
    };
    let mut report = Report::default();
    let pace = plan.pace();
    let commands = match command {
        Command::All => vec![
            Command::Exchange,
            Command::Jwks,
            Command::SignIn,
            Command::Start,
            Command::TokenCache,
            Command::Keys { many: part::keys::MANY },
            Command::Memory { keys: part::memory::KEYS },
            Command::Cold { many: part::cold::MANY },
            Command::Nodes,
            Command::Revoke,
            Command::Beyond,
        ],
        one => vec![one],
    };
    let is_all = commands.len() > 1;
    for command in commands {
        measure(command, &hallpass, pace, &mut report).await?;
    }
    report.print();
    if let Some(path) = &plan.json {
        std::fs::write(path, report.json()?)?;
    }
    if let Some(folder) = &plan.plots {
        report.draw(folder, is_all)?;
    }
    Ok(())
}

/// One part of it.
async fn measure(command: Command, hallpass: &Path, pace: Pace, report: &mut Report) -> Outcome<()> {
    match command {
        Command::Exchange => part::exchange::run(hallpass, pace, report).await,
        Command::Keys { many } => part::keys::run(hallpass, pace, many, report).await,
        Command::Start => part::start::run(hallpass, pace, report).await,
        Command::Jwks => part::jwks::run(hallpass, pace, report).await,
        Command::SignIn => part::sign_in::run(hallpass, pace, report).await,
        Command::Nodes => part::nodes::run(hallpass, pace, report).await,
        Command::Revoke => part::revoke::run(hallpass, pace, report).await,
        Command::Cold { many } => part::cold::run(hallpass, pace, many, report).await,
        Command::Memory { keys } => part::memory::run(hallpass, pace, keys, report).await,
        Command::TokenCache => part::token_cache::run(pace, report).await,
        Command::Beyond => part::beyond::run(hallpass, pace, report).await,
        Command::All | Command::Serve(_) => Ok(()),
    }
}

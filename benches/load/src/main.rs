//! The load harness: what an exchange and a sign-in cost beside the least they could cost and beside a peer, in one run.
//!
//! In:    the `hallpass` binary, and servers of our own that do only what can't be left out.
//! Out:   CPU per answer of each, as ratios; the time to start; the memory at rest.
//! Never: leaves this machine, or keeps a round in which something else was busy.
//!
//! `docs/benchmarks.md` says what is measured, and how.

mod child;
mod client;
mod floor;
mod house;
mod journey;
mod measure;
mod part;
mod peer;
mod person;
mod quiet;
mod report;

use std::path::PathBuf;
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
    let all = matches!(command, Command::All);
    let pace = plan.pace();
    if all || matches!(command, Command::Exchange) {
        part::exchange::run(&hallpass, pace, &mut report).await?;
    }
    if all || matches!(command, Command::Jwks) {
        part::jwks::run(&hallpass, pace, &mut report).await?;
    }
    if all || matches!(command, Command::SignIn) {
        part::sign_in::run(&hallpass, pace, &mut report).await?;
    }
    if all || matches!(command, Command::Start) {
        part::start::run(&hallpass, pace, &mut report).await?;
    }
    match command {
        Command::All => part::keys::run(&hallpass, pace, part::keys::MANY, &mut report).await?,
        Command::Keys { many } => part::keys::run(&hallpass, pace, many, &mut report).await?,
        _ => {}
    }
    report.print();
    if let Some(path) = &plan.json {
        std::fs::write(path, report.json()?)?;
    }
    Ok(())
}

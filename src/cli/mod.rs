//! The command line: one file per noun. Results on standard output, everything else on standard error.

mod apps;
mod backup;
mod check;
mod completions;
mod config;
mod credential;
mod database;
mod declared;
mod dev;
mod doctor;
mod failure;
mod fetch;
mod healthcheck;
mod issuer;
mod keys;
mod login;
mod logout;
mod opener;
mod output;
mod pepper;
mod providers;
mod resources;
mod root_key;
mod secret_input;
mod serve;
mod session_file;
mod sessions;
mod signed_in;
mod signing_keys;
mod token;
mod trade;
mod users;
mod whoami;

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::clock::Clock;
use crate::config::{FileChoice, Log, Settings, Sources};
use crate::flow::Flows;
use crate::store::Store;
use crate::{app, telemetry};
use failure::Failure;
use output::Output;

/// Trades long-lived API keys for short-lived signed tokens that every service verifies by itself.
#[derive(Debug, Parser)]
#[command(name = "hallpass", version, propagate_version = true, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 ok · 1 error · 2 usage or cancelled · 4 not authenticated · 5 forbidden · 6 not found · \
                          7 network · 8 not valid";

/// What every command takes.
#[derive(Clone, Debug, Args)]
struct Global {
    /// Prints JSON.
    #[arg(long, global = true)]
    json: bool,
    /// The configuration file; hallpass.toml, if it is there, when absent.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Sets one setting, such as `server.listen=127.0.0.1:9000`; may be repeated.
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = name_and_value)]
    set: Vec<(String, String)>,
    /// The folder of the database and the root key, unless they are set.
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    data: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Starts a server on this machine with a demo app, and shows a key become a token.
    Dev(dev::Dev),
    /// Starts the server.
    Serve,
    /// Checks issuer, clock, database, keys, providers, and the JWKS as a verifier would see them.
    Doctor,
    /// Checks or prints the configuration.
    #[command(subcommand)]
    Config(config::Config),
    /// Makes apps, resources and providers as hallpass.toml declares them.
    Apply(declared::Apply),
    /// Apps: OAuth clients that hold keys.
    #[command(subcommand)]
    Apps(apps::Apps),
    /// Resources: APIs that accept tokens.
    #[command(subcommand)]
    Resources(resources::Resources),
    /// API keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Providers: where people sign in.
    #[command(subcommand)]
    Providers(providers::Providers),
    /// Users: people who have signed in.
    #[command(subcommand)]
    Users(users::Users),
    /// Sessions: browsers in which somebody is signed in.
    #[command(subcommand)]
    Sessions(sessions::Sessions),
    /// Signing keys.
    #[command(subcommand)]
    SigningKeys(signing_keys::SigningKeys),
    /// The root key that seals every secret at rest.
    #[command(subcommand)]
    RootKey(root_key::RootKeyCommand),
    /// The pepper that secrets of keys are hashed with.
    #[command(subcommand)]
    Pepper(pepper::PepperCommand),
    /// Gets, reads or verifies a token.
    #[command(subcommand)]
    Token(token::Token),
    /// A token in the form that another tool asks for.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// Signs you in with your browser, and keeps the tokens for this account on this machine.
    Login(login::Login),
    /// Signs you out: the tokens are taken back and forgotten.
    Logout(logout::Logout),
    /// Says who is signed in from this terminal.
    Whoami,
    /// The tables of the database.
    #[command(subcommand)]
    Database(database::DatabaseCommand),
    /// Copies the database into a file, while servers go on, and looks whether the copy is good. SQLite only.
    Backup(backup::Backup),
    /// Begins with a copy in a place where no database is yet.
    Restore(backup::Restore),
    /// Asks a running server whether it is ready; for containers and load balancers.
    Healthcheck(healthcheck::Healthcheck),
    /// Prints completions for a shell.
    Completions(completions::Completions),
}

/// Runs the command line of this process.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let output = Output::new(cli.global.json);
    // Of settings on both sides of the command, clap keeps only those behind it.
    let is_set = |argument: &OsString| argument == "--set" || argument.to_string_lossy().starts_with("--set=");
    if std::env::args_os().filter(is_set).count() != cli.global.set.len() {
        return Failure::usage("give every --set on the same side of the command").report(output);
    }
    match dispatch(cli, output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(output),
    }
}

async fn dispatch(cli: Cli, output: Output) -> Result<(), Failure> {
    let Cli { global, command } = cli;
    match command {
        Command::Dev(command) => command.run(&global, output).await,
        Command::Serve => serve::run(&global).await,
        Command::Doctor => doctor::run(&global, output).await,
        Command::Config(command) => command.run(&global, output),
        Command::Apply(command) => command.run(&global, output).await,
        Command::Apps(command) => command.run(&global, output).await,
        Command::Resources(command) => command.run(&global, output).await,
        Command::Keys(command) => command.run(&global, output).await,
        Command::Providers(command) => command.run(&global, output).await,
        Command::Users(command) => command.run(&global, output).await,
        Command::Sessions(command) => command.run(&global, output).await,
        Command::SigningKeys(command) => command.run(&global, output).await,
        Command::RootKey(command) => command.run(&global, output).await,
        Command::Pepper(command) => command.run(&global, output).await,
        Command::Token(command) => command.run(&global, output).await,
        Command::Credential(command) => command.run(&global, output).await,
        Command::Login(command) => command.run(&global, output).await,
        Command::Logout(command) => command.run(output).await,
        Command::Whoami => whoami::run(output).await,
        Command::Database(command) => command.run(&global, output).await,
        Command::Backup(command) => command.run(&global, output).await,
        Command::Restore(command) => command.run(&global, output).await,
        Command::Healthcheck(command) => command.run(&global, output).await,
        Command::Completions(command) => command.run(),
    }
}

impl Global {
    /// The settings: file, environment, flags, on top of what `--data` says.
    fn settings(&self) -> Result<Settings, Failure> {
        self.settings_from(FileChoice::Usual)
    }

    /// The same without the usual file; one that was named is read.
    fn settings_without_file(&self) -> Result<Settings, Failure> {
        self.settings_from(FileChoice::Named)
    }

    fn settings_from(&self, choice: FileChoice) -> Result<Settings, Failure> {
        let sources = Sources {
            file: self.config.clone(),
            choice,
            variables: std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            flags: self.set.clone(),
        };
        Ok(sources.read(&Settings::in_folder(&self.data))?)
    }

    /// The flows on the configured database, whether a server runs on it or not.
    async fn flows(&self) -> Result<Flows, Failure> {
        let settings = self.settings()?;
        // A root key from the environment is at hand in any folder, the wrong one too.
        if !settings.root_key.is_empty() && !Store::is_there(settings.database.url.reveal()) {
            let words = "there is no database here yet: start the server, make one with `hallpass database up`, or say --data DIR";
            return Err(Failure::not_found(words));
        }
        telemetry::init_log(&quiet(&settings.log));
        Ok(app::open(&settings, Clock::System).await?)
    }
}

/// What goes well is not worth a line beside a command's own words, unless somebody asks for more.
fn quiet(log: &Log) -> Log {
    let is_usual = log.level == Log::default().level;
    Log { level: if is_usual { "warn".to_owned() } else { log.level.clone() }, ..log.clone() }
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

/// Who changes something from this command line: the account on this machine.
fn operator() -> String {
    let name = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER")).or_else(|_| std::env::var("LOGNAME"));
    let number = || std::fs::metadata("/proc/self").map_or_else(|_| "unknown".to_owned(), |own| own.uid().to_string());
    format!("cli:{}", name.unwrap_or_else(|_| number()))
}

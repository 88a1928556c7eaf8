//! Floors: servers that do only what can't be left out, with the server's framework, limits and allocator.

/// One worker with the server's limits.
macro_rules! serve {
    ($address:expr, $app:expr) => {
        actix_web::HttpServer::new($app)
            .workers(1)
            .keep_alive(hallpass::limit::KEEP_ALIVE)
            .client_request_timeout(hallpass::limit::READ_TIMEOUT)
            .client_disconnect_timeout(hallpass::limit::READ_TIMEOUT)
            .bind($address)?
            .run()
            .await?
    };
}

mod bare;
mod fixed;
mod form;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use clap::Subcommand;

use crate::Outcome;
use crate::child::{Server, free_address};

/// Which of them.
#[derive(Subcommand)]
pub(crate) enum Floor {
    /// The bare exchange.
    Bare { address: SocketAddr, keys: PathBuf },
    /// Form → JSON.
    Form { address: SocketAddr },
    /// Bytes that are there already.
    Fixed { address: SocketAddr, head: String, file: PathBuf },
}

impl Floor {
    /// Serves until it is killed.
    pub(crate) async fn serve(self) -> Outcome<()> {
        match self {
            Self::Bare { address, keys } => bare::serve(address, &keys).await,
            Self::Form { address } => form::serve(address).await,
            Self::Fixed { address, head, file } => fixed::serve(address, &head, &file).await,
        }
    }
}

/// Starts the floor `name` on the servers' core; the address goes before `arguments`.
pub(crate) fn start(name: &str, arguments: &[&std::ffi::OsStr]) -> Outcome<Server> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", name, &address.to_string()]).args(arguments).stderr(Stdio::inherit());
    Server::start(&mut command, address)
}

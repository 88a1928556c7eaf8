//! The demo provider: a small OpenID provider of our own, so that signing in can be tried without an account anywhere.
//!
//! In:    requests on a loopback port of its own, from the one client it was made for.
//! Out:   codes, ID tokens and claims about people who do not exist.
//! Never: is made by anything but `hallpass dev`, and so never beside `serve`: whoever comes may be anyone. Keeps
//!        anything longer than it runs.

mod authorize;
mod back;
mod caller;
mod claims;
mod documents;
mod id_token;
mod logout;
mod origin;
mod page;
mod parameters;
mod person;
mod pick;
mod request;
mod shelf;
mod slip;
mod state;
mod token;
mod userinfo;

use std::future::Future;
use std::net::TcpListener;
use std::{fmt, io};

use actix_web::dev::Server;
use actix_web::{App, FromRequest, Handler, HttpServer, Resource, Responder, web};

pub use person::{Person, people};

use crate::clock::Clock;
use crate::config::Secret;
use crate::limit;
use state::State;

/// Who may ask this provider: one client, with all it has registered.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its name.
    pub client_id: String,
    /// What it proves itself with.
    pub client_secret: Secret,
    /// Where codes may be sent; compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Where browsers may be sent once they are signed out; compared byte for byte.
    pub post_logout_redirect_uris: Vec<String>,
}

/// A provider that listens and is ready to run.
pub struct Provider {
    issuer: String,
    server: Server,
}

impl Provider {
    /// A provider for `client` behind `listener`, which must be on loopback. Its signing key is made here.
    pub fn bind(listener: TcpListener, client: Client, clock: Clock) -> io::Result<Self> {
        let address = listener.local_addr()?;
        if !address.ip().is_loopback() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the demo provider is for this machine alone"));
        }
        let issuer = format!("http://{address}");
        let state = web::Data::new(State::new(&issuer, client, clock).map_err(io::Error::other)?);
        let server = HttpServer::new(move || App::new().configure(|app| addresses(app, &state)))
            .workers(1)
            .max_connections(limit::DEMO_CONNECTIONS_MAX)
            .client_request_timeout(limit::READ_TIMEOUT)
            .client_disconnect_timeout(limit::READ_TIMEOUT)
            .keep_alive(limit::KEEP_ALIVE)
            .shutdown_timeout(1)
            .disable_signals()
            .listen(listener)?
            .run();
        Ok(Self { issuer, server })
    }

    /// Its issuer: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Serves until `stop` is ready.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let handle = self.server.handle();
        let mut server = actix_web::rt::spawn(self.server);
        let outcome = tokio::select! {
            () = stop => {
                handle.stop(true).await;
                server.await
            }
            outcome = &mut server => outcome,
        };
        outcome.map_err(io::Error::other).flatten()
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.issuer)
    }
}

/// The URL table.
fn addresses(app: &mut web::ServiceConfig, state: &web::Data<State>) {
    app.app_data(state.clone())
        .app_data(web::PayloadConfig::new(limit::FORM_MAX))
        .service(document(documents::DISCOVERY, documents::discovery))
        .service(document(documents::JWKS, documents::jwks))
        .service(document(page::STYLE, page::style))
        .service(form("/authorize", authorize::ask).route(web::get().to(authorize::ask)))
        .service(form("/pick", pick::pick))
        .service(form("/token", token::issue))
        .service(form("/userinfo", userinfo::tell).route(web::get().to(userinfo::tell)))
        .service(form("/logout", logout::ask).route(web::get().to(logout::ask)))
        .service(form("/leave", logout::leave));
}

/// `GET` and `HEAD`: the latter never has an effect, so nothing else takes it.
fn document<F: Handler<Args, Output: Responder + 'static>, Args: FromRequest + 'static>(path: &str, to: F) -> Resource {
    web::resource(path).route(web::get().to(to.clone())).route(web::head().to(to))
}

/// `POST`.
fn form<F: Handler<Args, Output: Responder + 'static>, Args: FromRequest + 'static>(path: &str, to: F) -> Resource {
    web::resource(path).route(web::post().to(to))
}

#[cfg(test)]
mod tests;

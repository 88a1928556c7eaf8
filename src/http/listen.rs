//! Listening: connections, through TLS where there is any, and through [`Stream`], to the URL table.
//!
//! In:    a listener and an app.
//! Out:   a server that runs.
//! Never: gives the server a socket as it is. `HttpServer` would, and its timers leave holes.

use std::future::pending;
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use std::{fmt, io};

use actix_http::error::DispatchError;
use actix_http::{ConnectionType, HttpService, KeepAlive, Request, Response};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Server};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::crowd::Crowd;
use super::stream::Stream;
use super::{Certificate, room};
use crate::limit;

/// How a server listens.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Threads; 0 is one for each core.
    pub workers: usize,
    /// Connections at a time, for each worker.
    pub max_connections: usize,
    /// How long accepted requests get to finish at shutdown.
    pub shutdown: Duration,
    /// Whose catalogue explains what can't be read as a request.
    pub issuer: Arc<str>,
}

impl Listen {
    /// A server for what `app` makes, one for each worker.
    pub fn serve<A, I, S, B>(
        self,
        listener: TcpListener,
        certificate: Option<&Arc<Certificate>>,
        app: A,
    ) -> io::Result<Server>
    where
        A: Fn() -> I + Send + Clone + 'static,
        I: IntoServiceFactory<S, Request>,
        S: ServiceFactory<Request, Config = AppConfig, Error = actix_web::Error> + 'static,
        S::InitError: fmt::Debug,
        S::Response: Into<Response<B>>,
        B: MessageBody + 'static,
    {
        let workers = if self.workers > 0 { self.workers } else { available_parallelism().map_or(1, Into::into) };
        let connections = room::for_each(workers, self.max_connections);
        let crowd = Crowd::new(workers.saturating_mul(connections));
        let server = Server::build()
            .workers(workers)
            .max_concurrent_connections(connections)
            .shutdown_timeout(self.shutdown.as_secs())
            .disable_signals();
        let stopping = server.graceful_shutdown_signal();
        let issuer = self.issuer;
        macro_rules! http {
            () => {{
                let (stopping, ending, answering) = (stopping.clone(), Arc::clone(&crowd), Arc::clone(&crowd));
                // Both timers of the server's own are off: the stream knows more. And so it does at the end: the server would
                // close what idles without looking whether a request has come. The signal wakes it, and is never ready.
                HttpService::build()
                    .client_request_timeout(Duration::ZERO)
                    .keep_alive(KeepAlive::Os)
                    .client_disconnect_timeout(limit::READ_TIMEOUT)
                    .graceful_shutdown_signal(move || {
                        let (stopping, crowd) = (stopping.clone(), Arc::clone(&ending));
                        async move {
                            stopping.notified().await;
                            crowd.end().await;
                            pending::<()>().await;
                        }
                    })
                    .h1(map_config(app(), |()| AppConfig::default()).map(move |answer: S::Response| {
                        let mut answer: Response<B> = answer.into();
                        if answering.is_ending() {
                            answer.head_mut().set_connection_type(ConnectionType::Close);
                        }
                        answer
                    }))
            }};
        }
        let server = match certificate {
            None => server.listen("http", listener, move || {
                let (issuer, house) = (Arc::clone(&issuer), Arc::clone(&crowd));
                fn_service(move |socket: TcpStream| {
                    let peer = prepare(&socket);
                    let stream = Stream::new(socket, house.enter(), Arc::clone(&issuer));
                    async move { Ok((stream, peer)) }
                })
                .and_then(http!())
            }),
            Some(certificate) => {
                let tls = TlsAcceptor::from(Arc::new(certificate.server_config()));
                server.listen("https", listener, move || {
                    let (issuer, house, tls) = (Arc::clone(&issuer), Arc::clone(&crowd), tls.clone());
                    fn_service(move |socket: TcpStream| {
                        let (peer, issuer) = (prepare(&socket), Arc::clone(&issuer));
                        // The handshake is made in the place that the server counts it in: as many as there are places,
                        // and who idles makes room for them.
                        let place = house.enter();
                        let handshake = timeout(limit::READ_TIMEOUT, tls.accept(socket));
                        async move {
                            let socket =
                                handshake.await.map_err(io::Error::from).flatten().map_err(DispatchError::Io)?;
                            Ok((Stream::new(socket, place, issuer), peer))
                        }
                    })
                    .and_then(http!())
                })
            }
        };
        Ok(server?.run())
    }
}

fn prepare(socket: &TcpStream) -> Option<std::net::SocketAddr> {
    // An answer is one small write; nothing is won by waiting for more of it.
    let _ = socket.set_nodelay(true);
    socket.peer_addr().ok()
}

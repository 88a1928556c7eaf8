//! For programs without a runtime: the same verifier, which makes its caller wait.
//!
//! In:    a verifier; tokens.
//! Out:   verdicts, when they are there.
//! Never: makes a caller wait when the keys are at hand; lets the thread that fetches outlive the last verifier.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake};
use std::thread::{self, Thread};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::{BuildError, Claims, Error, Health};

/// A [`Verifier`](crate::Verifier) that needs no runtime: keys are fetched on one thread of its own, and
/// [`verify`](Self::verify) waits for them only when it has to. Clones share the keys and the thread, which ends with the
/// last of them.
///
/// Made by [`VerifierBuilder::build_blocking`](crate::VerifierBuilder::build_blocking), or by [`new`](Self::new) from a
/// verifier for several issuers.
///
/// ```
/// use hallpass_verifier::{KeySet, Verifier};
///
/// let verifier = Verifier::builder("https://issuer.example")
///     .audience("https://api.example")
///     .keys(KeySet::from_jwks_json(r#"{"keys": []}"#)?)
///     .build_blocking()?;
///
/// assert!(verifier.verify("a.b.c").is_err());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    verifier: crate::Verifier,
    runtime: Arc<Runtime>,
}

/// A runtime on a thread of its own. Dropping this ends both.
#[derive(Debug)]
struct Runtime {
    handle: Handle,
    _until: oneshot::Sender<()>,
}

impl Verifier {
    /// Starts the thread. Touches no network, so it works while the issuer is down. [`BuildError::Thread`] when the
    /// system gives none.
    pub fn new(verifier: crate::Verifier) -> Result<Self, BuildError> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|_| BuildError::Thread)?;
        let handle = runtime.handle().clone();
        let (until, over) = oneshot::channel::<()>();
        let work = move || {
            // An error says that the last verifier is gone, which is what is waited for.
            let _ = runtime.block_on(over);
        };
        thread::Builder::new().name("hallpass-verifier".to_owned()).spawn(work).map_err(|_| BuildError::Thread)?;
        Ok(Self { verifier, runtime: Arc::new(Runtime { handle, _until: until }) })
    }

    /// As [`Verifier::verify`](crate::Verifier::verify): waits for the network only when there are no keys yet, when they
    /// are old, or for a key that is not among them.
    pub fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.wait(self.verifier.verify(token))
    }

    /// As [`Verifier::warm_up`](crate::Verifier::warm_up): fetches the keys if there are none yet.
    pub fn warm_up(&self) -> Result<(), Error> {
        self.wait(self.verifier.warm_up())
    }

    /// As [`Verifier::health`](crate::Verifier::health).
    #[must_use]
    pub fn health(&self) -> Vec<Health> {
        self.verifier.health()
    }

    /// The verifier itself, for what else it can do. Where there is no runtime, it can't fetch.
    #[must_use]
    pub fn as_async(&self) -> &crate::Verifier {
        &self.verifier
    }

    /// Fetches are started on the thread of our own, whatever runtime the caller may be in, and so are the timers of those
    /// who wait for them.
    fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        let _on_our_thread = self.runtime.handle.enter();
        let waker = Arc::new(Unpark(thread::current())).into();
        // Tokio's turns are not ours: a caller who has used up theirs would be woken by nobody.
        let mut future = pin!(tokio::task::unconstrained(future));
        loop {
            match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

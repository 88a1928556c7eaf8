//! The crowd: all connections of a server. When the last place is taken, one that idles gives up its own, so that nobody
//! outside waits for those who do nothing inside. When the server ends, all that idle leave.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::sync::Notify;
use tokio::sync::futures::OwnedNotified;
use tokio::time::sleep;

use crate::limit;

/// How many are inside, and how many may be.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    inside: AtomicUsize,
    /// Wakes the first of those who idle.
    leave: Arc<Notify>,
    /// Whether each answer is its connection's last.
    is_ending: AtomicBool,
    /// Whether nobody is waited for any more who asks nothing.
    has_ended: AtomicBool,
}

/// The place of one connection; free again when it is dropped.
pub(super) struct Place {
    crowd: Arc<Crowd>,
    /// Where it stands among those who idle.
    turn: Option<Pin<Box<OwnedNotified>>>,
}

impl Crowd {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            inside: AtomicUsize::new(0),
            leave: Arc::default(),
            is_ending: AtomicBool::new(false),
            has_ended: AtomicBool::new(false),
        })
    }

    /// A place for one more. When it is the last, somebody is asked to leave.
    pub(super) fn enter(self: &Arc<Self>) -> Place {
        if self.inside.fetch_add(1, Ordering::Relaxed) + 1 >= self.most {
            self.leave.notify_one();
        }
        Place { crowd: Arc::clone(self), turn: None }
    }

    /// The end: for a moment everybody may still ask, so that what is on its way to a connection that idles is answered,
    /// and told that this was the last answer.
    pub(super) async fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
        sleep(limit::LAST_WORDS).await;
        self.has_ended.store(true, Ordering::Relaxed);
    }

    /// Whether each answer is its connection's last.
    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Whether most places are taken.
    fn is_close(&self) -> bool {
        self.inside.load(Ordering::Relaxed) >= self.most - self.most / 4
    }
}

impl Place {
    /// Whether places are few, so that who begins to idle should say so at once.
    pub(super) fn is_wanted(&self) -> bool {
        self.crowd.is_close()
    }

    /// Whether nobody is waited for any more who asks nothing.
    pub(super) fn has_ended(&self) -> bool {
        self.crowd.has_ended.load(Ordering::Relaxed)
    }

    /// Ready when this connection, which idles, shall leave.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let turn = self.turn.get_or_insert_with(|| Box::pin(Arc::clone(&self.crowd.leave).notified_owned()));
            std::task::ready!(turn.as_mut().poll(cx));
            self.turn = None;
            // Asked long ago, when nobody idled.
            if self.crowd.is_close() {
                return Poll::Ready(());
            }
        }
    }

    /// It does something again.
    pub(super) fn works(&mut self) {
        self.turn = None;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.crowd.inside.fetch_sub(1, Ordering::Relaxed);
    }
}

//! Streams: a connection that can't be held open by sending slowly, nor by reading slowly.
//!
//! In:    a socket, after TLS.
//! Out:   the same bytes, one request at a time, until something takes too long or a head is one that nobody may accept.
//! Never: lets a connection be in one state for ever. The server's own timers know the first head of a connection and
//!        idle ones; what comes between is ours, and so is all of it: one timer for each connection, touched only when
//!        there is nothing to read. Never hands on a request before the one in front of it is answered: the server would
//!        take all that it is given, and write each answer in the way that the last request wants.

mod reading;
mod writing;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::crowd::Place;
use super::framing::Framing;
use super::unread::Unread;
use crate::limit;

/// A connection.
pub(super) struct Stream<T> {
    socket: T,
    place: Place,
    issuer: Arc<str>,
    framing: Framing,
    phase: Phase,
    /// When the phase began, or the latest head in it.
    since: Instant,
    alarm: Pin<Box<Sleep>>,
    /// What came behind a request that is not answered yet; nothing more is read meanwhile.
    surplus: Vec<u8>,
    /// Whether the latest answer says "go on" to who waits with a body, and the real one is still owed.
    is_interim: bool,
    /// Whether the head of the latest answer was seen, which tells whether it is the last one.
    is_told: bool,
    /// Whether the latest answer is the last one.
    is_closing: bool,
    /// What of an answer of our own is not written yet.
    unwritten: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Nothing has come yet.
    New,
    /// A request has begun that is not answered.
    Asked,
    /// The request at hand is answered, though its body may still come.
    Answered,
    /// An answer waits for its reader.
    Writing,
    /// Nothing is read any more.
    Ending(Option<Unread>),
    /// Others need the place, or the server ends: it idled, nothing is left to say, and it is closed at once.
    Leaving,
    /// All is said. What still comes is thrown away: to close before would take the last answer from who still writes.
    Ended,
}

impl<T> Stream<T> {
    /// A connection that was just made.
    pub(super) fn new(socket: T, place: Place, issuer: Arc<str>) -> Self {
        let since = Instant::now();
        let alarm = Box::pin(sleep_until(since + limit::READ_TIMEOUT));
        let (surplus, unwritten) = (Vec::new(), Vec::new());
        Self {
            socket,
            place,
            issuer,
            framing: Framing::default(),
            phase: Phase::New,
            since,
            alarm,
            surplus,
            is_interim: false,
            is_told: false,
            is_closing: false,
            unwritten,
        }
    }

    /// How long it may stay as it is.
    fn span(&self) -> Duration {
        match self.phase {
            Phase::New | Phase::Leaving | Phase::Ended => limit::READ_TIMEOUT,
            Phase::Answered if self.is_closing => limit::READ_TIMEOUT,
            Phase::Asked | Phase::Answered if self.framing.is_in_head() => limit::READ_TIMEOUT,
            Phase::Answered if !self.framing.is_in_body() => limit::KEEP_ALIVE,
            Phase::Asked | Phase::Answered | Phase::Writing | Phase::Ending(_) => limit::REQUEST_MAX,
        }
    }

    /// Whether it owes nothing and nothing is lost with it: what is left of a body behind its answer is for nobody.
    fn is_idle(&self) -> bool {
        self.phase == Phase::Answered && !self.framing.is_in_head()
    }

    /// Whether it leaves because the server ends: it idles, or had its time to say a first word. Who was told that this was
    /// the last answer goes by themselves.
    fn leaves_at_the_end(&self) -> bool {
        let has_nothing_to_say = match self.phase {
            Phase::New => self.since.elapsed() >= limit::LAST_WORDS,
            _ => self.is_idle() && !self.is_closing,
        };
        has_nothing_to_say && self.place.has_ended()
    }

    /// Whether somebody else wants its place, or nobody is to have it any more.
    fn has_to_go(&self) -> bool {
        self.place.is_wanted() || self.place.has_ended()
    }

    /// Whether all of a request is here, or none of one.
    fn is_between(&self) -> bool {
        !self.framing.is_in_head() && !self.framing.is_in_body()
    }

    /// Whether a request is here from its first byte to its last, and its answer has not gone out.
    fn is_owed_an_answer(&self) -> bool {
        matches!(self.phase, Phase::Asked | Phase::Writing) && self.is_between()
    }

    fn enter(&mut self, phase: Phase) {
        (self.phase, self.since) = (phase, Instant::now());
    }

    /// Ready when it has been as it is for too long.
    fn poll_alarm(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let due = self.since + self.span();
        // An alarm that goes off early is set again; one that would be late can't wait.
        if self.alarm.deadline() > due {
            self.alarm.as_mut().reset(due);
        }
        loop {
            ready!(self.alarm.as_mut().poll(cx));
            if self.alarm.deadline() >= due {
                return Poll::Ready(());
            }
            self.alarm.as_mut().reset(due);
        }
    }

    /// Too late: a head is answered, an idle connection ends, and all else is cut off.
    fn late(&mut self) -> Poll<io::Result<()>> {
        let is_in_head = self.framing.is_in_head();
        let is_owed = self.phase == Phase::Writing || self.phase == Phase::Asked && !is_in_head;
        if is_owed || self.framing.is_in_body() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        self.enter(Phase::Ending(is_in_head.then_some(Unread::Late)));
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests;

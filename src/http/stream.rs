//! Streams: a connection that can't be held open by sending slowly, nor by reading slowly.
//!
//! In:    a socket, after TLS.
//! Out:   the same bytes, one request at a time, until something takes too long or a head is one that nobody may accept.
//! Never: lets a connection be in one state for ever. The server's own timers know the first head of a connection and
//!        idle ones; what comes between is ours, and so is all of it: one timer for each connection, touched only when
//!        there is nothing to read. Never hands on a request before the one in front of it is answered: the server would
//!        take all that it is given, and write each answer in the way that the last request wants.

mod reading;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
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

/// What the server says to who expects it.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

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

    /// What a write that may have to wait comes to.
    fn in_time<R>(&mut self, cx: &mut Context<'_>, outcome: Poll<io::Result<R>>) -> Poll<io::Result<R>> {
        if outcome.is_pending() {
            if matches!(self.phase, Phase::Asked | Phase::Answered) {
                self.enter(Phase::Writing);
            }
            ready!(self.poll_alarm(cx));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        outcome
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

    /// Learns from what is about to be written.
    fn writes(&mut self, answers: &[u8]) {
        // A part of it may have been written before.
        self.is_interim = answers.ends_with(CONTINUE) || self.is_interim && CONTINUE.ends_with(answers);
        // Not in what follows, where a stranger's words may stand. It is whole: the server begins to write when it is.
        if !self.is_told
            && let Some(head) = head_of_answer(answers)
        {
            self.is_told = true;
            self.is_closing |= memmem::find(head, b"connection: close\r\n").is_some();
        }
    }

    /// All that the server had to say is written.
    fn wrote(&mut self, cx: &Context<'_>) {
        match self.phase {
            Phase::Writing if self.is_interim => self.enter(Phase::Asked),
            Phase::Asked | Phase::Answered | Phase::Writing if !self.is_interim => {
                self.enter(Phase::Answered);
                self.is_closing |= self.framing.is_lost();
                // The socket has nothing to tell that the server would wait for.
                if !self.surplus.is_empty() || self.framing.is_lost() || self.is_idle() && self.has_to_go() {
                    cx.waker().wake_by_ref();
                }
            }
            _ => {}
        }
    }
}

/// The head of the answer itself, behind what said "go on" of it. The first status line is its own: others can only stand in
/// its body.
fn head_of_answer(answers: &[u8]) -> Option<&[u8]> {
    const LINE: &[u8] = b"HTTP/1.";
    let begins = |at: &usize| !answers[at + LINE.len()..].get(1..).is_some_and(|rest| rest.starts_with(b" 100 "));
    let begin = memmem::find_iter(answers, LINE).find(begins)?;
    let length = memmem::find(&answers[begin..], b"\r\n\r\n")?;
    // With the end of its last line.
    Some(&answers[begin..begin + length + 2])
}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream<T> {
    fn poll_unwritten(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let outcome = Pin::new(&mut self.socket).poll_write(cx, &self.unwritten);
            let count = ready!(self.in_time(cx, outcome))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unwritten.drain(..count);
        }
        Poll::Ready(Ok(()))
    }

    /// Throws away what still comes, until its sender has seen the end, or for as long as a head may take.
    fn poll_rest(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut self.socket).poll_read(cx, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() && self.since.elapsed() < self.span() => {}
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return self.poll_alarm(cx),
            }
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, answers: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_unwritten(cx))?;
        if this.phase == Phase::Leaving {
            // Its answer had not ended: closed at once, it might lose this.
            this.enter(Phase::Ending(None));
        }
        let answers = match Unread::find(answers) {
            Some((0, why)) => {
                this.unwritten = why.answer(&this.issuer);
                this.enter(Phase::Ended);
                // Now, as far as it goes: the server may be gone before it flushes.
                return match this.poll_unwritten(cx) {
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    _ => Poll::Ready(Ok(answers.len())),
                };
            }
            Some((at, _)) => &answers[..at],
            None => answers,
        };
        this.writes(answers);
        let outcome = Pin::new(&mut this.socket).poll_write(cx, answers);
        let count = ready!(this.in_time(cx, outcome))?;
        if count == answers.len() {
            this.wrote(cx);
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_unwritten(cx))?;
        let outcome = Pin::new(&mut this.socket).poll_flush(cx);
        ready!(this.in_time(cx, outcome))?;
        if this.phase == Phase::Writing {
            this.wrote(cx);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if let Phase::Ending(last) = this.phase {
            this.unwritten = last.map(|why| why.answer(&this.issuer)).unwrap_or_default();
            this.enter(Phase::Ended);
        } else if !this.surplus.is_empty() {
            // Closed with something unread, it would take back the last answer.
            this.surplus = Vec::new();
            this.enter(Phase::Ended);
        }
        ready!(Pin::new(&mut *this).poll_flush(cx))?;
        let outcome = Pin::new(&mut this.socket).poll_shutdown(cx);
        ready!(this.in_time(cx, outcome))?;
        match this.phase {
            Phase::Ended => this.poll_rest(cx).map(Ok),
            _ => Poll::Ready(Ok(())),
        }
    }
}

#[cfg(test)]
mod tests;

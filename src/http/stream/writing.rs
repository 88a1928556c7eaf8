//! Writing: answers as the server makes them, and what their heads tell; our own words where it has none.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use memchr::memmem;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Phase, Stream};
use crate::http::unread::Unread;

/// What the server says to who expects it.
pub(super) const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

impl<T> Stream<T> {
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

    /// Learns from what is about to be written.
    pub(super) fn writes(&mut self, answers: &[u8]) {
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

//! Reading: one request at a time, as it comes or out of what has come already.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::{io, mem};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Phase, Stream};

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Stream<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let is_over = this.is_closing && this.phase == Phase::Answered && this.is_between();
        if is_over || matches!(this.phase, Phase::Ending(_) | Phase::Leaving | Phase::Ended) {
            return Poll::Ready(Ok(()));
        }
        if this.is_owed_an_answer() {
            return this.poll_surplus(cx, buffer);
        }
        let before = buffer.filled().len();
        match this.poll_next(cx, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => this.take_in(buffer, before),
            // Asked here, where nothing is left to read: what has come is answered, also when the server ends.
            Poll::Pending if this.leaves_at_the_end() || this.is_idle() && this.place.poll_turn(cx).is_ready() => {
                this.enter(Phase::Leaving);
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                ready!(this.poll_alarm(cx));
                this.late()
            }
            outcome @ Poll::Ready(_) => outcome,
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> Stream<T> {
    /// While a request waits for its answer: one reading more, so that it is noticed when its sender goes away.
    fn poll_surplus(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.surplus.is_empty() {
            match Pin::new(&mut self.socket).poll_read(cx, buffer) {
                Poll::Ready(Ok(())) if buffer.filled().len() > before => {
                    self.surplus = buffer.filled()[before..].to_vec();
                    buffer.set_filled(before);
                }
                Poll::Pending => {}
                outcome @ Poll::Ready(_) => return outcome,
            }
        }
        ready!(self.poll_alarm(cx));
        self.late()
    }

    /// What has come already, or else what comes.
    fn poll_next(&mut self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.surplus.is_empty() {
            return Pin::new(&mut self.socket).poll_read(cx, buffer);
        }
        let mut next = mem::take(&mut self.surplus);
        self.surplus = next.split_off(next.len().min(buffer.remaining()));
        buffer.put_slice(&next);
        Poll::Ready(Ok(()))
    }

    /// Looks at what was read, and keeps back what is behind the request at hand.
    fn take_in(&mut self, buffer: &mut ReadBuf<'_>, before: usize) -> Poll<io::Result<()>> {
        self.place.works();
        let passed = self.framing.pass(&buffer.filled()[before..]);
        let end = before + passed.count;
        self.surplus.splice(0..0, buffer.filled()[end..].iter().copied());
        buffer.set_filled(end);
        if let Some(fault) = passed.fault {
            self.enter(Phase::Ending(Some(fault.into())));
        } else if passed.has_begun {
            self.is_told = false;
            self.enter(Phase::Asked);
        } else if self.since.elapsed() > self.span() {
            // Who always has something more to send never makes the alarm heard.
            buffer.set_filled(before);
            return self.late();
        }
        Poll::Ready(Ok(()))
    }
}

//! The pace of refusals: a refused credential is answered on a beat that all refusals share.
//!
//! A wait that began when the look-up ended would end a little later for a look-up that took longer, and a timer's
//! rounding does not hide it. A beat that goes on by itself knows nothing of the request.

use tokio::sync::watch;

use crate::limit;

/// Counts beats, one each [`limit::REFUSAL_BEAT`].
#[derive(Debug)]
pub struct Pace(watch::Sender<u64>);

impl Default for Pace {
    fn default() -> Self {
        Self(watch::channel(0).0)
    }
}

impl Pace {
    /// One beat more.
    pub fn beat(&self) {
        self.0.send_modify(|beat| *beat += 1);
    }

    /// The beat at which a request that is here now is refused, if it is: the second from now, so that a whole one
    /// lies between.
    pub(super) fn refusal_beat(&self) -> u64 {
        *self.0.borrow() + 2
    }

    /// Waits for a beat; if the beats have stopped, not for ever.
    pub(super) async fn wait_for(&self, beat: u64) {
        let mut beats = self.0.subscribe();
        let _ = tokio::time::timeout(limit::REFUSAL_BEAT * 50, beats.wait_for(|now| *now >= beat)).await;
    }
}

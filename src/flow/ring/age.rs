//! Age: when the ring in memory was read, and whether the change log has told of a newer one since.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::Moment;

#[derive(Debug)]
pub(in crate::flow) struct RingAge {
    /// Whether nothing is known of a newer ring. Each who signs looks here; it is changed with the moments.
    is_current: AtomicBool,
    moments: Mutex<Moments>,
}

#[derive(Debug)]
struct Moments {
    /// When the database was asked for the ring that is in memory.
    asked: Moment,
    /// When the change log told of another one.
    changed: Moment,
}

impl RingAge {
    /// Of a ring that is still to be read.
    pub(in crate::flow) fn new() -> Self {
        let now = Moment::now();
        Self { is_current: AtomicBool::new(true), moments: Mutex::new(Moments { asked: now, changed: now }) }
    }

    /// Says that the change log tells of another ring: only who asks from now on sees it.
    pub(in crate::flow) fn mark_changed(&self) {
        let mut moments = self.moments();
        moments.changed = Moment::now();
        self.is_current.store(false, Ordering::Release);
    }

    /// Says that the ring is in memory as it was when the database was `asked`.
    pub(super) fn mark_read(&self, asked: Moment) {
        let mut moments = self.moments();
        moments.asked = asked;
        self.is_current.store(asked >= moments.changed, Ordering::Release);
    }

    /// Whether the change log has told of nothing that is not in memory.
    pub(super) fn is_current(&self) -> bool {
        self.is_current.load(Ordering::Acquire)
    }

    /// When the database was asked for the ring that is in memory.
    pub(super) fn asked(&self) -> Moment {
        self.moments().asked
    }

    fn moments(&self) -> MutexGuard<'_, Moments> {
        self.moments.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Shelves: what is kept for a while, in memory, and never more of it than fits.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::limit;

/// Things by name, each until its moment has come. The oldest makes room when it is full.
pub(super) struct Shelf<T>(Mutex<Kept<T>>);

struct Kept<T> {
    things: HashMap<String, (i64, T)>,
    /// Names as they were put there; some of them are gone.
    order: VecDeque<String>,
}

impl<T> Shelf<T> {
    /// Keeps `thing` until `expires_at`.
    pub(super) fn insert(&self, name: String, thing: T, expires_at: i64) {
        let mut kept = self.open();
        while kept.order.len() >= limit::DEMO_KEPT_MAX {
            if let Some(oldest) = kept.order.pop_front() {
                kept.things.remove(&oldest);
            }
        }
        if kept.things.insert(name.clone(), (expires_at, thing)).is_none() {
            kept.order.push_back(name);
        }
    }

    /// Takes it away, for good.
    pub(super) fn take(&self, name: &str, now: i64) -> Option<T> {
        let mut kept = self.open();
        let taken = kept.things.remove(name);
        if taken.is_some() {
            kept.order.retain(|own| own != name);
        }
        taken.filter(|(expires_at, _)| now < *expires_at).map(|(_, thing)| thing)
    }

    fn open(&self) -> MutexGuard<'_, Kept<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone> Shelf<T> {
    /// Looks at it and leaves it there.
    pub(super) fn find(&self, name: &str, now: i64) -> Option<T> {
        let kept = self.open();
        kept.things.get(name).filter(|(expires_at, _)| now < *expires_at).map(|(_, thing)| thing.clone())
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { things: HashMap::new(), order: VecDeque::new() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_there_until_its_moment_and_is_taken_once() {
        let shelf = Shelf::default();
        shelf.insert("a".to_owned(), 1, 10);

        assert_eq!((shelf.find("a", 9), shelf.find("a", 10), shelf.find("b", 0)), (Some(1), None, None));
        assert_eq!((shelf.take("a", 9), shelf.take("a", 9)), (Some(1), None));
    }

    #[test]
    fn the_oldest_makes_room() {
        let shelf = Shelf::default();
        for thing in 0..=limit::DEMO_KEPT_MAX {
            shelf.insert(thing.to_string(), thing, 10);
        }

        assert_eq!((shelf.find("0", 0), shelf.find("1", 0)), (None, Some(1)));
        assert_eq!(shelf.open().things.len(), limit::DEMO_KEPT_MAX);
    }
}

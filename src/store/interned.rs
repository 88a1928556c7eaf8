//! Values that many share: each is in memory once, for as long as somebody has it.

use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Fewer are not looked through for those that nobody has any more.
const SWEEP_FROM: usize = 64;

pub(super) struct Interned<T>(Mutex<Kept<T>>);

struct Kept<T> {
    values: HashSet<Arc<T>>,
    /// How many there are when it is worth while to look: twice those that were in use the last time.
    sweep_at: usize,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept { values: HashSet::new(), sweep_at: SWEEP_FROM }))
    }
}

impl<T: Hash + Eq> Interned<T> {
    /// The one value that equals `value`.
    pub(super) fn share(&self, value: T) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = kept.values.get(&value) {
            return Arc::clone(own);
        }
        if kept.values.len() >= kept.sweep_at {
            // New owners come by here alone, so one that the table alone has stays alone while we look.
            kept.values.retain(|own| Arc::strong_count(own) > 1);
            kept.sweep_at = SWEEP_FROM.max(2 * kept.values.len());
        }
        let value = Arc::new(value);
        kept.values.insert(Arc::clone(&value));
        value
    }
}

impl<T> fmt::Debug for Interned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Interned")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_one_value() {
        let interned = Interned::default();

        let (one, same, other) = (interned.share("a"), interned.share("a"), interned.share("b"));

        assert!(Arc::ptr_eq(&one, &same));
        assert_ne!(one, other);
    }

    #[test]
    fn what_nobody_has_any_more_does_not_pile_up() {
        let interned = Interned::default();
        let own: Vec<_> = (0..10).map(|value| interned.share(value)).collect();

        for value in 0..100_000 {
            interned.share(value);
        }

        assert!(interned.0.lock().unwrap().values.len() <= 2 * SWEEP_FROM);
        assert!(own.iter().all(|value| Arc::ptr_eq(value, &interned.share(**value))), "what somebody has stays");
    }
}

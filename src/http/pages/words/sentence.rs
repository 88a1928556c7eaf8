//! Sentences with a gap: a name, a list, a number.

use std::fmt::Display;

/// A sentence with one gap.
pub(in crate::http) struct Sentence(pub(super) fn(&str) -> String);

/// A sentence with two gaps.
pub(in crate::http) struct Pair(pub(super) fn(&str, &str) -> String);

/// A sentence with a number.
pub(in crate::http) struct Count(pub(super) fn(u64) -> String);

impl Sentence {
    /// The sentence with `what` in its gap. Whatever direction `what` is written in, the sentence keeps its own.
    pub(in crate::http) fn with(&self, what: impl Display) -> String {
        self.0(&isolated(what))
    }
}

impl Pair {
    /// The sentence with `first` and `second` in its gaps.
    pub(in crate::http) fn with(&self, first: impl Display, second: impl Display) -> String {
        self.0(&isolated(first), &isolated(second))
    }
}

impl Count {
    /// The sentence for `number`.
    pub(in crate::http) fn of(&self, number: u64) -> String {
        self.0(number)
    }
}

/// Between U+2068 and U+2069 (Unicode TR 9, isolates): a template may say `<bdi>`, a title may not.
fn isolated(what: impl Display) -> String {
    format!("\u{2068}{what}\u{2069}")
}

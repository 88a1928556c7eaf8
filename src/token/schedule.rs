//! The schedule of signing keys: next → active → retiring → retired, each with its moment.
//!
//! A verifier may keep a JWKS for a while, and go on with it while we are away. So a key is published long before it
//! signs, and stays long after the last token it signed. Only two things are hastier: the first key of its kind, since
//! nothing else could sign, and an emergency, since the old key must not.

use std::time::Duration;

use hallpass_verifier::Algorithm;

use crate::limit;

/// Where a signing key stands, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, so that verifiers learn it before it signs.
    Next {
        /// Since when.
        since: i64,
        /// When it should begin to sign.
        due: i64,
    },
    /// Signs.
    Active {
        /// Since when.
        since: i64,
    },
    /// Signs no more; still published, for the tokens it signed.
    Retiring {
        /// Since when.
        since: i64,
    },
    /// Gone from the JWKS.
    Retired {
        /// Since when.
        since: i64,
    },
}

impl State {
    /// One word for the database and for lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next { .. } => "next",
            Self::Active { .. } => "active",
            Self::Retiring { .. } => "retiring",
            Self::Retired { .. } => "retired",
        }
    }

    /// Whether the JWKS shows a key that stands here.
    #[must_use]
    pub const fn is_published(self) -> bool {
        !matches!(self, Self::Retired { .. })
    }
}

/// A signing key, as far as the schedule cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its thumbprint.
    pub kid: String,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// Where it stands.
    pub state: State,
}

/// One thing to do about the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make a key that signs at once.
    MakeActive(Algorithm),
    /// Make a key that waits until `due`.
    MakeNext {
        /// Of which kind.
        algorithm: Algorithm,
        /// When it should begin to sign.
        due: i64,
    },
    /// Let the waiting key sign, and the one that signed retire.
    Promote {
        /// The waiting key.
        next: String,
    },
    /// Stop signing with a key of a kind that nothing uses any more; a waiting one is withdrawn.
    Stop(String),
    /// Take a key out of the JWKS and forget its private half.
    Retire(String),
}

/// How long each state lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// How long a key signs.
    pub active: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { active: limit::KEY_ACTIVE }
    }
}

impl Schedule {
    /// What is due `now` for a ring of `keys` when tokens are signed with the algorithms `in_use`.
    #[must_use]
    pub fn due(&self, now: i64, in_use: &[Algorithm], keys: &[Key]) -> Vec<Step> {
        let retired = keys.iter().filter(|key| is_over(now, key.state)).map(|key| Step::Retire(key.kid.clone()));
        let kinds = Algorithm::ALL.into_iter().flat_map(|algorithm| {
            let of_kind: Vec<&Key> = keys.iter().filter(|key| key.algorithm == algorithm).collect();
            self.due_for_kind(now, algorithm, in_use.contains(&algorithm), &of_kind)
        });
        kinds.chain(retired).collect()
    }

    fn due_for_kind(&self, now: i64, algorithm: Algorithm, is_used: bool, keys: &[&Key]) -> Vec<Step> {
        let next = keys.iter().find_map(|key| match key.state {
            State::Next { since, due } => Some((key, since, due)),
            _ => None,
        });
        let active = keys.iter().find_map(|key| match key.state {
            State::Active { since } => Some((key, since)),
            _ => None,
        });
        if !is_used {
            // A key that was just made is for a resource that is about to be written.
            if active.is_some_and(|(_, since)| now < after(since, limit::KEY_UNUSED)) {
                return vec![];
            }
            let unused = next.map(|(key, ..)| key).into_iter().chain(active.map(|(key, _)| key));
            return unused.map(|key| Step::Stop(key.kid.clone())).collect();
        }
        match (active, next) {
            (None, None) => vec![Step::MakeActive(algorithm)],
            (None, Some((next, ..))) => vec![Step::Promote { next: next.kid.clone() }],
            (Some((_, since)), None) => {
                let due = after(since, self.active);
                // Twice the warm-up before: a job that is late by a day still has the key ready in time.
                let is_time = now >= due - seconds(2 * limit::KEY_WARM_UP);
                let due = due.max(after(now, limit::KEY_WARM_UP));
                if is_time { vec![Step::MakeNext { algorithm, due }] } else { vec![] }
            }
            (Some(_), Some((next, since, due))) => {
                let is_time = now >= due && now >= after(since, limit::KEY_WARM_UP);
                if is_time { vec![Step::Promote { next: next.kid.clone() }] } else { vec![] }
            }
        }
    }
}

/// Whether a retiring key's last token has expired, and the overlap after it has passed.
fn is_over(now: i64, state: State) -> bool {
    matches!(state, State::Retiring { since } if now >= after(since, limit::TOKEN_LIFETIME_MAX + limit::KEY_OVERLAP))
}

fn after(moment: i64, span: Duration) -> i64 {
    moment.saturating_add(seconds(span))
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;

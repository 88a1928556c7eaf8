//! Where a credential stands: good, or not any more, and since when.

/// What a key or an app is good for at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It works.
    Good,
    /// It was switched off and may be switched on again.
    Disabled {
        /// Since when.
        at: i64,
    },
    /// It ran out.
    Expired {
        /// Since when.
        at: i64,
    },
    /// It is dead for good.
    Revoked {
        /// Since when.
        at: i64,
    },
}

impl Standing {
    /// The standing at `now` of what was revoked, expires or was disabled then: what lasts longest is named first.
    #[must_use]
    pub fn at(now: i64, revoked_at: Option<i64>, expires_at: Option<i64>, disabled_at: Option<i64>) -> Self {
        match (revoked_at, expires_at, disabled_at) {
            (Some(at), _, _) => Self::Revoked { at },
            (_, Some(at), _) if at <= now => Self::Expired { at },
            (_, _, Some(at)) => Self::Disabled { at },
            _ => Self::Good,
        }
    }

    /// One word for lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Disabled { .. } => "disabled",
            Self::Expired { .. } => "expired",
            Self::Revoked { .. } => "revoked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_ends_in_the_very_second_it_expires() {
        assert_eq!(Standing::at(99, None, Some(100), None), Standing::Good);
        assert_eq!(Standing::at(100, None, Some(100), None), Standing::Expired { at: 100 });
    }

    #[test]
    fn what_can_not_be_undone_is_named_first() {
        assert_eq!(Standing::at(9, Some(1), Some(2), Some(3)), Standing::Revoked { at: 1 });
        assert_eq!(Standing::at(9, None, Some(2), Some(3)), Standing::Expired { at: 2 });
        assert_eq!(Standing::at(9, None, None, Some(3)), Standing::Disabled { at: 3 });
    }
}

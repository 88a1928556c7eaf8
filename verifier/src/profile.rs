use std::fmt;
use std::str::FromStr;

use crate::Algorithm;

/// How the tokens of one resource look: their `alg` and `typ`.
///
/// The server signs by it. A [`Verifier`](crate::Verifier) takes the algorithm from the key and every `at+jwt`
/// anyway; only [`Profile::Compat`] has to be asked for, since a `typ` of `JWT` says nothing about the token's use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// `ES256`, `at+jwt`: understood nearly everywhere.
    #[default]
    Standard,
    /// `RS256`, `JWT`: for verifiers that know nothing newer.
    Compat,
    /// `EdDSA`, `at+jwt`: small and quick.
    Modern,
}

impl Profile {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Compat, Self::Modern];

    /// The algorithm that tokens of this profile are signed with.
    #[must_use]
    pub const fn algorithm(self) -> Algorithm {
        match self {
            Self::Standard => Algorithm::Es256,
            Self::Compat => Algorithm::Rs256,
            Self::Modern => Algorithm::EdDsa,
        }
    }

    /// The `alg` of the header: `ES256`, `RS256` or `EdDSA`.
    #[must_use]
    pub const fn alg(self) -> &'static str {
        self.algorithm().as_str()
    }

    /// The `typ` of the header: `at+jwt` or `JWT`.
    #[must_use]
    pub const fn typ(self) -> &'static str {
        match self {
            Self::Standard | Self::Modern => "at+jwt",
            Self::Compat => "JWT",
        }
    }

    /// The name in configuration: `standard`, `compat` or `modern`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Compat => "compat",
            Self::Modern => "modern",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names none of the three profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the profile is none of standard, compat and modern")]
pub struct UnknownProfile;

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == name).ok_or(UnknownProfile)
    }
}

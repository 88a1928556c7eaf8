use std::time::Duration;

/// Why a token is not accepted. Which rule failed, in our words: never the parser's, never a piece of the token.
///
/// Everything but [`Error::Unavailable`] is the token's fault and a 401 to whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// More bytes than the limit; nothing was decoded.
    #[error("the token is too long")]
    TooLong,
    /// Not three parts with a dot between (RFC 7515 7.1).
    #[error("the token is not three parts with a dot between")]
    NotThreeParts,
    /// A part is not strict base64url: no padding, no spaces, no stray bits (RFC 7515 2).
    #[error("the {0} is not base64url without padding")]
    NotBase64Url(Part),
    /// A part is not a JSON object in UTF-8.
    #[error("the {0} is not a JSON object in UTF-8")]
    NotJson(Part),
    /// An object in the part has a member twice (RFC 8725bis; RFC 7515 4).
    #[error("the {0} has a member twice")]
    DuplicateMember(Part),
    /// The part nests deeper than 16 levels.
    #[error("the {0} is nested too deep")]
    TooDeep(Part),
    /// `alg` is none of ours: absent, not text, `none`, symmetric or unknown (RFC 8725 3.1).
    #[error("the header's `alg` is none of ES256, RS256 and EdDSA")]
    Algorithm,
    /// `kid` is absent, not text, empty or longer than 256 characters.
    #[error("the header's `kid` is missing, or not text of 1 to 256 characters")]
    KeyId,
    /// `typ` is not that of an access token (RFC 9068 4, RFC 8725 3.11).
    #[error("the header's `typ` is not that of an access token")]
    TokenType,
    /// `crit` is there: it asks for an extension we do not have (RFC 7515 4.1.11).
    #[error("the header has `crit`")]
    Critical,
    /// `b64` is there (RFC 7797).
    #[error("the header has `b64`")]
    UnencodedPayload,
    /// The issuer publishes no usable key of that `kid`.
    #[error("the key that the token names is not one of the issuer's")]
    UnknownKey,
    /// The key is for another algorithm than `alg` says (RFC 8725 3.1).
    #[error("the header's `alg` is not the algorithm of the key")]
    WrongAlgorithm,
    /// The key handed in is not one that counts.
    #[error("the key is not usable: {0}")]
    Key(#[from] KeyFault),
    /// The signature does not fit the token and the key.
    #[error("the signature is not right")]
    Signature,
    /// A claim that every access token has is absent (RFC 9068 2.2).
    #[error("the claim `{0}` is missing")]
    MissingClaim(&'static str),
    /// A claim is not of the kind it has to be.
    #[error("the claim `{0}` is malformed")]
    MalformedClaim(&'static str),
    /// `iss` is not our issuer, byte for byte.
    #[error("the token is from another issuer")]
    Issuer,
    /// Our audience is not in `aud`.
    #[error("the token is for another audience")]
    Audience,
    /// `exp` is past by more than the skew.
    #[error("the token has expired{}", if *.maybe_clock { "; one of the clocks may be wrong" } else { "" })]
    Expired {
        /// It is past by so little that one of the two clocks may be to blame.
        maybe_clock: bool,
    },
    /// `nbf` is ahead by more than the skew.
    #[error("the token is not valid yet{}", if *.maybe_clock { "; one of the clocks may be wrong" } else { "" })]
    NotYetValid {
        /// It is ahead by so little that one of the two clocks may be to blame.
        maybe_clock: bool,
    },
    /// `iat` is ahead by more than the skew.
    #[error("the token was issued in the future{}", if *.maybe_clock { "; one of the clocks may be wrong" } else { "" })]
    IssuedInFuture {
        /// It is ahead by so little that one of the two clocks may be to blame.
        maybe_clock: bool,
    },
    /// `exp` lies more than 24 h after `iat`.
    #[error("the token lives too long")]
    LivesTooLong,
    /// The token is bound to a key (`cnf`), so it is not a bearer (RFC 7800, RFC 9449 7.2).
    #[error("the token is bound to a key and can't be used as a bearer")]
    Bound,
    /// The issuer's keys can't be had, so nothing can be said of the token. A 503, never a 401.
    #[error("the issuer's keys can't be had at the moment")]
    Unavailable {
        /// When asking again makes sense; at least a second.
        retry_after: Duration,
    },
}

impl Error {
    /// Whether the trouble is ours and not the token's: answer 503 with `Retry-After`.
    #[must_use]
    pub const fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// When to ask again, for [`Error::Unavailable`].
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after } => Some(*retry_after),
            _ => None,
        }
    }
}

/// Which part of a token an [`Error`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The first part (RFC 7515 4).
    Header,
    /// The second part: the claims.
    Payload,
    /// The third part.
    Signature,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a JWK does not count (RFC 7517, RFC 7518 6, RFC 8037 2, RFC 8725 3.4 and 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// Not one JSON object without a member twice, nested at most 16 deep.
    #[error("it is not a well-formed JSON object")]
    NotJson,
    /// `kty`, `crv` or `alg` is none we take.
    #[error("its type, curve or algorithm is not one of ours")]
    Unsupported,
    /// It has a private or a symmetric part; whoever published it has lost it.
    #[error("it has a private or symmetric part")]
    NotPublic,
    /// `use` or `key_ops` does not allow verifying.
    #[error("it is not meant for verifying")]
    NotForVerifying,
    /// `kid` is not text of 1 to 256 characters; in a set it must also be there.
    #[error("its `kid` is not text of 1 to 256 characters")]
    KeyId,
    /// Another good key of the set has the same `kid`.
    #[error("another key has its `kid`")]
    SharedKeyId,
    /// A coordinate, modulus or exponent is absent, not strict base64url or not of its exact length.
    #[error("a part of it has the wrong form or length")]
    Encoding,
    /// The point is not on the curve, or of small order.
    #[error("its point is not a good one of its curve")]
    Point,
    /// The modulus is even, below 2048 or above 8192 bits, or of a known weak make.
    #[error("its modulus is weak or of the wrong size")]
    Modulus,
    /// The exponent is even, below 3 or beyond 33 bits.
    #[error("its exponent is not odd and at least 3")]
    Exponent,
}

/// Why a description makes no verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The issuer is not https (or http on loopback), or has a user, a query or a fragment.
    #[error("the issuer has to be an https address, or http on loopback, without user, query and fragment")]
    Issuer,
    /// No audience was named, or an empty one: such a verifier would take everyone's tokens, or nobody's.
    #[error("name the audience that the tokens are for")]
    Audience,
    /// The address of the keys is not https (or http on loopback).
    #[error("the address of the keys has to be https, or http on loopback")]
    JwksUri,
    /// The origin for keys is not https (or http on loopback).
    #[error("an origin for keys has to be https, or http on loopback, without a path")]
    JwksOrigin,
    /// A text that should hold root certificates in PEM holds none.
    #[error("there is no certificate in PEM where a root certificate should be")]
    RootCertificate,
    /// TLS can't be set up: this machine has no root certificates and none was named, or a named one is broken.
    #[error("TLS can't be set up: no root certificates on this machine, or a named one is broken")]
    Tls,
    /// No issuer at all: such a verifier would take nobody's tokens.
    #[error("name one issuer at least")]
    NoIssuer,
    /// Two verifiers for one issuer: whose rules count can't be told by a token.
    #[error("there are two verifiers for one issuer")]
    SameIssuer,
    /// The machine has no randomness to draw the cache's key from.
    #[error("there is no randomness for the key of the cache")]
    Randomness,
    /// The thread on which a blocking verifier fetches keys can't be started.
    #[error("the thread that fetches keys can't be started")]
    Thread,
    /// The keys have to be fetched, and there is nothing to fetch them with: the feature `fetch` is off.
    #[error("there is no HTTP client: hand in one, or the keys, or build with the feature `fetch`")]
    NoClient,
    /// The skew is longer than a minute, which would undo `exp`.
    #[error("a skew may be a minute at most")]
    Skew,
    /// The shortest age of keys is above the longest, or the cool-down below a second.
    #[error("the ages of keys contradict each other")]
    Ages,
}

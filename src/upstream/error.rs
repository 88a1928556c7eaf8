//! What can go wrong with a provider, in our words: never a token, a secret, or a text of theirs beyond an error code.

use std::fmt;

use hallpass_verifier::NoAnswer;

use super::provider::ProviderFault;

/// Why a provider told us nothing we may believe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The description can't work.
    #[error("the provider is not set up right: {0}")]
    Setup(#[from] ProviderFault),
    /// Its time was up.
    #[error("the provider was too slow")]
    TooSlow,
    /// No connection, or none to the end.
    #[error("the provider can't be reached, or broke off")]
    Unreachable,
    /// An address that this server must not ask.
    #[error("the provider is at an address that may not be asked; upstream.allowed_networks can allow it")]
    Forbidden,
    /// Not the status a good answer has. A redirect is not followed.
    #[error("the {0} has status {1}")]
    Status(Document, u16),
    /// More bytes than the limit.
    #[error("the {0} is larger than the limit")]
    TooLarge(Document),
    /// Compressed, which was not asked for.
    #[error("the {0} is compressed, which was not asked for")]
    Compressed(Document),
    /// Not what it should be.
    #[error("the {0} is not what it should be: {1}")]
    Malformed(Document, &'static str),
    /// The metadata is another issuer's (`OpenID` Connect Discovery 4.3).
    #[error("the metadata is that of another issuer")]
    OtherIssuer,
    /// The answer to the login comes from another issuer, or does not say from whom (RFC 9207 2.4).
    #[error("the answer to the login is not from the provider that was asked")]
    MixedUp,
    /// The provider said no, with an OAuth error code.
    #[error("the provider answered `{0}`")]
    Refused(String),
    /// Its keys can't be had.
    #[error("the provider's keys can't be had: {0}")]
    Keys(NoAnswer),
    /// Its ID token is not one to believe.
    #[error("the ID token is not right: {0}")]
    IdToken(#[from] IdTokenFault),
    /// Userinfo is about somebody else (`OpenID` Connect Core 5.3.2).
    #[error("the userinfo is about somebody else")]
    OtherSubject,
}

/// Whoever keeps the keys says why they can't be had; that the guard is to blame is told as for any other address.
impl From<NoAnswer> for UpstreamError {
    fn from(trouble: NoAnswer) -> Self {
        match trouble {
            NoAnswer::Forbidden => Self::Forbidden,
            other => Self::Keys(other),
        }
    }
}

/// Why an ID token is not believed (`OpenID` Connect Core 3.1.3.7).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenFault {
    /// Its form, its header, its key or its signature.
    #[error("{0}")]
    Jws(hallpass_verifier::Error),
    /// A claim is absent or of the wrong kind.
    #[error("the claim `{0}` is missing or malformed")]
    Claim(&'static str),
    /// `iss` is not the issuer, byte for byte.
    #[error("it is from another issuer")]
    Issuer,
    /// We are not in `aud`.
    #[error("it is for somebody else")]
    Audience,
    /// `azp` is not us.
    #[error("it was made for another client")]
    AuthorizedParty,
    /// `nonce` is not that of this login.
    #[error("it belongs to another login")]
    Nonce,
    /// `exp` is past.
    #[error("it has expired")]
    Expired,
    /// `iat` is long past.
    #[error("it was issued long ago")]
    TooOld,
    /// `iat` or `nbf` is ahead.
    #[error("it is from the future; one of the clocks may be wrong")]
    FromTheFuture,
    /// `at_hash` does not fit the access token.
    #[error("it belongs to another access token")]
    AccessTokenHash,
    /// The person last proved who they are before what was asked for.
    #[error("the person did not sign in as recently as was asked for")]
    AuthTime,
}

/// What a provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Discovery.
    Metadata,
    /// What the token endpoint answers.
    Tokens,
    /// Userinfo; GitHub's `/user`.
    UserInfo,
    /// GitHub's `/user/emails`.
    Emails,
    /// The JWKS.
    Keys,
}

impl Document {
    /// One word for metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Tokens => "tokens",
            Self::UserInfo => "userinfo",
            Self::Emails => "emails",
            Self::Keys => "keys",
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metadata => "metadata",
            Self::Tokens => "answer of the token endpoint",
            Self::UserInfo => "userinfo",
            Self::Emails => "list of e-mail addresses",
            Self::Keys => "JWKS",
        })
    }
}

impl UpstreamError {
    /// The provider's own `error`, at our callback or at its token endpoint. What is not like the name of an error
    /// (RFC 6749 5.2) is not repeated.
    #[must_use]
    pub fn refused(code: &str) -> Self {
        let is_name =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.');
        let is_code = (1..=64).contains(&code.len()) && code.bytes().all(is_name);
        Self::Refused(if is_code { code } else { "an error without a name" }.to_owned())
    }

    /// Whether the provider was too slow (504), rather than wrong (502).
    #[must_use]
    pub const fn is_slow(&self) -> bool {
        matches!(self, Self::TooSlow | Self::Keys(NoAnswer::TooSlow(_)))
    }

    /// One word for metrics.
    #[must_use]
    pub(super) const fn outcome(&self) -> &'static str {
        match self {
            _ if self.is_slow() => "slow",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
            Self::Refused(_) => "refused",
            _ => "wrong",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_text_is_repeated_only_if_it_is_a_code() {
        assert_eq!(UpstreamError::refused("access_denied").to_string(), "the provider answered `access_denied`");
        for text in ["", "Access Denied", "<script>", "x\ny", &"a".repeat(65)] {
            assert_eq!(UpstreamError::refused(text).to_string(), "the provider answered `an error without a name`");
        }
    }
}

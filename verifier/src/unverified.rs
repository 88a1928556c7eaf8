//! A token as it comes in: its form is right, and nothing else is known of it.
//!
//! In:    text of a stranger.
//! Out:   `Unverified`, whose header obeys the rules that need no key, and whose one way on is a key.
//! Never: looks at `jwk`, `jku`, `x5u` or `x5c`; reads a claim but `iss`, to know whose rules to go by.

use base64::Engine as _;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Part};
use crate::jwk::Key;
use crate::strict_json::{self, Fault};
use crate::{Algorithm, encoding};

/// The longest `kid` there may be, in characters.
pub(crate) const MAX_NAME: usize = 256;

/// A token whose signature nobody has checked.
pub(crate) struct Unverified<'t> {
    signed: &'t [u8],
    signature: &'t [u8],
    payload: Vec<u8>,
    algorithm: Algorithm,
    kid: Member,
    typ: Member,
}

impl<'t> Unverified<'t> {
    /// Takes the token apart: length first, then form, then the header's own rules.
    pub(crate) fn read(token: &'t str, max_length: usize) -> Result<Self, Error> {
        if token.len() > max_length {
            return Err(Error::TooLong);
        }
        let (header, payload, signature) = three_parts(token)?;
        let signed = &token.as_bytes()[..header.len() + 1 + payload.len()];

        let header = encoding::decode(header).ok_or(Error::NotBase64Url(Part::Header))?;
        let payload = encoding::decode(payload).ok_or(Error::NotBase64Url(Part::Payload))?;
        let header: Header = strictly(&header, Part::Header)?;

        let algorithm = header.alg.text().and_then(|alg| alg.parse().ok()).ok_or(Error::Algorithm)?;
        if header.crit.is_there() {
            return Err(Error::Critical);
        }
        if header.b64.is_there() {
            return Err(Error::UnencodedPayload);
        }
        Ok(Self { signed, signature: signature.as_bytes(), payload, algorithm, kid: header.kid, typ: header.typ })
    }

    /// The algorithm the header asks for.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The `kid`, which every token of an issuer has.
    pub(crate) fn kid(&self) -> Result<&str, Error> {
        self.kid.text().filter(|kid| is_name(kid)).ok_or(Error::KeyId)
    }

    /// The `kid`, for those who know which key is meant without it: absent is fine, of the wrong kind is not.
    pub(crate) fn kid_if_any(&self) -> Result<Option<&str>, Error> {
        if self.kid.is_there() { self.kid().map(Some) } else { Ok(None) }
    }

    /// The `typ`, when it is text.
    pub(crate) fn typ(&self) -> Option<&str> {
        self.typ.text()
    }

    /// The `iss` that stands in it. Anyone may have written it.
    pub(crate) fn unverified_issuer(&self) -> Result<String, Error> {
        let claims: Issuer = strictly(&self.payload, Part::Payload)?;
        match claims.iss {
            Member::Text(issuer) => Ok(issuer),
            Member::Absent => Err(Error::MissingClaim("iss")),
            Member::Other => Err(Error::MalformedClaim("iss")),
        }
    }

    /// The one way on: the payload, once the key has said that it signed it.
    pub(crate) fn verify(self, key: &Key) -> Result<Vec<u8>, Error> {
        if self.algorithm != key.algorithm() {
            return Err(Error::WrongAlgorithm);
        }
        let mut room = [0; encoding::MAX_SIGNATURE];
        let length = encoding::ENGINE.decode_slice(self.signature, &mut room).map_err(|fault| match fault {
            base64::DecodeSliceError::DecodeError(_) => Error::NotBase64Url(Part::Signature),
            base64::DecodeSliceError::OutputSliceTooSmall => Error::Signature,
        })?;
        key.verify(self.signed, &room[..length]).map_err(|_| Error::Signature)?;
        Ok(self.payload)
    }
}

/// Reads a JSON object: first strictly, then into its type.
pub(crate) fn strictly<'j, T: Deserialize<'j>>(json: &'j [u8], part: Part) -> Result<T, Error> {
    strict_json::object(json).map_err(|fault| match fault {
        Fault::NotJson => Error::NotJson(part),
        Fault::DuplicateMember => Error::DuplicateMember(part),
        Fault::TooDeep => Error::TooDeep(part),
    })
}

/// Whether the text can name something: 1 to 256 characters.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && (text.len() <= MAX_NAME || text.chars().nth(MAX_NAME).is_none())
}

fn three_parts(token: &str) -> Result<(&str, &str, &str), Error> {
    let mut parts = token.splitn(4, '.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) => Ok((header, payload, signature)),
        _ => Err(Error::NotThreeParts),
    }
}

/// The members of a header that decide something. All others are ignored.
#[derive(Deserialize)]
struct Header {
    #[serde(default)]
    alg: Member,
    #[serde(default)]
    kid: Member,
    #[serde(default)]
    typ: Member,
    #[serde(default)]
    crit: Member,
    #[serde(default)]
    b64: Member,
}

/// The one claim that is read before the signature.
#[derive(Deserialize)]
struct Issuer {
    #[serde(default)]
    iss: Member,
}

/// A member: absent, text, or there and of another kind (`null` too).
#[derive(Default)]
enum Member {
    #[default]
    Absent,
    Text(String),
    Other,
}

impl Member {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Other => None,
        }
    }

    fn is_there(&self) -> bool {
        !matches!(self, Self::Absent)
    }
}

impl<'de> Deserialize<'de> for Member {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyKind)
    }
}

struct AnyKind;

impl<'de> Visitor<'de> for AnyKind {
    type Value = Member;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Member, E> {
        Ok(Member::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Member, E> {
        Ok(Member::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Member, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Member, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Member::Other)
    }
}

//! The one shape of every opaque secret: `<prefix>_<label>_<id>_<secret><check>`.

use zeroize::Zeroize;

use super::{Prefix, base62};

pub(super) const ID: usize = 16;
pub(super) const SECRET: usize = 32;
const CHECK: usize = 6;

/// The id and the secret in `text`. Its length, alphabet and checksum are checked; nothing is looked up.
pub(super) fn parse(prefix: &Prefix, label: &str, text: &str) -> Option<([u8; ID], [u8; SECRET])> {
    let (covered, check) = text.as_bytes().split_last_chunk::<CHECK>()?;
    let rest = covered.strip_prefix(prefix.as_str().as_bytes())?.strip_prefix(b"_")?;
    let (id, rest) = rest.strip_prefix(label.as_bytes())?.strip_prefix(b"_")?.split_first_chunk::<ID>()?;
    let secret: [u8; SECRET] = rest.strip_prefix(b"_")?.try_into().ok()?;
    let is_alphabet = id.iter().chain(&secret).all(u8::is_ascii_alphanumeric);
    (is_alphabet && base62::checksum(covered) == *check).then_some((*id, secret))
}

/// The whole secret as text.
pub(super) fn reveal(prefix: &Prefix, label: &str, id: &[u8; ID], secret: &[u8; SECRET]) -> String {
    let mut text = format!("{}_{label}_", prefix.as_str());
    text.extend(id.iter().map(|byte| char::from(*byte)));
    text.push('_');
    text.extend(secret.iter().map(|byte| char::from(*byte)));
    let mut check = base62::checksum(text.as_bytes());
    text.extend(check.iter().map(|byte| char::from(*byte)));
    check.zeroize();
    text
}

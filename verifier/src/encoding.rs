//! base64url as RFC 7515 2 has it: no padding, no spaces, and no bits left over at the end.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A signature of the longest RSA key there may be.
pub(crate) const MAX_SIGNATURE: usize = 1024;

/// One text for one value: whoever changes a character changes the value.
pub(crate) const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_encode_padding(false),
);

/// The bytes, if the text is exactly their encoding.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

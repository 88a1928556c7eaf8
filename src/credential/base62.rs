//! The alphabet of API keys: `0-9A-Za-z`, in that order, so that a double-click selects a whole key.

use ring::rand::{SecureRandom, SystemRandom};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `N` letters and digits, each as likely as any other.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let source = SystemRandom::new();
    from_bytes(|bytes: &mut [u8; 64]| source.fill(bytes).expect("the operating system has random bytes"))
}

/// `N` letters and digits from a source of uniform bytes, asked again until there are enough.
pub(super) fn from_bytes<const N: usize, const M: usize>(mut fill: impl FnMut(&mut [u8; M])) -> [u8; N] {
    let mut text = [0; N];
    let mut filled = 0;
    while filled < N {
        let mut bytes = [0; M];
        fill(&mut bytes);
        // 248 is the largest multiple of 62 in a byte: what lies above would favour the first letters.
        for byte in bytes.into_iter().filter(|byte| *byte < 248).take(N - filled) {
            text[filled] = ALPHABET[usize::from(byte % 62)];
            filled += 1;
        }
    }
    text
}

/// CRC-32 (ISO-HDLC) of `text` as six letters and digits, padded with `0` on the left.
pub(super) fn checksum(text: &[u8]) -> [u8; 6] {
    let mut rest = crc32fast::hash(text);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

#[cfg(test)]
mod tests {
    #[test]
    fn random_text_is_spread_over_the_whole_alphabet() {
        let text = super::random::<10_000>();

        let distinct: std::collections::BTreeSet<_> = text.iter().collect();

        assert_eq!(distinct.len(), 62);
        assert!(text.iter().all(u8::is_ascii_alphanumeric));
    }
}

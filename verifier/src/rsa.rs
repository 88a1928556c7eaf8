//! RSA public keys, as far as a verifier must judge them (RFC 7518 6.3.1, RFC 8725 3.5).
//!
//! In:    modulus and exponent as big-endian bytes.
//! Out:   whether signatures made with them mean anything.
//! Never: proves that the modulus is a product of two primes; only its owner can.

use crate::error::KeyFault;

const MIN_BITS: usize = 2048;
const MAX_BITS: usize = 8192;
/// The longest exponent that ring takes, in bits. All that are in use have 17 or fewer.
const MAX_EXPONENT_BITS: usize = 33;

/// Whether the numbers have the size and shape of a sound key.
pub(crate) fn check(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyFault> {
    if has_leading_zero(modulus) || has_leading_zero(exponent) {
        return Err(KeyFault::Encoding);
    }
    if !(MIN_BITS..=MAX_BITS).contains(&bits(modulus)) || is_even(modulus) || is_of_a_known_weak_make(modulus) {
        return Err(KeyFault::Modulus);
    }
    if exponent == [1] || is_even(exponent) || bits(exponent) > MAX_EXPONENT_BITS {
        return Err(KeyFault::Exponent);
    }
    Ok(())
}

/// Neither number may be padded; an empty one is no number.
fn has_leading_zero(number: &[u8]) -> bool {
    number.first().is_none_or(|first| *first == 0)
}

fn is_even(number: &[u8]) -> bool {
    number.last().is_none_or(|last| last.is_multiple_of(2))
}

fn bits(number: &[u8]) -> usize {
    let unused = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - unused
}

/// The keys of CVE-2017-15361 give themselves away: modulo every small prime they are a power of 65537.
fn is_of_a_known_weak_make(modulus: &[u8]) -> bool {
    (3..=167_u32).filter(|n| is_prime(*n)).all(|prime| is_power_of_65537(remainder(modulus, prime), prime))
}

fn is_prime(n: u32) -> bool {
    (2..n).all(|divisor| !n.is_multiple_of(divisor))
}

fn remainder(number: &[u8], divisor: u32) -> u32 {
    number.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % divisor)
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let mut power = 1;
    for _ in 1..prime {
        if power == residue {
            return true;
        }
        power = power * (65537 % prime) % prime;
    }
    false
}

//! Which RSA keys count.

use hallpass_verifier::KeyFault;
use rsa::BigUint;

use crate::keys::fault;
use crate::support::rsa_jwk;

/// An odd number of so many bits that is a product of nothing in particular.
fn modulus(bits: usize) -> BigUint {
    let mut bytes = vec![0x5b; bits.div_ceil(8)];
    *bytes.last_mut().unwrap() = 0x5b;
    bytes[0] = u8::try_from(0xff_u32 >> ((8 - bits % 8) % 8)).unwrap();
    BigUint::from_bytes_be(&bytes)
}

fn rsa_fault(n: &BigUint, e: &[u8]) -> Option<KeyFault> {
    let mut jwk = rsa_jwk(&n.to_bytes_be(), e);
    jwk["kid"] = "r1".into();
    fault(&jwk)
}

#[test]
fn an_rsa_modulus_has_2048_to_8192_bits_and_is_odd() {
    let e = &[1, 0, 1];

    for bits in [2048, 2056, 3072, 4096, 8192] {
        assert_eq!(rsa_fault(&modulus(bits), e), None, "{bits}");
    }
    for bits in [8, 512, 1024, 2040, 2047, 8193, 16384, 65536] {
        assert_eq!(rsa_fault(&modulus(bits), e), Some(KeyFault::Modulus), "{bits}");
    }
    assert_eq!(rsa_fault(&(modulus(2048) - 1_u32), e), Some(KeyFault::Modulus), "even");
}

#[test]
fn an_rsa_exponent_is_odd_and_at_least_3() {
    let n = modulus(2048);

    for e in [&[3][..], &[17], &[1, 0, 1], &[1, 0, 0, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), None, "{e:?}");
    }
    for e in [&[1][..], &[2], &[4], &[1, 0, 0], &[1, 0, 0, 0, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), Some(KeyFault::Exponent), "{e:?}");
    }
    for e in [&[][..], &[0], &[0, 1, 0, 1]] {
        assert_eq!(rsa_fault(&n, e), Some(KeyFault::Encoding), "{e:?}");
    }
    let padded = [&[0][..], &n.to_bytes_be()].concat();
    let mut jwk = rsa_jwk(&padded, &[1, 0, 1]);
    jwk["kid"] = "r1".into();
    assert_eq!(fault(&jwk), Some(KeyFault::Encoding));
}

#[test]
fn a_modulus_of_the_make_that_gives_its_factors_away_does_not_count() {
    // Its factors are k·M + 65537^a mod M, so modulo each small prime it is a power of 65537.
    let small: BigUint = (3..=167_u32).filter(|n| (2..*n).all(|d| n % d != 0)).map(BigUint::from).product();
    let power = |a: u32| BigUint::from(65537_u32).modpow(&BigUint::from(a), &small);
    let factor = |a: u32, k: &BigUint| {
        k * 2_u32 * &small
            + power(a)
            + if power(a).to_bytes_le()[0] % 2 == 0 { small.clone() } else { BigUint::from(0_u32) }
    };
    let k = BigUint::from(3_u32) << 805;

    let n = factor(1234, &k) * factor(4321, &k);

    assert!((2048..=2100).contains(&n.bits()), "{}", n.bits());
    assert_eq!(rsa_fault(&n, &[1, 0, 1]), Some(KeyFault::Modulus));
    assert_eq!(rsa_fault(&(n + 2_u32), &[1, 0, 1]), None);
}

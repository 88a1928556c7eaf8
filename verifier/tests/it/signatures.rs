//! Signatures that are not one.

use hallpass_verifier::{Algorithm, Error, Part, verify_jws};
use ring::digest::{SHA512, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use rsa::BigUint;
use serde_json::json;

use crate::support::{House, Signer, b64, claims};

/// The order of P-256.
const N: &str = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
/// The order of the large subgroup of edwards25519.
const L: &str = "1000000000000000000000000000000014DEF9DEA2F79CD65812631A5CF5D3ED";

fn number(hex: &str) -> BigUint {
    BigUint::parse_bytes(hex.as_bytes(), 16).unwrap()
}

fn big_endian(number: &BigUint) -> [u8; 32] {
    let bytes = number.to_bytes_be();
    let mut padded = [0; 32];
    padded[32 - bytes.len()..].copy_from_slice(&bytes);
    padded
}

fn little_endian(number: &BigUint) -> [u8; 32] {
    let mut bytes = big_endian(number);
    bytes.reverse();
    bytes
}

async fn judge(house: &House, token: &str, signature: &[u8]) -> Error {
    let signed = token.rsplit_once('.').unwrap().0;
    house.verify(&format!("{signed}.{}", b64(signature))).await.unwrap_err()
}

fn signature_of(token: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.rsplit('.').next().unwrap()).unwrap()
}

#[tokio::test]
async fn one_flipped_bit_anywhere_is_one_too_many() {
    let house = House::open();

    for signer in house.signers() {
        let good = signer.token(&claims());
        let mut tried = 0;
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bytes = good.clone().into_bytes();
                bytes[position] ^= 1 << bit;
                // What is not even text can't be handed in.
                let Ok(token) = String::from_utf8(bytes) else { continue };
                tried += 1;
                assert!(house.verify(&token).await.is_err(), "{} position {position} bit {bit}", signer.kid);
            }
        }
        assert_eq!(tried, good.len() * 7);
    }
}

#[tokio::test]
async fn r_and_s_are_from_1_to_n_minus_1() {
    let house = House::open();
    let token = house.es256.token(&claims());
    let good = signature_of(&token);
    let (r, s) = good.split_at(32);
    let (zero, n) = ([0; 32], number(N));
    let (n, above, top) = (big_endian(&n), big_endian(&(n + 1_u32)), [0xff; 32]);

    for bad in [zero, n, above, top] {
        for signature in [[&bad, s].concat(), [r, &bad].concat(), [bad, bad].concat()] {
            assert_eq!(judge(&house, &token, &signature).await, Error::Signature);
        }
    }
}

#[tokio::test]
async fn an_ecdsa_signature_has_64_bytes_and_is_no_der() {
    let house = House::open();
    let token = house.es256.token(&claims());
    let good = signature_of(&token);
    let (r, s) = good.split_at(32);
    let integer = |number: &[u8]| {
        let sign: &[u8] = if number[0] >= 0x80 { &[0] } else { &[] };
        let length = u8::try_from(number.len() + sign.len()).unwrap();
        [&[2, length], sign, number].concat()
    };
    let body = [integer(r), integer(s)].concat();
    let der = [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat();

    for signature in [
        der,
        good[..63].to_vec(),
        good[1..].to_vec(),
        [&good[..], &[0]].concat(),
        [&[0], &good[..]].concat(),
        [&[0][..], r, &[0], s].concat(),
        r.to_vec(),
        Vec::new(),
        good.repeat(2),
        vec![0; 1024],
        vec![0; 1025],
        vec![0; 4000],
    ] {
        assert_eq!(judge(&house, &token, &signature).await, Error::Signature, "{} bytes", signature.len());
    }
}

#[tokio::test]
async fn an_rsa_signature_is_as_long_as_the_modulus_and_no_other_scheme() {
    let house = House::open();
    let token = house.rs256.token(&claims());
    let good = signature_of(&token);

    for signature in
        [good[..255].to_vec(), [&good[..], &[0]].concat(), [&[0], &good[..]].concat(), vec![0; 256], vec![0xff; 256]]
    {
        assert_eq!(judge(&house, &token, &signature).await, Error::Signature, "{} bytes", signature.len());
    }
}

#[tokio::test]
async fn an_ed25519_signature_can_be_written_in_one_way_only() {
    let house = House::open();
    let token = house.eddsa.token(&claims());
    let good = signature_of(&token);
    let s = BigUint::from_bytes_le(&good[32..]);
    let s_plus_l = little_endian(&(s + number(L)));
    let mut high_bit = good.clone();
    high_bit[63] |= 0x80;

    for signature in [
        [&good[..32], &s_plus_l].concat(),
        good[..63].to_vec(),
        [&good[..], &[0]].concat(),
        vec![0; 64],
        [&good[..32], &[0; 32]].concat(),
        high_bit,
    ] {
        assert_eq!(judge(&house, &token, &signature).await, Error::Signature);
    }
}

/// Every text that stands for a point of small order, canonical or not, in both signs.
fn small_order() -> Vec<[u8; 32]> {
    let p = (BigUint::from(1_u32) << 255) - 19_u32;
    let eighth = |hex: &str| BigUint::from_bytes_le(&rsa_hex(hex));
    let ys = [
        BigUint::from(0_u32),
        BigUint::from(1_u32),
        &p - 1_u32,
        p.clone(),
        &p + 1_u32,
        eighth("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
        eighth("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    ];
    ys.iter()
        .flat_map(|y| {
            let positive = little_endian(y);
            let mut negative = positive;
            negative[31] |= 0x80;
            [positive, negative]
        })
        .collect()
}

fn rsa_hex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn a_key_of_small_order_is_no_key() {
    let points = small_order();

    for point in points {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(point) });
        // R and S such that 0·B - k·A is R for every other message: what such a key would let through.
        let jws = format!("{}.{}.{}", b64(r#"{"alg":"EdDSA"}"#), b64("any"), b64([point, [0; 32]].concat()));
        let refused = verify_jws(&jws, &jwk.to_string(), Algorithm::EdDsa);
        assert!(matches!(refused, Err(Error::Key(hallpass_verifier::KeyFault::Point))), "{point:02x?}");
    }
}

#[test]
fn an_r_of_small_order_is_refused_though_the_sum_is_right() {
    let seed = [7; 32];
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) }).to_string();
    let signed = format!("{}.{}", b64(r#"{"alg":"EdDSA"}"#), b64("any"));
    // R is the neutral element, so S is k·a.
    let mut r = [0; 32];
    r[0] = 1;
    let mut a: [u8; 32] = digest(&SHA512, &seed).as_ref()[..32].try_into().unwrap();
    a[0] &= 0xf8;
    a[31] = a[31] & 0x3f | 0x40;
    let k = digest(&SHA512, &[&r, pair.public_key().as_ref(), signed.as_bytes()].concat());
    let s = BigUint::from_bytes_le(k.as_ref()) * BigUint::from_bytes_le(&a) % number(L);
    let signature = [r, little_endian(&s)].concat();

    let by_ring = UnparsedPublicKey::new(&ED25519, pair.public_key()).verify(signed.as_bytes(), &signature);
    let by_us = verify_jws(&format!("{signed}.{}", b64(&signature)), &jwk, Algorithm::EdDsa);

    assert!(by_ring.is_ok(), "the sum is right, so the refusal is ours");
    assert_eq!(by_us, Err(Error::Signature));
    // The same element written with the prime added.
    for other in small_order() {
        let signature = [other, little_endian(&s)].concat();
        assert_eq!(verify_jws(&format!("{signed}.{}", b64(&signature)), &jwk, Algorithm::EdDsa), Err(Error::Signature));
    }
}

#[tokio::test]
async fn a_signature_that_is_no_base64url_is_named() {
    let house = House::open();
    let token = house.eddsa.token(&claims());

    let refused = house.verify(&format!("{token}=")).await;

    assert_eq!(refused, Err(Error::NotBase64Url(Part::Signature)));
}

#[tokio::test]
async fn another_key_of_the_same_kind_signed_nothing_of_ours() {
    let house = House::open();

    for other in [Signer::es256("e1"), Signer::eddsa("o1")] {
        assert_eq!(house.verify(&other.token(&claims())).await, Err(Error::Signature));
    }
}

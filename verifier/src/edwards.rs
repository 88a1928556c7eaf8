//! Points of edwards25519, as far as a verifier must judge them (RFC 8032 5.1.3).
//!
//! In:    32 bytes that claim to be a point.
//! Out:   whether they are one that a public key may be; whether they are one of small order.
//! Never: sees a secret, so nothing here takes care to run in constant time.
//!
//! A key of small order verifies signatures that nobody made, and ring takes it.

/// A number below 2^256, least significant limb first. Several may stand for one element of the field.
type Element = [u64; 4];

/// 2^255 - 19.
const P: Element = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];
/// What adding it takes away 1.
const MINUS_ONE: Element = [0xffff_ffff_ffff_ffec, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];
const ZERO: Element = [0; 4];
const ONE: Element = [1, 0, 0, 0];
/// The curve's `d`, -121665/121666.
const D: Element = [0x75eb_4dca_1359_78a3, 0x0070_0a4d_4141_d8ab, 0x8cc7_4079_7779_e898, 0x5203_6cee_2b6f_fe73];
/// (p - 1) / 2: an element to this power is 1 when it is a square.
const HALF: Element = [0xffff_ffff_ffff_fff6, u64::MAX, u64::MAX, 0x3fff_ffff_ffff_ffff];

/// The `y` of every point whose order divides 8; the sign of `x` makes no difference.
const SMALL_ORDER: [Element; 5] = [
    ZERO,
    ONE,
    MINUS_ONE,
    [0x4fd8_4d3d_706a_17c7, 0x0f67_100d_760b_3cba, 0xc6cc_392c_fa53_202a, 0x7a03_ac92_77fd_c74e],
    [0xb027_b2c2_8f95_e826, 0xf098_eff2_89f4_c345, 0x3933_c6d3_05ac_dfd5, 0x05fc_536d_8802_38b1],
];

/// Whether a public key may be this: a point on the curve, written the one canonical way, not of small order.
pub(crate) fn is_good_key(encoding: &[u8; 32]) -> bool {
    let y = y_of(encoding);
    is_below_p(&y) && is_on_curve(&y) && !is_small_order(encoding)
}

/// Whether these bytes, canonical or not, stand for a point of small order.
pub(crate) fn is_small_order(encoding: &[u8; 32]) -> bool {
    SMALL_ORDER.contains(&reduced(y_of(encoding)))
}

/// The encoding without the sign of `x`, its top bit.
fn y_of(encoding: &[u8; 32]) -> Element {
    let mut y = ZERO;
    for (limb, bytes) in y.iter_mut().zip(encoding.as_chunks().0) {
        *limb = u64::from_le_bytes(*bytes);
    }
    y[3] &= u64::MAX >> 1;
    y
}

/// x² = (y² - 1) / (d·y² + 1) has a solution; the denominator is never zero.
fn is_on_curve(y: &Element) -> bool {
    let y_squared = product(y, y);
    let numerator = sum(&y_squared, &MINUS_ONE);
    let denominator = sum(&product(&D, &y_squared), &ONE);
    let euler = power(&product(&numerator, &denominator), &HALF);
    matches!(reduced(euler), ZERO | ONE)
}

fn is_below_p(element: &Element) -> bool {
    element.iter().rev().lt(P.iter().rev())
}

fn sum(a: &Element, b: &Element) -> Element {
    let mut total = ZERO;
    let mut carry = 0;
    for (limb, (a, b)) in total.iter_mut().zip(a.iter().zip(b)) {
        (*limb, carry) = split(u128::from(*a) + u128::from(*b) + u128::from(carry));
    }
    fold(total, carry)
}

fn product(a: &Element, b: &Element) -> Element {
    let mut wide = [0; 8];
    for (i, a) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, b) in b.iter().enumerate() {
            (wide[i + j], carry) = split(u128::from(*a) * u128::from(*b) + u128::from(wide[i + j]) + u128::from(carry));
        }
        wide[i + 4] = carry;
    }
    // 2^256 is 38.
    let mut total = ZERO;
    let mut carry = 0;
    for (i, limb) in total.iter_mut().enumerate() {
        (*limb, carry) = split(u128::from(wide[i + 4]) * 38 + u128::from(wide[i]) + u128::from(carry));
    }
    fold(total, carry)
}

/// `base` to the power of `exponent`, bit by bit from the top.
fn power(base: &Element, exponent: &Element) -> Element {
    let mut result = ONE;
    for limb in exponent.iter().rev() {
        for bit in (0..64).rev() {
            result = product(&result, &result);
            if limb >> bit & 1 == 1 {
                result = product(&result, base);
            }
        }
    }
    result
}

/// What ran over 2^256 comes back in as 38 times itself.
fn fold(mut element: Element, mut over: u64) -> Element {
    while over != 0 {
        let mut carry = over * 38;
        for limb in &mut element {
            (*limb, carry) = split(u128::from(*limb) + u128::from(carry));
        }
        over = carry;
    }
    element
}

/// The one representative below p.
fn reduced(mut element: Element) -> Element {
    while !is_below_p(&element) {
        let mut borrow = false;
        for (limb, p) in element.iter_mut().zip(P) {
            let (once, first) = limb.overflowing_sub(p);
            let (twice, second) = once.overflowing_sub(u64::from(borrow));
            (*limb, borrow) = (twice, first || second);
        }
    }
    element
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
fn split(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

//! The people of the demo: each one a case that a client meets sooner or later.

/// Somebody who does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their name at this provider; never changes.
    pub sub: &'static str,
    /// For showing.
    pub name: &'static str,
    /// Their address, if they gave one.
    pub email: Option<&'static str>,
    /// Whether this provider vouches for the address.
    pub is_email_verified: bool,
    /// The name they go by.
    pub preferred_username: &'static str,
    /// What they belong to.
    pub groups: &'static [&'static str],
}

const PEOPLE: [Person; 5] = [
    Person {
        sub: "demo-ada",
        name: "Ada Lovelace",
        email: Some("ada@example.com"),
        is_email_verified: true,
        preferred_username: "ada",
        groups: &["engineering", "admins"],
    },
    Person {
        sub: "demo-grace",
        name: "Grace Hopper",
        email: Some("grace@example.com"),
        is_email_verified: true,
        preferred_username: "grace",
        groups: &["engineering"],
    },
    // An address that nobody vouches for must not open what belongs to it.
    Person {
        sub: "demo-alan",
        name: "Alan Turing",
        email: Some("alan@example.com"),
        is_email_verified: false,
        preferred_username: "alan",
        groups: &["engineering"],
    },
    Person {
        sub: "demo-zoe",
        name: "Zoë Núñez",
        email: Some("zoe@example.org"),
        is_email_verified: true,
        preferred_username: "zoe",
        groups: &[],
    },
    Person {
        sub: "demo-niko",
        name: "Niko",
        email: None,
        is_email_verified: false,
        preferred_username: "niko",
        groups: &[],
    },
];

/// Everybody there is.
#[must_use]
pub fn people() -> &'static [Person] {
    &PEOPLE
}

/// The person `sub`.
pub(super) fn find(sub: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.sub == sub)
}

/// Whom a `login_hint` means.
pub(super) fn hinted(hint: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| {
        let is_email = person.email.is_some_and(|email| email.eq_ignore_ascii_case(hint));
        is_email || person.preferred_username == hint || person.sub == hint
    })
}

//! The claims of an access token, by the type that the server signs.

use super::fields::{Field, fields};
use super::{Page, cell, code, table};

const FILE: &str = "verifier/src/claims/mod.rs";
/// What a verifier understands and no server of ours says yet.
const RESERVED: [&str; 3] = ["status", "act", "cnf"];
/// What is about a person.
const OF_PEOPLE: [&str; 8] =
    ["auth_time", "sid", "email", "email_verified", "name", "preferred_username", "groups", "roles"];

/// What JSON has for a type.
fn kind(field: &Field) -> String {
    let inner = field.kind.strip_prefix("Option<").and_then(|kind| kind.strip_suffix('>')).unwrap_or(&field.kind);
    let words = match inner {
        "String" | "Scope" => "text",
        "Audience" => "text or array",
        "NumericDate" => "seconds",
        "bool" => "true or false",
        "Vec<String>" => "array of text",
        "Status" | "Actor" | "Confirmation" => "object",
        other => panic!("{}: what is {other} for a reader?", field.name),
    };
    words.to_owned()
}

fn rows(is_here: impl Fn(&str) -> bool) -> String {
    let claims = fields(FILE, "Claims").into_iter().filter(|field| is_here(&field.name));
    table(["claim", "kind", ""], claims.map(|field| [code(&field.name), kind(&field), cell(&field.doc)]))
}

#[test]
fn the_claims_are_those_that_are_signed() {
    let is_reserved = |name: &str| RESERVED.contains(&name);
    let is_of_people = |name: &str| OF_PEOPLE.contains(&name);

    Page::open("reference/claims.md")
        .with("claims of every token", &rows(|name| !is_reserved(name) && !is_of_people(name)))
        .with("claims of people", &rows(is_of_people))
        .with("claims to come", &rows(is_reserved))
        .hold();
}

//! Claims: what is told about a person, as far as the scope goes (OpenID Connect Core 1.0 section 5.4).

use serde_json::{Map, Value, json};

use super::Person;

/// `sub`, and what each scope shows. What a person has not is left out (section 5.3.2).
pub(super) fn about(person: &Person, scope: &[String]) -> Map<String, Value> {
    let has = |name: &str| scope.iter().any(|scope| scope == name);
    let mut claims = Map::new();
    let mut tell = |name: &str, value: Value| claims.insert(name.to_owned(), value);
    tell("sub", json!(person.sub));
    if has("profile") {
        tell("name", json!(person.name));
        tell("preferred_username", json!(person.preferred_username));
    }
    if let Some(email) = person.email.filter(|_| has("email")) {
        tell("email", json!(email));
        tell("email_verified", json!(person.is_email_verified));
    }
    if has("groups") && !person.groups.is_empty() {
        tell("groups", json!(person.groups));
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::super::people;
    use super::*;

    fn names(person: &Person, scope: &[&str]) -> Vec<String> {
        let scope: Vec<String> = scope.iter().map(|scope| (*scope).to_owned()).collect();
        about(person, &scope).keys().cloned().collect()
    }

    #[test]
    fn a_scope_shows_its_claims_and_no_other() {
        let (ada, niko) = (&people()[0], &people()[4]);

        assert_eq!(names(ada, &["openid"]), ["sub"]);
        assert_eq!(names(ada, &["openid", "profile"]), ["sub", "name", "preferred_username"]);
        assert_eq!(names(ada, &["openid", "email", "groups"]), ["sub", "email", "email_verified", "groups"]);
        assert_eq!(names(niko, &["openid", "email", "groups"]), ["sub"]);
    }
}

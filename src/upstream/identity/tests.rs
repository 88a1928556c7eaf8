use serde_json::json;

use super::super::Preset;
use super::*;

fn object(value: Value) -> Claims {
    serde_json::from_value(value).unwrap()
}

fn read(mapping: &ClaimMapping, documents: &[Value]) -> Identity {
    let documents: Vec<Claims> = documents.iter().cloned().map(object).collect();
    Identity::read("https://id.example", "u1", mapping, &documents.iter().collect::<Vec<_>>())
}

fn standard(documents: &[Value]) -> Identity {
    read(&ClaimMapping::default(), documents)
}

#[test]
fn the_id_token_comes_first_and_userinfo_fills_in() {
    let identity = standard(&[
        json!({ "name": "Ada", "acr": "2", "amr": ["pwd", "otp"], "auth_time": 5 }),
        json!({ "name": "Eve", "preferred_username": "ada", "groups": ["a", "b", "a"], "acr": "9" }),
    ]);

    assert_eq!(identity.name.as_deref(), Some("Ada"));
    assert_eq!(identity.preferred_username.as_deref(), Some("ada"));
    assert_eq!(identity.groups, ["a", "b"]);
    assert_eq!((identity.acr.as_deref(), identity.auth_time), (Some("2"), Some(5)));
    assert_eq!(identity.amr, ["pwd", "otp"]);
}

#[test]
fn an_address_is_verified_only_by_a_word_about_it() {
    let (token, other) = (json!({ "email": "a@x.example" }), json!({ "email": "b@x.example", "email_verified": true }));
    let word_alone = json!({ "email_verified": true });

    let both = standard(&[token.clone(), other.clone()]);
    assert_eq!((both.email.as_deref(), both.is_email_verified), (Some("b@x.example"), true));
    let apart = standard(&[token.clone(), word_alone.clone()]);
    assert_eq!((apart.email.as_deref(), apart.is_email_verified), (Some("a@x.example"), false));
    let reverse = standard(&[word_alone, token]);
    assert_eq!((reverse.email.as_deref(), reverse.is_email_verified), (Some("a@x.example"), false));
}

#[test]
fn only_a_plain_yes_verifies() {
    let verified =
        |word: Value| standard(&[json!({ "email": "a@x.example", "email_verified": word })]).is_email_verified;

    assert!([json!(true), json!("true"), json!("1"), json!(1)].into_iter().all(verified));
    for no in [json!(false), json!("false"), json!("yes"), json!(2), json!([true]), json!({}), Value::Null] {
        assert!(!verified(no.clone()), "{no}");
    }
}

#[test]
fn an_entra_address_is_unverified_until_the_tenant_says_whose_it_is() {
    let mapping = Preset::Microsoft.claims();
    let claims = |edov: Value| json!({ "email": "a@x.example", "email_verified": true, "xms_edov": edov });

    assert!(!read(&mapping, &[json!({ "email": "a@x.example", "email_verified": true })]).is_email_verified);
    assert!(!read(&mapping, &[claims(json!(false))]).is_email_verified);
    assert!(read(&mapping, &[claims(json!(true))]).is_email_verified);
}

#[test]
fn a_path_leads_through_objects_and_a_whole_name_wins() {
    let mapping = ClaimMapping { groups: Some("realm_access.roles".to_owned()), ..ClaimMapping::default() };
    let of = |document: Value| read(&mapping, &[document]).groups;

    assert_eq!(of(json!({ "realm_access": { "roles": ["admin"] } })), ["admin"]);
    assert_eq!(of(json!({ "realm_access.roles": "one", "realm_access": { "roles": ["admin"] } })), ["one"]);
    assert_eq!(of(json!({ "realm_access": "roles" })), [""; 0]);
    let name = "https://acme.example/groups";
    let mapping = ClaimMapping { groups: Some(name.to_owned()), ..ClaimMapping::default() };
    assert_eq!(read(&mapping, &[json!({ name: ["x"] })]).groups, ["x"]);
}

#[test]
fn what_can_not_be_kept_is_left_out() {
    let identity = standard(&[json!({
        "email": "no address", "name": "x".repeat(257), "preferred_username": "a\0b",
        "groups": [1, null, "", "ok", ["in"], "a\nb"], "amr": "pwd", "auth_time": "now",
    })]);

    assert_eq!((identity.email, identity.name, identity.preferred_username), (None, None, None));
    assert_eq!(identity.groups, ["ok"]);
    assert_eq!((identity.amr, identity.auth_time), (vec!["pwd".to_owned()], None));
    let many: Vec<String> = (0..1000).map(|group| group.to_string()).collect();
    assert_eq!(standard(&[json!({ "groups": many })]).groups.len(), limit::LIST_MAX);
}

#[test]
fn what_the_mapping_does_not_look_for_is_not_missed() {
    let none = ClaimMapping { email: None, email_verified: None, name: None, preferred_username: None, groups: None };
    let claims = object(json!({ "email": "a@x.example", "email_verified": true, "name": "Ada", "groups": [] }));

    assert!(!is_incomplete(&none, &Claims::new()));
    assert!(is_incomplete(&ClaimMapping::default(), &claims));
    assert!(!is_incomplete(&ClaimMapping { preferred_username: None, ..ClaimMapping::default() }, &claims));
}

//! Who comes in, as whom, and with which roles.

use std::collections::BTreeMap;

use hallpass::flow::{AppWish, ResourceWish};
use hallpass::policy::admission::Admission;
use serde_json::{Value, json};

use super::GLOBEX;
use crate::support::{ACME, Browser, ORDERS, Portal, owned};

fn domains(domains: &[&str]) -> Admission {
    Admission { allowed_domains: owned(domains), ..Admission::default() }
}

/// The rule that makes `group` a `role`.
fn role(group: &str, role: &str) -> Admission {
    Admission { roles: BTreeMap::from([(group.to_owned(), owned(&[role]))]), ..Admission::default() }
}

#[tokio::test]
async fn only_verified_addresses_of_allowed_domains_come_in() {
    let portal = Portal::open().await;
    portal.admits(ACME, domains(&["acme.example"])).await;

    for (email, is_verified, code) in [
        (json!("ada@evil.test"), json!(true), "domain_not_allowed"),
        (json!("ada@acme.example.evil.test"), json!(true), "domain_not_allowed"),
        (json!("ada@sub.acme.example"), json!(true), "domain_not_allowed"),
        (json!("\"ada@acme.example\"@evil.test"), json!(true), "domain_not_allowed"),
        (json!("ada@acme.example"), json!(false), "email_not_verified"),
        (json!("ada@acme.example"), json!("yes"), "email_not_verified"),
        (json!("ada@acme.example"), Value::Null, "email_not_verified"),
        (Value::Null, json!(true), "email_not_verified"),
        (json!(["ada@acme.example"]), json!(true), "email_not_verified"),
    ] {
        portal.provider.state().person["email"] = email.clone();
        portal.provider.state().person["email_verified"] = is_verified.clone();
        let mut browser = Browser::new(&portal.house);
        let reply = portal.come_in(&mut browser).await;

        assert_eq!(reply.stop(), (403, code.to_owned()), "{email} {is_verified}");
        assert!(!portal.is_signed_in(&mut browser).await);
    }
    assert_eq!(portal.users().await, 0, "nothing is remembered of who may not come in");
    portal.provider.state().person["email"] = json!("ada@ACME.example");
    portal.provider.state().person["email_verified"] = json!(true);
    assert_eq!(portal.come_in(&mut Browser::new(&portal.house)).await.status, 303);
}

#[tokio::test]
async fn a_verified_address_may_be_required_of_any_domain() {
    let portal = Portal::open().await;
    portal.admits(ACME, Admission { requires_verified_email: true, ..Admission::default() }).await;

    portal.provider.state().person["email_verified"] = json!(false);
    let unverified = portal.come_in(&mut Browser::new(&portal.house)).await;
    portal.provider.state().person["email_verified"] = json!(true);
    let verified = portal.come_in(&mut Browser::new(&portal.house)).await;

    assert_eq!((unverified.stop(), verified.status), ((403, "email_not_verified".to_owned()), 303));
}

#[tokio::test]
async fn a_rule_that_changed_counts_at_the_next_sign_in() {
    let portal = Portal::open().await;
    let mut browser = portal.browser_of("ada-1").await;

    portal.admits(ACME, domains(&["other.example"])).await;
    let again = portal.come_in(&mut Browser::new(&portal.house)).await;

    assert_eq!(again.stop().1, "domain_not_allowed");
    assert!(portal.is_signed_in(&mut browser).await, "who is in stays until the session ends");
}

#[tokio::test]
async fn groups_become_the_roles_that_the_operator_says_and_no_others() {
    let portal = Portal::open().await;
    portal.admits(ACME, role("engines", "mechanic")).await;
    let claims = Some(owned(&["groups", "roles"]));
    portal.house.change_resource(ORDERS, ResourceWish { claims, ..ResourceWish::default() }).await;
    portal.provider.state().person["roles"] = json!(["admin"]);

    let tokens = portal.tokens(&mut Browser::new(&portal.house), &[("scope", "openid roles orders:read")]).await;
    let claims = portal.house.verify(&tokens.access, ORDERS).await.unwrap();
    let userinfo = portal.userinfo(&tokens.access).await.json();

    assert_eq!(claims.roles, Some(owned(&["mechanic"])), "a role that the provider claims is none");
    assert_eq!(claims.groups, Some(owned(&["engines", "poets"])));
    assert_eq!((&userinfo["roles"], userinfo.get("groups")), (&json!(["mechanic"]), None));
}

#[tokio::test]
async fn an_app_with_roles_admits_who_has_one_and_for_as_long() {
    let portal = Portal::open().await;
    portal.admits(ACME, role("engines", "mechanic")).await;
    portal.change_app(AppWish { roles: Some(owned(&["mechanic", "owner"])), ..AppWish::default() }).await;
    let mut browser = Browser::new(&portal.house);
    let tokens = portal.tokens(&mut browser, &[]).await;

    portal.provider.state().person["groups"] = json!(["poets"]);
    let mut elsewhere = Browser::new(&portal.house);
    let refused = portal.authorize(&mut elsewhere, &[("prompt", "login")]).await;
    let refreshed = portal.refresh(&tokens.refresh, &[]).await;

    assert_eq!(refused.sent("error").as_deref(), Some("access_denied"));
    assert_eq!((refused.sent("state").as_deref(), refused.sent("code")), (Some("s-1"), None));
    assert_eq!(refreshed.refusal(), (400, "invalid_grant".to_owned()), "the role is gone since the last sign-in");
    assert!(!portal.is_active(&tokens.access).await);
    assert_eq!(portal.userinfo(&tokens.access).await.status, 401);
}

#[tokio::test]
async fn a_person_is_an_issuer_and_a_subject_byte_for_byte() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;

    let mut users = Vec::new();
    for subject in ["ada-1", "Ada-1", "ADA-1", "ada-1 ", " ada-1", "ada‐1", "ada-1\u{301}", "ada-\u{661}"] {
        users.push(portal.user_in(&portal.browser_of(subject).await).await);
    }
    let mut at_globex = Browser::new(&portal.house);
    let back = portal.back_from(&mut at_globex, GLOBEX, &globex).await;
    at_globex.get(back.as_str()).await;
    users.push(portal.user_in(&at_globex).await);
    let again = portal.user_in(&portal.browser_of("ada-1").await).await;

    assert_eq!(again, users[0]);
    users.sort_unstable();
    users.dedup();
    assert_eq!((users.len(), portal.users().await), (9, 9));
}

#[tokio::test]
async fn a_subject_outlives_every_change_of_address_and_name() {
    let portal = Portal::open().await;
    let first = portal.user_in(&portal.browser_of("ada-1").await).await;

    portal.provider.state().person = json!({ "sub": "ada-1", "email": "countess@other.example", "name": "A. King" });
    let mut browser = Browser::new(&portal.house);
    portal.come_in(&mut browser).await;

    assert_eq!(portal.user_in(&browser).await, first);
    let account = browser.get("/account").await;
    assert!(account.text().contains("A. King") && !account.text().contains("ada-1@acme.example"));
}

#[tokio::test]
async fn a_subject_that_is_none_is_nobody() {
    let portal = Portal::open().await;
    let long = "x".repeat(256);

    for subject in [json!(""), json!("a\u{0}b"), json!("a\nb"), json!(long), json!(7), json!(null), json!(["a"])] {
        portal.provider.says("claims", "sub", subject.clone());
        let reply = portal.come_in(&mut Browser::new(&portal.house)).await;
        assert_eq!(reply.stop(), (502, "provider_error".to_owned()), "{subject}");
    }
    assert_eq!(portal.users().await, 0);
}

#[tokio::test]
async fn nobody_is_kept_out_by_odd_claims_and_none_of_them_is_kept() {
    let portal = Portal::open().await;
    portal.provider.state().person = json!({
        "sub": "odd", "email": "a\u{0}@acme.example", "email_verified": "perhaps", "name": "a\u{0}b",
        "preferred_username": { "x": 1 }, "groups": [1, null, "g\u{0}", "fine", "fine"],
    });

    let mut browser = Browser::new(&portal.house);
    let reply = portal.come_in(&mut browser).await;

    assert_eq!(reply.status, 303, "{reply:?}");
    let (user, _) = portal.house.flows.find_user(&portal.user_in(&browser).await).await.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&user.claims).unwrap(),
        json!({ "email_verified": false, "groups": ["fine"] })
    );
}

//! One person, several identities: linked by the person, or by an address that both sides verified, and never else.

use hallpass::policy::admission::Admission;
use serde_json::json;

use super::GLOBEX;
use crate::support::{ACME, Browser, Portal, Provider, Reply};

/// The rule that lets a provider join accounts.
fn links() -> Admission {
    Admission { links_by_email: true, ..Admission::default() }
}

/// A browser in which somebody came in at the second provider.
async fn at_globex(portal: &Portal, globex: &Provider) -> Browser {
    let mut browser = Browser::new(&portal.house);
    let back = portal.back_from(&mut browser, GLOBEX, globex).await;
    let reply = browser.get(back.as_str()).await;
    assert_eq!(reply.status, 303, "{reply:?}");
    browser
}

/// The person in `browser` goes to the second provider, to sign in that way too: what they bring back.
async fn leave_to_link(browser: &mut Browser, globex: &Provider) -> String {
    let account = browser.get("/account").await;
    let leaves = browser.submit(&account, "/account/identities/link", &[("provider", GLOBEX)]).await;
    globex.visit(&leaves.location().parse().unwrap()).await.into()
}

async fn identities(portal: &Portal, user: &str) -> usize {
    portal.house.flows.list_own_identities(user).await.unwrap().len()
}

fn notice(reply: &Reply) -> &str {
    reply.location().split_once("notice=").map_or("", |(_, notice)| notice)
}

#[tokio::test]
async fn a_person_who_is_signed_in_links_a_second_identity() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    globex.state().person = json!({ "sub": "countess", "name": "A. King" });
    let mut browser = portal.browser_of("ada-1").await;
    let ada = portal.user_in(&browser).await;

    let back = leave_to_link(&mut browser, &globex).await;
    let linked = browser.get(&back).await;
    let named = browser.get("/account/sessions").await;
    let by_globex = portal.user_in(&at_globex(&portal, &globex).await).await;
    let by_acme = portal.user_in(&portal.browser_of("ada-1").await).await;

    assert_eq!(notice(&linked), "identity-linked");
    assert!(named.text().contains("The name of ada-1") && !named.text().contains("A. King"), "{}", named.text());
    assert_eq!((by_globex, by_acme), (ada.clone(), ada.clone()));
    assert_eq!((identities(&portal, &ada).await, portal.users().await), (2, 1));
}

#[tokio::test]
async fn an_identity_of_somebody_else_is_not_linked() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    let other = portal.user_in(&at_globex(&portal, &globex).await).await;
    let mut browser = portal.browser_of("ada-2").await;
    let ada = portal.user_in(&browser).await;

    let back = leave_to_link(&mut browser, &globex).await;
    let reply = browser.get(&back).await;

    assert_eq!(notice(&reply), "identity-taken");
    assert_eq!(portal.user_in(&browser).await, ada, "they stay who they are");
    assert_eq!((identities(&portal, &ada).await, identities(&portal, &other).await), (1, 1));
}

#[tokio::test]
async fn who_is_not_there_any_more_links_nothing() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    let mut stolen = portal.browser_of("ada-1").await;
    let mut handed_on = stolen.clone();
    let ada = portal.user_in(&stolen).await;
    let (back, again) = (leave_to_link(&mut stolen, &globex).await, leave_to_link(&mut handed_on, &globex).await);

    let session = portal.house.flows.list_own_sessions(&ada).await.unwrap().remove(0);
    portal.house.flows.end_session(&ada, &session.id).await.unwrap();
    let after_the_end = stolen.get(&back).await;
    portal.is_at_provider("bob-1");
    portal.come_in(&mut handed_on).await;
    let as_somebody_else = handed_on.get(&again).await;

    assert_eq!(after_the_end.stop(), (400, "login_state".to_owned()));
    assert_eq!(as_somebody_else.stop(), (400, "login_state".to_owned()));
    assert!(globex.asked("/token").is_empty());
    assert_eq!(identities(&portal, &ada).await, 1);
}

#[tokio::test]
async fn an_address_joins_accounts_only_when_both_providers_may_and_both_verified_it() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;

    for case in 0..16_u8 {
        let is = |bit: u8| case & (1 << bit) != 0;
        let rule = |may| if may { links() } else { Admission::default() };
        portal.admits(ACME, rule(is(0))).await;
        portal.admits(GLOBEX, rule(is(1))).await;
        let email = format!("ada-{case}@acme.example");
        portal.provider.state().person = json!({ "sub": format!("a-{case}"), "email": email, "email_verified": is(2) });
        globex.state().person =
            json!({ "sub": format!("g-{case}"), "email": email.to_uppercase(), "email_verified": is(3) });

        let mut first = Browser::new(&portal.house);
        portal.come_in(&mut first).await;
        let second = at_globex(&portal, &globex).await;

        let is_one = portal.user_in(&first).await == portal.user_in(&second).await;
        assert_eq!(is_one, case == 0b1111, "{case:04b}");
    }
}

#[tokio::test]
async fn an_address_that_only_looks_the_same_joins_nothing() {
    let portal = Portal::open().await;
    let globex = portal.second(links()).await;
    portal.admits(ACME, links()).await;

    for (own, other) in [
        ("kate@acme.example", "\u{212A}ate@acme.example"),
        ("jose@acme.example", "jos\u{e9}@acme.example"),
        ("strasse@acme.example", "straße@acme.example"),
        ("sue@acme.example", "\u{17f}ue@acme.example"),
        ("i@acme.example", "\u{130}@acme.example"),
        ("tom@acme.example", "tom@acme.example."),
        ("tom+1@acme.example", "tom@acme.example"),
    ] {
        portal.provider.state().person = json!({ "sub": own, "email": own, "email_verified": true });
        globex.state().person = json!({ "sub": other, "email": other, "email_verified": true });
        let mut first = Browser::new(&portal.house);
        portal.come_in(&mut first).await;
        let second = at_globex(&portal, &globex).await;

        assert_ne!(portal.user_in(&first).await, portal.user_in(&second).await, "{own} {other}");
    }
}

#[tokio::test]
async fn of_two_with_the_same_address_nobody_can_tell_who_is_meant() {
    let portal = Portal::open().await;
    let globex = portal.second(links()).await;
    let person = |sub: &str| json!({ "sub": sub, "email": "team@acme.example", "email_verified": true });
    let mut users = Vec::new();
    for subject in ["one", "other"] {
        portal.provider.state().person = person(subject);
        let mut browser = Browser::new(&portal.house);
        portal.come_in(&mut browser).await;
        users.push(portal.user_in(&browser).await);
    }
    portal.admits(ACME, links()).await;

    globex.state().person = person("third");
    let third = portal.user_in(&at_globex(&portal, &globex).await).await;

    assert_ne!(users[0], users[1], "they were made before anything was joined");
    assert!(!users.contains(&third));
}

#[tokio::test]
async fn one_way_to_sign_in_can_be_taken_away_and_the_last_one_stays() {
    let portal = Portal::open().await;
    let globex = portal.second(Admission::default()).await;
    globex.state().person = json!({ "sub": "countess" });
    let mut browser = portal.browser_of("ada-1").await;
    let mut other = portal.browser_of("bob-1").await;
    let ada = portal.user_in(&browser).await;
    let back = leave_to_link(&mut browser, &globex).await;
    browser.get(&back).await;
    let mut by_globex = at_globex(&portal, &globex).await;
    let mut by_acme = portal.browser_of("ada-1").await;
    let own = portal.house.flows.list_own_identities(&ada).await.unwrap();
    let id_of = |is_first: bool| &own.iter().find(|row| (row.provider == ACME) == is_first).unwrap().id;
    let (first, second) = (id_of(true), id_of(false));

    let page = other.get("/account").await;
    let by_another = other.submit(&page, "/account/identities/unlink", &[("identity", first)]).await;
    let page = browser.get("/account").await;
    let unlinked = browser.submit(&page, "/account/identities/unlink", &[("identity", second)]).await;
    let again = browser.submit(&page, "/account/identities/unlink", &[("identity", second)]).await;
    let last = browser.submit(&page, "/account/identities/unlink", &[("identity", first)]).await;

    let notices = [&by_another, &unlinked, &again, &last].map(notice);
    assert_eq!(notices, ["gone", "identity-unlinked", "gone", "last-identity"]);
    assert_eq!(identities(&portal, &ada).await, 1);
    let signed_in = async |browser: &mut Browser| portal.is_signed_in(browser).await;
    let still = [signed_in(&mut browser).await, signed_in(&mut by_acme).await, signed_in(&mut by_globex).await];
    assert_eq!(still, [true, true, false], "who came in that way is out, but for the browser at hand");
    assert_ne!(portal.user_in(&at_globex(&portal, &globex).await).await, ada, "that way leads to somebody new");
}

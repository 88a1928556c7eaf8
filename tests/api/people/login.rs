//! Coming back from a provider: whose answer it is, to which login, in which browser.

use std::time::Duration;

use hallpass::policy::admission::Admission;

use super::{GLOBEX, parameter, with_parameter};
use crate::support::{ACME, Browser, Portal, Reply};

fn unknown_state() -> (u16, String) {
    (400, "login_state".to_owned())
}

fn sets_session(reply: &Reply) -> bool {
    reply.cookies().iter().any(|line| line.starts_with("hallpass-session="))
}

#[tokio::test]
async fn a_state_that_is_missing_or_wrong_ends_on_a_page_before_the_code_is_shown() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    let state = parameter(&back, "state");
    let wrong = [None, Some(""), Some("x"), Some(&state[1..]), Some(&*state.to_uppercase()), Some("\u{0}")];

    for value in wrong {
        let reply = browser.get(with_parameter(&back, "state", value).as_str()).await;

        assert_eq!(reply.status, 400, "{value:?}: {reply:?}");
        assert!(!sets_session(&reply), "{reply:?}");
    }
    let twice = browser.get(&format!("{back}&state={state}")).await;

    assert_eq!(twice.stop(), unknown_state());
    assert!(portal.provider.asked("/token").is_empty());
    assert_eq!((portal.users().await, portal.is_signed_in(&mut browser).await), (0, false));
    assert!(sets_session(&browser.get(back.as_str()).await), "the right answer still comes in");
}

#[tokio::test]
async fn a_state_is_spent_before_the_provider_is_asked_and_works_once() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;

    let first = browser.get(back.as_str()).await;
    let again = browser.get(back.as_str()).await;

    assert_eq!((first.status, again.stop()), (303, unknown_state()));
    assert_eq!(portal.provider.asked("/token").len(), 1);
    assert!(portal.is_signed_in(&mut browser).await, "who is in stays in");
}

#[tokio::test]
async fn of_fifty_who_come_back_with_one_state_one_comes_in_and_the_code_is_shown_once() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;

    let all = (0..50).map(|_| {
        let (mut browser, back) = (browser.clone(), back.clone());
        tokio::spawn(async move { browser.get(back.as_str()).await.status })
    });
    let mut statuses = Vec::new();
    for one in all.collect::<Vec<_>>() {
        statuses.push(one.await.unwrap());
    }

    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[48], statuses[49]), (303, 400, 400), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1);
    assert_eq!(portal.provider.asked("/token").len(), 1);
}

#[tokio::test]
async fn a_code_that_failed_is_not_shown_again() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    portal.provider.answers("/token", crate::support::Served::BreaksOff);

    let first = browser.get(back.as_str()).await;
    portal.provider.mends("/token");
    let again = browser.get(back.as_str()).await;

    assert_eq!((first.stop(), again.stop()), ((502, "provider_error".to_owned()), unknown_state()));
    assert_eq!(portal.provider.asked("/token").len(), 1);
}

#[tokio::test]
async fn a_state_waits_a_quarter_of_an_hour() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let (late, in_time) = (portal.back(&mut browser).await, portal.back(&mut browser).await);

    portal.house.advance(Duration::from_secs(15 * 60 - 1));
    let first = browser.get(in_time.as_str()).await;
    portal.house.advance(Duration::from_secs(1));
    let second = browser.get(late.as_str()).await;

    assert_eq!((first.status, second.stop()), (303, unknown_state()));
    assert_eq!(portal.provider.asked("/token").len(), 1);
}

#[tokio::test]
async fn the_state_of_another_browser_is_refused_and_stays_its_own() {
    let portal = Portal::open().await;
    let (mut attacker, mut stranger) = (Browser::new(&portal.house), Browser::new(&portal.house));
    let mut victim = portal.browser_of("victim").await;
    let victim_id = portal.user_in(&victim).await;
    portal.is_at_provider("attacker");
    let back = portal.back(&mut attacker).await;
    let asked = portal.provider.asked("/token").len();

    let in_victims = victim.get(back.as_str()).await;
    let in_strangers = stranger.get(back.as_str()).await;

    assert_eq!((in_victims.stop(), in_strangers.stop()), (unknown_state(), unknown_state()));
    assert_eq!(portal.provider.asked("/token").len(), asked);
    assert_eq!(portal.user_in(&victim).await, victim_id, "nobody was signed in as somebody else");
    assert_eq!(attacker.get(back.as_str()).await.status, 303);
}

#[tokio::test]
async fn two_tabs_come_back_each_by_itself_and_their_answers_can_not_be_crossed() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let (one, other) = (portal.back(&mut browser).await, portal.back(&mut browser).await);
    let third = portal.back(&mut browser).await;
    let crossed = with_parameter(&one, "code", Some(&parameter(&other, "code")));

    let crossed = browser.get(crossed.as_str()).await;
    let third = browser.get(third.as_str()).await;

    assert_eq!(crossed.stop(), (502, "provider_error".to_owned()), "the code was made for another challenge");
    assert_eq!(third.status, 303);
    assert_eq!(portal.users().await, 1);
}

#[tokio::test]
async fn a_code_put_into_another_login_is_found_out_by_its_nonce() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    portal.provider.says("claims", "nonce", "the nonce of another login");

    let reply = portal.come_in(&mut browser).await;

    assert_eq!(reply.stop(), (502, "provider_error".to_owned()));
    assert_eq!((portal.users().await, sets_session(&reply)), (0, false));
}

#[tokio::test]
async fn an_answer_that_says_two_things_is_refused_before_the_code_is_shown() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let elsewhere = format!("{}/", portal.provider.url);

    for (change, expected) in [
        ("&error=access_denied", 502),
        ("&code=another", 400),
        ("&iss=https%3A%2F%2Fevil.example", 400),
        ("&error=a&error=b", 400),
    ] {
        let back = portal.back(&mut browser).await;
        let reply = browser.get(&format!("{back}{change}")).await;
        assert_eq!(reply.stop().0, expected, "{change}");
    }
    for (name, value) in [
        ("iss", None),
        ("iss", Some("https://evil.example")),
        ("iss", Some(&*elsewhere)),
        ("code", None),
        ("code", Some("")),
    ] {
        let back = with_parameter(&portal.back(&mut browser).await, name, value);
        let reply = browser.get(back.as_str()).await;
        assert_eq!(reply.stop(), (502, "provider_error".to_owned()), "{name} {value:?}");
    }

    assert!(portal.provider.asked("/token").is_empty());
    assert!(!portal.is_signed_in(&mut browser).await);
}

#[tokio::test]
async fn a_no_from_the_provider_ends_on_a_page_that_repeats_none_of_its_words() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);

    for error in ["access_denied", "<script>alert(1)</script>", "x\r\nSet-Cookie: a=b", "ü"] {
        let back = with_parameter(&portal.back(&mut browser).await, "code", None);
        let mut back = with_parameter(&back, "error", Some(error));
        back.query_pairs_mut().append_pair("error_description", "<b>call 0900</b>");
        let reply = browser.get(back.as_str()).await;

        assert_eq!(reply.stop(), (403, "provider_refused".to_owned()));
        assert!(!reply.text().contains("script>alert") && !reply.text().contains("0900"), "{reply:?}");
        assert!(reply.cookies().is_empty());
        assert_eq!(browser.get(back.as_str()).await.stop(), unknown_state(), "the state is spent all the same");
    }
    assert!(portal.provider.asked("/token").is_empty());
}

#[tokio::test]
async fn an_answer_at_the_address_of_another_provider_is_refused() {
    let portal = Portal::open().await;
    let evil = portal.second(Admission::default()).await;
    let mut browser = Browser::new(&portal.house);
    let back = portal.back(&mut browser).await;
    let mut mixed_up = back.clone();
    mixed_up.set_path(&back.path().replace(ACME, GLOBEX));

    for iss in [None, Some(portal.provider.url.as_str()), Some(evil.url.as_str())] {
        let reply = browser.get(with_parameter(&mixed_up, "iss", iss).as_str()).await;
        assert_eq!(reply.stop(), unknown_state());
    }
    for name in ["nobody", "ACME"] {
        let reply = browser.get(back.as_str().replace("/acme?", &format!("/{name}?")).as_str()).await;
        assert_eq!(reply.status, 400, "{name}: {reply:?}");
    }

    assert!(evil.asked("/token").is_empty() && portal.provider.asked("/token").is_empty());
    assert_eq!(browser.get(back.as_str()).await.status, 303, "the honest answer is still good");
}

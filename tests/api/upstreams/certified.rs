//! `oidc-provider`, which is certified, signs people in here.

use hallpass::flow::{ProviderWish, ResourceWish};
use hallpass::policy::admission::Admission;

use super::{Guest, Peer, arrive, assert_stops, certified, client_of, is_signed_in, leave, peer, portal, sign_in};
use super::{visit, wish};
use crate::support::{Ask, Browser, GOODBYE, ORDERS, Portal, Token, Tokens, owned};

/// Its form to sign in, and its form to allow.
const LOGIN_AND_CONSENT: [&str; 2] = ["login password", ""];

#[tokio::test]
async fn a_person_signs_in_however_we_prove_ourselves_and_whatever_signs() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let claims = Some(owned(&["name", "email", "email_verified", "groups", "roles"]));
    portal.house.change_resource(ORDERS, ResourceWish { claims, ..ResourceWish::default() }).await;
    for (name, auth_method, alg) in [
        ("basic", "client_secret_basic", "ES256"),
        ("post", "client_secret_post", "RS256"),
        ("public", "none", "EdDSA"),
    ] {
        let mut settings = client_of(&portal, name);
        (settings["auth_method"], settings["alg"]) = (auth_method.into(), alg.into());
        let mut peer = Peer::start("oidc_provider.mjs", settings).await;
        let roles = [("engines".to_owned(), vec!["admin".to_owned()])].into();
        let wish = ProviderWish {
            client_secret: (auth_method != "none").then(|| super::CLIENT_SECRET.to_owned().into()),
            admission: Some(Admission { roles, ..Admission::default() }),
            ..wish(&peer)
        };
        portal.house.flows.create_provider(name, &wish).await.unwrap();
        let mut guest = Guest::new(&portal);

        let (visit, tokens) = sign_in(&portal, &mut guest, name, &[]).await;
        let claims = portal.house.verify(&tokens.access, ORDERS).await.unwrap();

        assert_eq!(visit.forms, LOGIN_AND_CONSENT, "{name}");
        assert_eq!((claims.name.as_deref(), claims.email.as_deref()), (Some("Ada Lovelace"), Some("ada@acme.example")));
        assert_eq!(claims.email_verified, Some(true));
        assert_eq!((claims.groups, claims.roles), (Some(owned(&["engines", "poets"])), Some(owned(&["admin"]))));
        assert_eq!(peer.count("POST /token").await, 1);
    }
}

#[tokio::test]
async fn the_test_of_a_provider_finds_nothing_wrong_with_it_but_a_wrong_secret() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let _peer = certified(&portal, "alpha").await;
    let flows = &portal.house.flows;

    let good = flows.test_provider("alpha").await.unwrap();
    let secret = ProviderWish { client_secret: Some("wrong".to_owned().into()), ..ProviderWish::default() };
    flows.update_provider("alpha", &secret).await.unwrap();
    let wrong = flows.test_provider("alpha").await.unwrap();

    assert!(good.iter().all(|finding| finding.outcome.is_ok()), "{good:?}");
    let told = |name: &str| good.iter().find(|finding| finding.name == name).unwrap().outcome.clone().unwrap();
    assert_eq!(told("client"), "the client id and its secret are accepted");
    assert_eq!(told("pkce"), "S256 is announced");
    let bad: Vec<&str> = wrong.iter().filter(|finding| finding.outcome.is_err()).map(|finding| finding.name).collect();
    assert_eq!(bad, ["client"]);
}

#[tokio::test]
async fn who_is_signed_in_here_is_not_sent_there_and_who_is_signed_in_there_is_not_asked_again() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let mut peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);
    sign_in(&portal, &mut guest, "alpha", &[]).await;

    let here = guest.browser.get(&Portal::request(&[])).await;
    guest.browser = Browser::new(&portal.house);
    let (there, _) = sign_in(&portal, &mut guest, "alpha", &[]).await;

    assert!(here.sent("code").is_some(), "{here:?}");
    assert!(there.forms.is_empty(), "{there:?}");
    assert_eq!(peer.count("POST /token").await, 2);
}

#[tokio::test]
async fn who_has_to_sign_in_again_sees_the_form_there() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let mut peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);
    let (_, first) = sign_in(&portal, &mut guest, "alpha", &[]).await;
    portal.house.advance(std::time::Duration::from_secs(100));
    peer.advance(100).await;

    for more in [[("prompt", "login")], [("max_age", "60")], [("max_age", "0")]] {
        let (again, tokens) = sign_in(&portal, &mut guest, "alpha", &more).await;

        assert_eq!(again.forms[0], LOGIN_AND_CONSENT[0], "{more:?}");
        let auth_time = |tokens: &Tokens| Token::read(&tokens.id).claims["auth_time"].as_i64().unwrap();
        assert!(auth_time(&tokens) >= auth_time(&first) + 100, "{more:?}");
        portal.house.advance(std::time::Duration::from_secs(100));
        peer.advance(100).await;
    }
    let young_enough = guest.browser.get(&Portal::request(&[("max_age", "1000")])).await;
    assert!(young_enough.sent("code").is_some(), "{young_enough:?}");
}

#[tokio::test]
async fn wishes_of_the_app_reach_it() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let _peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);
    let wishes = [("login_hint", "bob"), ("ui_locales", "de en"), ("acr_values", "2")];

    let leaves = leave(&mut guest, "alpha", &wishes).await;
    let visit = guest.abroad.visit(leaves.location(), &[("password", "x")]).await;
    let tokens = arrive(&portal, &mut guest, &visit.back).await;

    // Its form has the hint in it, and nobody wrote another name there.
    assert_eq!(portal.house.verify(&tokens.access, ORDERS).await.unwrap().name.as_deref(), Some("Bob"));
}

#[tokio::test]
async fn who_chooses_an_account_comes_through_where_no_choice_is_offered() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let _peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);

    let visit = visit(&mut guest, "alpha", &[("prompt", "select_account")]).await;
    arrive(&portal, &mut guest, &visit.back).await;

    assert_eq!(visit.forms, LOGIN_AND_CONSENT);
}

#[tokio::test]
async fn who_says_no_there_may_try_again() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let mut peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);
    let leaves = leave(&mut guest, "alpha", &[]).await;
    let there = leaves.location().parse().unwrap();
    let form = guest.abroad.ask(&there, None).await;
    let abort = there.join(&format!("{}/abort", form.location())).unwrap();
    let aborted = guest.abroad.ask(&abort, None).await;
    let resumed = guest.abroad.ask(&there.join(aborted.location()).unwrap(), None).await;

    let refused = guest.browser.get(resumed.location()).await;
    let (_, tokens) = sign_in(&portal, &mut guest, "alpha", &[]).await;

    assert_stops(&refused, 403, "provider_refused");
    assert_eq!(peer.count("POST /token").await, 1, "for the second attempt");
    assert!(portal.is_active(&tokens.access).await);
}

#[tokio::test]
async fn who_signs_out_here_is_out_here_and_still_in_there() {
    if !peer::are_there() {
        return;
    }
    let portal = portal().await;
    let _peer = certified(&portal, "alpha").await;
    let mut guest = Guest::new(&portal);
    let (_, tokens) = sign_in(&portal, &mut guest, "alpha", &[]).await;
    let hint = [("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", GOODBYE)];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(hint).finish();

    let goodbye = guest.browser.send(Ask::get(&format!("/oauth/logout?{query}"))).await;
    let is_still_in = is_signed_in(&mut guest).await;
    let (again, _) = sign_in(&portal, &mut guest, "alpha", &[]).await;

    assert_eq!((goodbye.location(), is_still_in), (GOODBYE, false));
    assert!(again.forms.is_empty(), "{again:?}");
}

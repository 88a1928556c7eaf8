//! Races: fifty requests with one code, or one refresh token, on two nodes that share a database.

use futures_util::future::join_all;

use crate::support::{Ask, Browser, House, PORTAL, Portal, Reply, Tokens};

/// How many requests race.
const CROWD: usize = 50;

/// How many rounds: more with `TEST_RACE_ROUNDS`.
fn rounds() -> usize {
    std::env::var("TEST_RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(12)
}

/// Sends the same to both nodes in turn, all at once.
async fn crowd(nodes: [&House; 2], ask: &Ask) -> Vec<Reply> {
    join_all((0..CROWD).map(|at| nodes[at % 2].send(ask))).await
}

fn statuses(replies: &[Reply]) -> (usize, usize) {
    let with = |status| replies.iter().filter(|reply| reply.status == status).count();
    (with(200), with(400))
}

#[tokio::test]
async fn of_fifty_who_redeem_a_code_on_two_nodes_one_does() {
    let portal = Portal::open().await;
    let node = portal.house.beside().await;
    let mut browser = Browser::new(&portal.house);

    for round in 0..rounds() {
        let code = portal.code(&mut browser, &[]).await;
        let ask = Portal::redemption(&code, &[]).basic(PORTAL, &portal.key.text);

        let replies = crowd([&portal.house, &node], &ask).await;

        assert_eq!(statuses(&replies), (1, CROWD - 1), "round {round}: {replies:?}");
        assert!(replies.iter().all(|reply| reply.status == 200 || reply.error() == "invalid_grant"), "round {round}");
        let winner = Tokens::of(replies.iter().find(|reply| reply.status == 200).unwrap());
        assert!(!portal.is_active(&winner.access).await, "round {round}: it was shown again, so nothing of it is good");
        assert_eq!(portal.refresh(&winner.refresh, &[]).await.status, 400, "round {round}");
    }
}

#[tokio::test]
async fn of_fifty_who_show_a_refresh_token_on_two_nodes_all_get_the_one_successor() {
    let portal = Portal::open().await;
    let node = portal.house.beside().await;
    let mut browser = Browser::new(&portal.house);
    let first = portal.tokens(&mut browser, &[]).await;
    let mut shown = first.refresh.clone();

    for round in 0..rounds() {
        let ask = Portal::renewal(&shown, &[]).basic(PORTAL, &portal.key.text);

        let replies = crowd([&portal.house, &node], &ask).await;
        let lost = Tokens::of(&node.send(&ask).await);

        assert_eq!(statuses(&replies), (CROWD, 0), "round {round}: {replies:?}");
        let mut successors: Vec<String> = replies.iter().map(|reply| Tokens::of(reply).refresh).collect();
        successors.sort_unstable();
        successors.dedup();
        assert_eq!(successors, [lost.refresh], "round {round}: no fork, and a lost answer is recovered");
        shown = successors.remove(0);
    }

    let last = Tokens::of(&node.send(&Portal::renewal(&shown, &[]).basic(PORTAL, &portal.key.text)).await);
    let replay = portal.refresh(&first.refresh, &[]).await;
    let after = node.send(&Portal::renewal(&last.refresh, &[]).basic(PORTAL, &portal.key.text)).await;
    assert_eq!((replay.refusal().1, after.refusal().1), ("invalid_grant".to_owned(), "invalid_grant".to_owned()));
    assert!(!portal.is_active(&last.access).await, "the replay killed the family, on both nodes");
}

#[tokio::test]
async fn a_consent_given_twice_at_once_is_one() {
    let portal = Portal::open().await;
    let node = portal.house.beside().await;
    let mut browser = Browser::new(&portal.house);
    portal.code(&mut browser, &[]).await;

    for round in 0..rounds() {
        let client_id = format!("app{round}");
        portal.another(&client_id, |wish| wish.is_first_party = Some(true)).await;
        let ask = Portal::request(&[("client_id", &client_id)]);

        let (mut here, mut there) = (browser.clone(), browser.clone());
        there.moves_to(&node);
        let (here, there) = tokio::join!(here.get(&ask), there.get(&ask));

        for reply in [here, there] {
            assert!(reply.sent("code").is_some(), "round {round}: {reply:?}");
        }
    }
}

#[tokio::test]
async fn of_those_who_press_allow_at_once_one_gets_the_code() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal.house);
    let away = browser.get(&Portal::request(&[])).await;
    let consent = portal.sign_in(&mut browser, away.location()).await.location().to_owned();
    let page = browser.get(&consent).await;

    let presses = join_all((0..10).map(async |_| {
        let mut same = browser.clone();
        same.submit(&page, "/consent", &[("decision", "allow")]).await
    }));
    let replies = presses.await;

    let codes = replies.iter().filter(|reply| reply.status == 303 && reply.sent("code").is_some()).count();
    assert_eq!((codes, replies.iter().filter(|reply| reply.status == 400).count()), (1, 9), "{replies:?}");
}

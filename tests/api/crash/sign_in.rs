//! SIGKILL while a code or a refresh token is shown: afterwards it was spent or not, never half, and never twice.

use std::net::SocketAddr;
use std::time::Duration;

use hallpass::clock::Clock;
use sea_orm::{ColumnTrait, Database, EntityTrait, PaginatorTrait, QueryFilter};

use super::{random, rounds};
use crate::support::{Ask, Browser, PORTAL, Portal, Program, Reply, Server, Tokens, Wire};

/// How long after it was asked a server is killed, at most, in microseconds: longer than it takes to answer.
const SOON: u64 = 40_000;

fn serve(portal: &Portal) -> Program {
    Program::serve(portal.house.path()).on(&portal.house.database).variable("HALLPASS_ISSUER", portal.house.issuer())
}

/// What a server says that may die meanwhile.
async fn answer(address: SocketAddr, ask: Ask) -> Option<Reply> {
    // An answer that is cut off is none: the helper panics, and the task ends.
    let asking = tokio::spawn(async move {
        let mut wire = Wire::open(address).await;
        wire.write(ask.bytes()).await.ok()?;
        wire.reply().await
    });
    asking.await.ok().flatten()
}

/// Shows it to a server that is killed at some moment: the answer, if there was one.
async fn killed(server: Server, ask: &Ask) -> Option<Reply> {
    let (address, ask) = (server.address, ask.clone());
    let asking = tokio::spawn(answer(address, ask));
    tokio::time::sleep(Duration::from_micros(random(SOON))).await;
    tokio::task::spawn_blocking(move || server.kill()).await.unwrap();
    asking.await.unwrap()
}

/// How many refresh tokens of a family can still be spent.
async fn unspent(portal: &Portal, family_id: &str) -> u64 {
    use entity::refresh_token::{Column, Entity};
    let connection = Database::connect(portal.house.database.url()).await.unwrap();
    let own = Entity::find().filter(Column::FamilyId.eq(family_id)).filter(Column::SpentAt.is_null());
    let count = own.count(&connection).await.unwrap();
    connection.close().await.unwrap();
    count
}

fn family(tokens: &Tokens) -> String {
    let jti = crate::support::Token::read(&tokens.access).claims["jti"].as_str().unwrap().to_owned();
    jti.split_once('.').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_code_is_spent_once_whenever_its_redemption_is_killed() {
    let portal = Portal::by(Clock::System, |_| ()).await;
    let mut browser = Browser::new(&portal.house);
    let (mut answered, mut lost) = (0, 0);

    for round in 0..rounds().div_ceil(2) {
        let code = portal.code(&mut browser, &[]).await;
        let ask = Portal::redemption(&code, &[]).basic(PORTAL, &portal.key.text);
        let first = killed(serve(&portal).start().await, &ask).await;
        let server = serve(&portal).start().await;
        let second = server.send(&ask).await;

        if let Some(first) = first {
            answered += 1;
            assert_eq!(first.status, 200, "round {round}: {first:?}");
            assert_eq!(second.refusal(), (400, "invalid_grant".to_owned()), "round {round}: it was spent");
            continue;
        }
        lost += 1;
        if second.status == 200 {
            let tokens = Tokens::of(&second);
            assert_eq!(unspent(&portal, &family(&tokens)).await, 1, "round {round}: one refresh token came of it");
            let third = server.send(&ask).await;
            assert_eq!(third.refusal(), (400, "invalid_grant".to_owned()), "round {round}: once");
        } else {
            // Spent, and nobody heard what it bought: the person signs in again.
            assert_eq!(second.refusal(), (400, "invalid_grant".to_owned()), "round {round}");
        }
    }
    println!("{answered} were answered, {lost} were not");
}

#[tokio::test]
async fn a_refresh_token_has_one_successor_and_it_is_found_whenever_its_use_is_killed() {
    let portal = Portal::by(Clock::System, |_| ()).await;
    let mut tokens = portal.tokens(&mut Browser::new(&portal.house), &[]).await;
    let (mut answered, mut lost) = (0, 0);

    for round in 0..rounds().div_ceil(2) {
        let ask = Portal::renewal(&tokens.refresh, &[]).basic(PORTAL, &portal.key.text);
        let first = killed(serve(&portal).start().await, &ask).await;
        let server = serve(&portal).start().await;
        let second = Tokens::of(&server.send(&ask).await);
        let third = Tokens::of(&server.send(&ask).await);

        if let Some(first) = first {
            answered += 1;
            assert_eq!(Tokens::of(&first).refresh, second.refresh, "round {round}: the one that was answered");
        } else {
            lost += 1;
        }
        assert_eq!(third.refresh, second.refresh, "round {round}");
        assert_eq!(unspent(&portal, &family(&second)).await, 1, "round {round}: no fork");
        tokens = second;
    }
    println!("{answered} were answered, {lost} were not");
    assert_eq!(portal.refresh(&tokens.refresh, &[]).await.status, 200);
}

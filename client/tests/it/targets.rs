//! Several tokens from one key.

use crate::support::House;

const ORDERS: &str = "https://orders.example";
const BILLING: &str = "https://billing.example";

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn what_the_builder_names_is_asked_for() {
    let house = House::open().await;
    let source = house.source_with(|builder| builder.resource(ORDERS).resource(BILLING).scope("b").scope("a"));

    source.token().await.unwrap();

    let grant = ("grant_type", "client_credentials");
    assert_eq!(house.asked()[0].form, pairs(&[grant, ("resource", BILLING), ("resource", ORDERS), ("scope", "a b")]));
}

#[tokio::test]
async fn each_resource_and_each_choice_of_scopes_has_a_token_of_its_own() {
    let house = House::open().await;
    let source = house.source();
    let mut seen = Vec::new();

    for _ in 0..3 {
        seen.push(source.token().await.unwrap().reveal().to_owned());
        seen.push(source.token_for(ORDERS, &[]).await.unwrap().reveal().to_owned());
        seen.push(source.token_for(BILLING, &[]).await.unwrap().reveal().to_owned());
        seen.push(source.token_for(ORDERS, &["x", "y"]).await.unwrap().reveal().to_owned());
        seen.push(source.token_for(ORDERS, &["y", "x", "y"]).await.unwrap().reveal().to_owned());
    }

    let round = ["token-1", "token-2", "token-3", "token-4", "token-4"];
    assert_eq!(seen, [round, round, round].concat());
    assert_eq!((house.trades(), house.discoveries()), (4, 1));
    assert_eq!(
        house.asked()[3].form,
        pairs(&[("grant_type", "client_credentials"), ("resource", ORDERS), ("scope", "x y")])
    );
}

#[tokio::test]
async fn what_the_builder_named_is_the_same_when_it_is_asked_for_by_name() {
    let house = House::open().await;
    let source = house.source_with(|builder| builder.resource(ORDERS));

    let (own, named) = (source.token().await.unwrap(), source.token_for(ORDERS, &[]).await.unwrap());

    assert_eq!((own.reveal(), house.trades()), (named.reveal(), 1));
}

#[tokio::test]
async fn tokens_that_nobody_asks_for_any_more_are_forgotten() {
    let house = House::open().await;
    let source = house.source();

    for number in 0..40 {
        source.token_for(&format!("https://{number}.example"), &[]).await.unwrap();
        house.advance(301);
    }

    // Each keeper rests until its token is due, finds it unused, and leaves.
    let metrics = tokio::runtime::Handle::current().metrics();
    house.advance_until(300, |_| metrics.num_alive_tasks() < 8).await;
    assert_eq!(source.token().await.unwrap().reveal(), "token-41");
}

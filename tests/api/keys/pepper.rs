//! What secrets are hashed with, and how it is replaced.

use super::{SECOND, status};
use crate::support::{Ask, House, Key, Program, SHOP, within};

#[tokio::test]
async fn each_key_moves_to_a_new_pepper_after_its_next_use() {
    let (house, used) = House::with_shop().await;
    let idle = house.key(SHOP, &[]).await;
    let row = async |key: &Key| house.flows.find_key(&key.id).await.unwrap().0;
    let before = row(&used).await;

    assert_eq!(house.flows.rotate_pepper().await.unwrap(), 2);
    assert_eq!(status(&house, &used).await, 200);
    house.flush_uses().await;
    let made_after = house.key(SHOP, &[]).await;

    let after = row(&used).await;
    assert_eq!((before.pepper_id, after.pepper_id), (1, 2));
    assert_ne!(before.secret_hash, after.secret_hash);
    assert_eq!((row(&idle).await.pepper_id, row(&made_after).await.pepper_id), (1, 2));
    let house = house.restart().await;
    for key in [&used, &idle, &made_after] {
        assert_eq!(status(&house, key).await, 200);
    }
}

#[tokio::test]
async fn a_pepper_replaced_by_another_process_is_followed() {
    let (house, old) = House::with_shop().await;

    Program::beside(&house, &["pepper", "rotate"]).good().await;
    let new = Program::beside(&house, &["keys", "create", SHOP, "--name", "new"]).good().await;

    let ask = Ask::token(&[]).bearer(new.stdout.trim());
    assert!(within(SECOND, async || house.send(&ask).await.status == 200).await);
    assert_eq!(status(&house, &old).await, 200);
}

#[tokio::test]
async fn a_wrong_secret_under_a_new_pepper_moves_nothing() {
    let (house, key) = House::with_shop().await;
    house.flows.rotate_pepper().await.unwrap();
    let before = house.flows.find_key(&key.id).await.unwrap().0;

    house.flows.disable_key(&key.id, true).await.unwrap();
    assert_eq!(status(&house, &key).await, 401);
    house.flush_uses().await;

    assert_eq!(house.flows.find_key(&key.id).await.unwrap().0.secret_hash, before.secret_hash);
}

//! What is done in a house: asked, furnished, changed, verified.

use std::path::Path;
use std::time::Duration;

use hallpass::credential::Environment;
use hallpass::flow::{AppWish, KeyWish, ResourceWish, RevokeWish, RotateWish};
use hallpass::policy::lifetime::Expiry;
use hallpass_verifier::{Claims, Error, HeldClock, KeySet, Profile, Verifier};

use super::{House, Key};
use crate::support::nginx;
use crate::support::{Ask, BILLING, ORDER_SCOPES, ORDERS, Reply, SHOP, owned, send};

impl House {
    pub(crate) fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    pub(crate) fn issuer(&self) -> &str {
        self.flows.issuer()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn send(&self, ask: &Ask) -> Reply {
        nginx::settle(&self.in_turn()).await;
        send(self.address, ask).await
    }

    /// Shows `key` as a bearer and asks for what `fields` say.
    pub(crate) async fn exchange(&self, key: &Key, fields: &[(&str, &str)]) -> Reply {
        self.send(&Ask::exchange(key, fields)).await
    }

    /// Orders, the shop, and its key.
    pub(crate) async fn furnish(&self) -> Key {
        self.resource(ORDERS, &ORDER_SCOPES).await;
        self.app(SHOP, &ORDER_SCOPES, &[ORDERS]).await;
        self.key(SHOP, &ORDER_SCOPES).await
    }

    /// Billing beside the orders, and a key of the shop for both.
    pub(crate) async fn furnish_two(&self) -> Key {
        self.resource(ORDERS, &ORDER_SCOPES).await;
        self.resource(BILLING, &["billing:read", "orders:read"]).await;
        let scopes = ["orders:read", "orders:write", "billing:read"];
        self.app(SHOP, &scopes, &[ORDERS, BILLING]).await;
        self.key(SHOP, &scopes).await
    }

    pub(crate) async fn resource(&self, identifier: &str, scopes: &[&str]) {
        let wish = ResourceWish { scopes: Some(owned(scopes)), ..ResourceWish::default() };
        self.flows.create_resource(identifier, &wish).await.expect("a resource");
    }

    pub(crate) async fn change_resource(&self, identifier: &str, wish: ResourceWish) {
        self.flows.update_resource(identifier, &wish).await.expect("a resource changes");
    }

    pub(crate) async fn app(&self, client_id: &str, scopes: &[&str], resources: &[&str]) {
        let (scopes, resources) = (Some(owned(scopes)), Some(owned(resources)));
        let wish = AppWish { scopes, resources, ..AppWish::default() };
        self.flows.create_app(client_id, &wish).await.expect("an app");
    }

    pub(crate) async fn change_app(&self, client_id: &str, wish: AppWish) {
        self.flows.update_app(client_id, &wish).await.expect("an app changes");
    }

    /// What a plain key of `client_id` would be.
    pub(crate) fn wish(client_id: &str, scopes: &[&str]) -> KeyWish {
        KeyWish {
            client_id: client_id.to_owned(),
            owner_id: None,
            name: "test".to_owned(),
            note: None,
            environment: Environment::Live,
            scopes: owned(scopes),
            resources: None,
            networks: vec![],
            rate_limit: None,
            expiry: Expiry::Default,
        }
    }

    pub(crate) async fn key(&self, client_id: &str, scopes: &[&str]) -> Key {
        self.key_as(&Self::wish(client_id, scopes)).await
    }

    pub(crate) async fn key_as(&self, wish: &KeyWish) -> Key {
        let minted = self.flows.create_key(wish).await.expect("a key");
        self.named(&minted)
    }

    pub(crate) async fn revoke(&self, key: &Key) {
        let wish = RevokeWish { reason: "test".to_owned(), by: "test".to_owned() };
        self.flows.revoke_key(&key.id, &wish).await.expect("a key is revoked");
    }

    pub(crate) async fn rotate(&self, key: &Key, overlap: Option<Duration>, is_leak: bool) -> Key {
        let wish = RotateWish { overlap, is_leak, expiry: Expiry::Default, by: "test".to_owned() };
        let minted = self.flows.rotate_key(&key.id, &wish).await.expect("a key is rotated");
        self.named(&minted)
    }

    /// Lets every node write down the uses that it has counted.
    pub(crate) async fn flush_uses(&self) {
        for node in self.nodes() {
            node.flows.flush_uses().await.expect("uses are written down");
        }
    }

    fn named(&self, minted: &hallpass::flow::MintedKey) -> Key {
        let text = minted.key.reveal(self.flows.prefix());
        Key { id: minted.row.id.clone(), text }
    }

    /// What a service for `audience` says to `token` now, with the keys that are published now.
    pub(crate) async fn verify(&self, token: &str, audience: &str) -> Result<Claims, Error> {
        let jwks = self.send(&Ask::get("/.well-known/jwks.json")).await;
        self.verify_with(token, audience, &jwks).await
    }

    /// The same with the keys that were published when `jwks` was fetched.
    pub(crate) async fn verify_with(&self, token: &str, audience: &str, jwks: &Reply) -> Result<Claims, Error> {
        let keys = KeySet::from_jwks_json(&jwks.body).expect("a JWKS");
        let clock = hallpass_verifier::Clock::Held(HeldClock::at(self.clock.now()));
        let verifier =
            Verifier::builder(self.issuer()).audience(audience).profile(Profile::Compat).keys(keys).clock(clock);
        verifier.build().expect("a verifier").verify(token).await
    }
}

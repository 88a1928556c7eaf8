//! A house: a server in this process, with its own database, its own folder, and a clock that is held.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hallpass::app::Application;
use hallpass::clock::Clock;
use hallpass::config::Settings;
use hallpass::credential::Environment;
use hallpass::flow::{AppWish, Flows, KeyWish, ResourceWish, RevokeWish, RotateWish, Vault};
use hallpass::policy::lifetime::Expiry;
use hallpass_verifier::{Claims, Error, HeldClock, KeySet, Profile, Verifier};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::nginx::{self, Nginx};
use super::{Ask, BILLING, ORDER_SCOPES, ORDERS, Reply, SHOP, TestDatabase, free_port, owned, send};

/// When every house opens.
pub(crate) const NOW: i64 = 1_800_000_000;

/// The settings of who keeps everything in `folder`.
pub(crate) fn settings_in(folder: &Path) -> Settings {
    Settings::in_folder(folder.to_str().expect("a path that is text"))
}

/// A running server and all that belongs to it.
pub(crate) struct House {
    pub(crate) clock: Clock,
    pub(crate) flows: Arc<Flows>,
    pub(crate) address: SocketAddr,
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) folder: Arc<TempDir>,
    settings: Settings,
    running: Option<Running>,
    /// What stands before it and its neighbours, when it has some.
    nginx: Option<Nginx>,
    neighbours: Vec<House>,
}

struct Running {
    stop: oneshot::Sender<()>,
    ended: oneshot::Receiver<()>,
}

/// A key that was made: its id and its text.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) text: String,
}

impl House {
    /// A house with nothing in it.
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// A house whose settings somebody changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::by(Clock::held(NOW), change).await
    }

    /// The same by another clock: the machine's, for neighbours whose time can't be held.
    pub(crate) async fn by(clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = TestDatabase::fresh(folder.path()).await;
        Self::build(folder, database, clock, change).await
    }

    /// One on the database at `url`, by the machine's clock, for neighbours that are real processes.
    pub(crate) async fn on(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::build(folder, TestDatabase::at(url), Clock::System, |_| ()).await
    }

    /// One that keeps everything in `folder`, a SQLite database too, by the machine's clock.
    pub(crate) async fn within(folder: TempDir) -> Self {
        let database = TestDatabase::at(&format!("sqlite:{}", folder.path().join("hallpass.db").display()));
        Self::build(folder, database, Clock::System, |_| ()).await
    }

    async fn build(folder: TempDir, database: TestDatabase, clock: Clock, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = settings_in(folder.path());
        settings.database.url = database.url().to_owned().into();
        settings.server.listen.set_port(0);
        settings.server.workers = 2;
        let before: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        if nginx::nodes() > 1 {
            settings.issuer = format!("http://{before}");
            settings.server.trusted_proxies.push("127.0.0.1".to_owned());
        }
        change(&mut settings);
        Vault::new(&settings).make().expect("a root key");
        let mut house = Self::start(settings, clock, Arc::new(database), Arc::new(folder)).await;
        if nginx::nodes() > 1 {
            let mut nodes = vec![house.address];
            while nodes.len() < nginx::nodes() {
                let neighbour = house.beside().await;
                nodes.push(neighbour.address);
                house.neighbours.push(neighbour);
            }
            house.nginx = Some(Nginx::before(before, &nodes).await);
            house.address = before;
        }
        house
    }

    /// A house with the shop in it, and a key that may read and write orders.
    pub(crate) async fn with_shop() -> (Self, Key) {
        let house = Self::open().await;
        let key = house.furnish().await;
        (house, key)
    }

    /// Another server on the same database and folder, with the same clock.
    pub(crate) async fn beside(&self) -> Self {
        self.beside_by(self.clock.clone()).await
    }

    /// Another server on the same database and folder, that goes by another clock.
    pub(crate) async fn beside_by(&self, clock: Clock) -> Self {
        let (database, folder) = (Arc::clone(&self.database), Arc::clone(&self.folder));
        Self::start(self.settings.clone(), clock, database, folder).await
    }

    /// The same house after a shutdown and a new start.
    pub(crate) async fn restart(mut self) -> Self {
        self.stop().await;
        self.beside().await
    }

    /// Asks the server to stop and waits until it has.
    pub(crate) async fn stop(&mut self) {
        drop(self.nginx.take());
        for mut neighbour in std::mem::take(&mut self.neighbours) {
            Box::pin(neighbour.stop()).await;
        }
        if let Some(Running { stop, ended }) = self.running.take() {
            let _ = stop.send(());
            ended.await.expect("the server stops");
        }
    }

    async fn start(settings: Settings, clock: Clock, database: Arc<TestDatabase>, folder: Arc<TempDir>) -> Self {
        let (told, built) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let (ending, ended) = oneshot::channel();
        let (its_settings, its_clock) = (settings.clone(), clock.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let application = Application::build(its_settings, its_clock, None).await.expect("a house opens");
                let _ = told.send((application.flows(), application.address()));
                let _ = application.run(async { drop(stopped.await) }).await;
            });
            let _ = ending.send(());
        });
        let (flows, address) = built.await.expect("a house opens");
        let running = Some(Running { stop, ended });
        Self { clock, flows, address, database, folder, settings, running, nginx: None, neighbours: vec![] }
    }

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
        self.settle().await;
    }

    pub(crate) async fn app(&self, client_id: &str, scopes: &[&str], resources: &[&str]) {
        let (scopes, resources) = (Some(owned(scopes)), Some(owned(resources)));
        let wish = AppWish { scopes, resources, ..AppWish::default() };
        self.flows.create_app(client_id, &wish).await.expect("an app");
    }

    pub(crate) async fn change_app(&self, client_id: &str, wish: AppWish) {
        self.flows.update_app(client_id, &wish).await.expect("an app changes");
        self.settle().await;
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
        self.settle().await;
    }

    pub(crate) async fn rotate(&self, key: &Key, overlap: Option<Duration>, is_leak: bool) -> Key {
        let wish = RotateWish { overlap, is_leak, expiry: Expiry::Default, by: "test".to_owned() };
        let minted = self.flows.rotate_key(&key.id, &wish).await.expect("a key is rotated");
        self.settle().await;
        self.named(&minted)
    }

    /// Lets the neighbours read what was changed here: what holds at once on the node that made a change is told of all.
    async fn settle(&self) {
        for neighbour in &self.neighbours {
            neighbour.flows.follow().await.expect("a neighbour reads the log");
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

impl Drop for House {
    /// Does not wait for long: connections that the test's own runtime still holds are only freed after this.
    fn drop(&mut self) {
        let Some(Running { stop, mut ended }) = self.running.take() else { return };
        let _ = stop.send(());
        for _ in 0..100 {
            if ended.try_recv() != Err(oneshot::error::TryRecvError::Empty) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

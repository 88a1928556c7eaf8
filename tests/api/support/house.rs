//! A house: a server in this process, with its own database, its own folder, and a clock that is held.

mod verbs;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hallpass::app::Application;
use hallpass::clock::Clock;
use hallpass::config::Settings;
use hallpass::flow::{Flows, Vault};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::TestDatabase;
use super::nginx::{self, Nginx};

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
    /// Where who asks is answered: by the house itself, or by nginx for it and its neighbours in turn.
    pub(crate) address: SocketAddr,
    /// Where the house itself listens, whatever stands before it: for what is between a node and who is connected to it.
    pub(crate) node: SocketAddr,
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
        change(&mut settings);
        let mut before = None;
        if nginx::nodes() > 1 {
            let address = nginx::free_address();
            before = Some(address);
            if settings.issuer.is_empty() {
                settings.issuer = format!("http://{address}");
            }
            settings.server.trusted_proxies.push(nginx::ADDRESS.to_owned());
        }
        Vault::new(&settings).make().expect("a root key");
        Self::stand(settings, clock, Arc::new(database), Arc::new(folder), before).await
    }

    /// A house that is reached at `before`, behind nginx and with neighbours; or at its own address.
    async fn stand(
        settings: Settings,
        clock: Clock,
        database: Arc<TestDatabase>,
        folder: Arc<TempDir>,
        before: Option<SocketAddr>,
    ) -> Self {
        let mut house = Self::start(settings, clock, database, folder).await;
        let Some(before) = before else { return house };
        while house.neighbours.len() + 1 < nginx::nodes() {
            let neighbour = house.beside().await;
            house.neighbours.push(neighbour);
        }
        let nodes: Vec<SocketAddr> = house.nodes().map(|node| node.node).collect();
        house.nginx = Some(Nginx::before(before, &nodes).await);
        house.address = before;
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
        let before = self.nginx.as_ref().map(|_| self.address);
        self.stop().await;
        let (database, folder) = (Arc::clone(&self.database), Arc::clone(&self.folder));
        Self::stand(self.settings.clone(), self.clock.clone(), database, folder, before).await
    }

    /// The nodes that nginx lets take turns; none without it.
    pub(super) fn in_turn(&self) -> Vec<Arc<Flows>> {
        self.nodes().filter(|_| self.nginx.is_some()).map(|node| Arc::clone(&node.flows)).collect()
    }

    /// The house and its neighbours.
    fn nodes(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.neighbours)
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
        let (nginx, neighbours) = (None, vec![]);
        Self { clock, flows, address, node: address, database, folder, settings, running, nginx, neighbours }
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

//! The street that strangers come along: a server at the address it names itself, a provider, and apps to sign in to.

use tempfile::TempDir;

use crate::support::{Program, Server, TestDatabase};

/// The server, and where its data is.
pub(super) struct Street {
    pub(super) server: Server,
    database: TestDatabase,
    folder: TempDir,
}

/// An app as its developers know it.
#[derive(Clone, Debug)]
pub(super) struct App {
    pub(super) client_id: String,
    /// A public app has none.
    pub(super) key: Option<String>,
    pub(super) redirect_uri: String,
}

impl App {
    /// Where the app begins: where people come back to when they signed out.
    pub(super) fn home(&self) -> String {
        url::Url::parse(&self.redirect_uri).unwrap().join("/").unwrap().into()
    }
}

impl Street {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::fresh(folder.path()).await;
        let server = Program::dev(folder.path()).on(&database).start().await;
        Self { server, database, folder }
    }

    pub(super) fn issuer(&self) -> &str {
        self.server.ready["issuer"].as_str().unwrap()
    }

    /// `hallpass <arguments>` beside the server.
    pub(super) async fn run(&self, arguments: &[&str]) -> String {
        Program::new(self.folder.path(), arguments).on(&self.database).good().await.stdout
    }

    /// An app with a key, unless `options` make it public.
    pub(super) async fn app(&self, client_id: &str, redirect_uri: &str, options: &[&str]) -> App {
        let mut app = App { client_id: client_id.to_owned(), key: None, redirect_uri: redirect_uri.to_owned() };
        let home = app.home();
        let own = ["apps", "create", client_id, "--redirect-uri", redirect_uri, "--post-logout-redirect-uri", &home];
        self.run(&[&own, options].concat()).await;
        if !options.contains(&"--public") {
            let scopes = options.chunks(2).filter(|pair| pair[0] == "--scope").flatten().copied();
            let key: Vec<&str> = ["keys", "create", client_id, "--name", "test"].into_iter().chain(scopes).collect();
            app.key = Some(self.run(&key).await.trim().to_owned());
        }
        app
    }
}

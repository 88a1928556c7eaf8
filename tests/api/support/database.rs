//! A database of a test's own.

use std::path::Path;

use super::postgres;

/// Where a house keeps its rows; gone with the test.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    url: String,
    postgres: Option<postgres::Fresh>,
}

impl TestDatabase {
    /// A file in `folder`, or with `HALLPASS_TEST_DATABASE=postgres` a new database there.
    pub(crate) async fn fresh(folder: &Path) -> Self {
        if is_postgres() {
            let fresh = postgres::Fresh::create().await;
            return Self { url: fresh.url().to_owned(), postgres: Some(fresh) };
        }
        Self { url: format!("sqlite:{}", folder.join("hallpass.db").display()), postgres: None }
    }

    /// The one at `url`, that the test looks after by itself.
    pub(crate) fn at(url: &str) -> Self {
        Self { url: url.to_owned(), postgres: None }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The PostgreSQL database, if it is one.
    pub(crate) const fn postgres(&self) -> Option<&postgres::Fresh> {
        self.postgres.as_ref()
    }
}

/// Whether this run is about PostgreSQL.
pub(crate) fn is_postgres() -> bool {
    match std::env::var("HALLPASS_TEST_DATABASE").as_deref() {
        Ok("postgres") => true,
        Ok("sqlite") | Err(_) => false,
        Ok(other) => panic!("HALLPASS_TEST_DATABASE is sqlite or postgres, not {other}"),
    }
}

//! Line: one connection to PostgreSQL, without a pool: for who asks the same again and again, and must not wait for others.
//!
//! It is dialed when it is needed, by whoever asks: a connection answers to the thread that opened it. At the first trouble
//! it is dropped, and so it is when who asks goes away before there is an answer.

use std::fmt;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor};
use sea_orm::{DbErr, QueryResult, RuntimeErr, Statement};
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::StoreError;
use crate::limit;

pub(super) struct Line {
    options: PgConnectOptions,
    kept: Mutex<Option<PgConnection>>,
}

impl Line {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options, kept: Mutex::default() }
    }

    /// Asks what changes nothing, in a single round trip. A connection that does not answer within
    /// [`limit::PING_TIMEOUT`], or that leads nowhere, costs another try on a new one. Whoever has the turn gives it back
    /// after [`limit::ANSWER_TIMEOUT`], or a wire that falls silent while they dial would keep it for ever.
    pub(super) async fn ask(&self, statement: &Statement) -> Result<Vec<QueryResult>, StoreError> {
        timeout(limit::ANSWER_TIMEOUT, self.ask_in_turn(statement)).await.unwrap_or(Err(StoreError::TooSlow))
    }

    async fn ask_in_turn(&self, statement: &Statement) -> Result<Vec<QueryResult>, StoreError> {
        let text = statement.to_string();
        let mut kept = self.kept.lock().await;
        if let Some(connection) = kept.take()
            && let Ok(Ok((connection, rows))) = timeout(limit::PING_TIMEOUT, ask(connection, &text)).await
        {
            *kept = Some(connection);
            return Ok(rows);
        }
        let connection = PgConnection::connect_with(&self.options).await.map_err(lost)?;
        let (connection, rows) = ask(connection, &text).await.map_err(lost)?;
        *kept = Some(connection);
        Ok(rows)
    }

    /// Hangs up.
    pub(super) async fn close(&self) {
        let hanging_up = async {
            let kept = self.kept.lock().await.take();
            if let Some(connection) = kept { connection.close().await } else { Ok(()) }
        };
        let _ = timeout(limit::PING_TIMEOUT, hanging_up).await;
    }
}

async fn ask(mut connection: PgConnection, text: &str) -> Result<(PgConnection, Vec<QueryResult>), sqlx::Error> {
    let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(text))).await?;
    Ok((connection, rows.into_iter().map(QueryResult::from).collect()))
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

/// What went wrong on a connection that is no pool's.
pub(super) fn lost(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(DbErr::Conn(RuntimeErr::SqlxError(error.into())))
}

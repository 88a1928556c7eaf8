//! Timed: statements that end, and commits whose end is known.
//!
//! PostgreSQL ends a statement that takes too long, but who hears nothing of it any more (a machine that is gone, a
//! firewall that forgot the connection) would wait for ever. So the answer to each statement is waited for in its time. A
//! commit whose answer is lost may have been made or not; the database is asked what became of it. SQLite is in this
//! process, and waits for its writer at most.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::prelude::async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::StoreError;
use super::renewed::Renewed;
use crate::limit;

/// When the server that answers was started.
const SERVER: &str = "pg_postmaster_start_time()::text";
/// Between two questions after a lost commit.
const ASK_EVERY: Duration = Duration::from_millis(100);

/// What became of a transaction.
enum Outcome {
    Made,
    NotMade,
    /// It is not over.
    Open,
    /// The server was started anew, and its numbers with it.
    Untold,
}

/// A pool whose statements end in time.
#[derive(Clone, Debug)]
pub(super) struct Timed(Arc<Renewed>);

/// A transaction whose statements end in time. Dropped without a commit, nothing has happened.
pub(super) struct Transaction {
    pool: Timed,
    txn: DatabaseTransaction,
    /// For who has to ask what became of it.
    mark: Option<Mark>,
}

/// What a transaction of PostgreSQL is known by.
struct Mark {
    id: i64,
    /// When the server was started. One that crashed may give the number of an open transaction to another.
    server: String,
}

impl Timed {
    /// `options` say how another pool like this one is made, should it be lost.
    pub(super) fn new(pool: DatabaseConnection, options: Option<ConnectOptions>) -> Self {
        Self(Arc::new(Renewed::new(pool, options)))
    }

    /// Whether the database answers.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        in_time(self, self.0.to_ask().await.ping()).await
    }

    /// Closes all connections. One that leads nowhere is not waited for.
    pub(super) async fn close(&self) {
        let _ = in_time(self, self.0.current().close_by_ref()).await;
    }

    /// The pool itself, for what takes as long as it takes.
    pub(super) fn untimed(&self) -> Arc<DatabaseConnection> {
        self.0.current()
    }

    /// Begins a transaction that writes, behind `lock` if there is one: SQLite has one writer anyway, PostgreSQL takes
    /// turns.
    pub(super) async fn begin(&self, lock: Option<i64>) -> Result<Transaction, DbErr> {
        let pool = self.0.to_ask().await;
        let txn = in_time(self, begin(&pool)).await?;
        let mut txn = Transaction { pool: self.clone(), txn, mark: None };
        if self.get_database_backend() == DbBackend::Postgres {
            let mut ask = Query::select();
            if let Some(lock) = lock {
                ask.expr(Expr::cust(format!("pg_advisory_xact_lock({lock})")));
            }
            ask.expr_as(Expr::cust("txid_current()"), "id").expr_as(Expr::cust(SERVER), "server");
            if let Some(row) = txn.query_one(&ask).await? {
                txn.mark = Some(Mark { id: row.try_get("", "id")?, server: row.try_get("", "server")? });
            }
        }
        Ok(txn)
    }

    /// What became of a transaction, as far as it can be told now.
    async fn outcome(&self, mark: &Mark) -> Result<Outcome, DbErr> {
        let status = Expr::cust_with_values("txid_status($1)", [mark.id]).cast_as("text");
        let mut ask = Query::select();
        ask.expr_as(status, "status").expr_as(Expr::cust(SERVER), "server");
        let Some(row) = self.query_one(&ask).await? else { return Ok(Outcome::Open) };
        if row.try_get::<String>("", "server")? != mark.server {
            return Ok(Outcome::Untold);
        }
        Ok(match row.try_get::<Option<String>>("", "status")?.as_deref() {
            Some("committed") => Outcome::Made,
            Some("aborted") => Outcome::NotMade,
            _ => Outcome::Open,
        })
    }
}

impl Transaction {
    /// Makes it so. `Unknown` when the answer was lost and the database could not be asked in time.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        let Self { pool, txn, mark } = self;
        let error = match in_time(&pool, txn.commit()).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let Some(mark) = mark else { return Err(error.into()) };
        let deadline = Instant::now() + limit::STORE_TIMEOUT;
        loop {
            if Instant::now() >= deadline {
                return Err(StoreError::Unknown(error));
            }
            match timeout_at(deadline, pool.outcome(&mark)).await {
                Ok(Ok(Outcome::Made)) => return Ok(()),
                Ok(Ok(Outcome::NotMade)) => return Err(error.into()),
                Ok(Ok(Outcome::Open) | Err(_)) => sleep(ASK_EVERY).await,
                Ok(Ok(Outcome::Untold)) | Err(_) => return Err(StoreError::Unknown(error)),
            }
        }
    }
}

/// Begins a transaction that writes.
pub(super) async fn begin(pool: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let mode = Some(SqliteTransactionMode::Immediate);
    pool.begin_with_options(TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() }).await
}

/// What `answer` comes to, or that it did not come.
async fn in_time<T>(pool: &Timed, answer: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    if pool.get_database_backend() == DbBackend::Sqlite {
        return answer.await;
    }
    let none = || DbErr::Conn(RuntimeErr::Internal("the database did not answer in time".to_owned()));
    let answer = timeout(limit::ANSWER_TIMEOUT, answer).await.map_err(|_| none())?;
    pool.0.heard(&answer);
    answer
}

#[async_trait]
impl ConnectionTrait for Timed {
    fn get_database_backend(&self) -> DbBackend {
        self.0.current().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        in_time(self, self.0.to_ask().await.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        in_time(self, self.0.to_ask().await.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        in_time(self, self.0.to_ask().await.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        in_time(self, self.0.to_ask().await.query_all_raw(statement)).await
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        in_time(&self.pool, self.txn.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        in_time(&self.pool, self.txn.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        in_time(&self.pool, self.txn.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        in_time(&self.pool, self.txn.query_all_raw(statement)).await
    }
}

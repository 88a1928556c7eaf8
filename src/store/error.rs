//! What can go wrong with the database, in our words. The cause is for the log alone.

use sea_orm::{DbErr, SqlErr};

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database did not answer, or not in time.
    #[error("the database can't be used now")]
    Unavailable(#[source] DbErr),
    /// The database has not answered for a while, so it was not asked.
    #[error("the database is away")]
    Away,
    /// The database did not answer in the time that it has for that.
    #[error("the database is too slow")]
    TooSlow,
    /// The answer to a commit was lost, and the database could not be asked in time what became of it.
    #[error("it is not known whether this was done: the database did not answer; look before you do it again")]
    Unknown(#[source] DbErr),
    /// Something of that name is there already.
    #[error("it exists already")]
    Exists,
    /// Something else still refers to it, or it refers to what is not there.
    #[error("something refers to it")]
    Referred,
    /// What is asked to change is not there, or not any more as it was when the caller looked.
    #[error("it is not there")]
    Gone,
    /// The database holds what this program can't read.
    #[error("the database holds a {0} that can't be read")]
    Corrupt(&'static str),
    /// The database's URL or file can't be used at all.
    #[error("{0}")]
    Unusable(String),
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::Exists,
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => Self::Referred,
            _ => Self::Unavailable(error),
        }
    }
}

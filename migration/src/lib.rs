//! How the tables came to be, one file per step.
//!
//! Steps are written once and never changed after a release. All pending steps run in one transaction under one lock
//! (see the server's `store::migrate`), so that a killed start leaves nothing half done and several nodes may start
//! at once. A step only adds, and what it adds has a default: the version before goes on beside it, and starts again.

mod later;
mod m0001_apps_resources_keys;
mod m0002_signing_keys;
mod m0003_change_log;
mod m0004_sign_in;
mod m0005_grant_resources;
mod m0006_provider_session;
mod m0007_several_nodes;
mod m0008_endings;

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{DbErr, MigrationTrait};
use sea_orm_migration::sea_orm::{DatabaseConnection, DatabaseTransaction};

pub use later::Later;

/// The first steps. The versions that knew no others do not start when their record holds one that they don't know, so
/// nothing is added here any more.
#[derive(Debug)]
pub struct First;

impl MigratorTrait for First {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_apps_resources_keys::Step),
            Box::new(m0002_signing_keys::Step),
            Box::new(m0003_change_log::Step),
            Box::new(m0004_sign_in::Step),
            Box::new(m0005_grant_resources::Step),
            Box::new(m0006_provider_session::Step),
        ]
    }
}

/// How many steps there are.
#[must_use]
pub fn steps() -> usize {
    First::migrations().len() + Later::migrations().len()
}

/// How many steps the database has not taken. Changes nothing.
pub async fn pending(db: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(First::get_pending_migrations_read_only(db).await?.len() + later::pending(db).await?)
}

/// Takes the steps that are pending. Returns how many that were.
pub async fn up(db: &DatabaseTransaction) -> Result<usize, DbErr> {
    let pending = First::get_pending_migrations(db).await?.len() + Later::get_pending_migrations(db).await?.len();
    First::up(db, None).await?;
    Later::up(db, None).await?;
    Ok(pending)
}

/// Takes all steps back.
pub async fn down(db: &DatabaseTransaction) -> Result<(), DbErr> {
    Later::down(db, None).await?;
    First::down(db, None).await
}

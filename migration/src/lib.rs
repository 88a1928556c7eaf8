//! How the tables came to be, one file per step.
//!
//! Steps are written once and never changed after a release. All pending steps run in one transaction under one lock
//! (see the server's `store::migrate`), so that a killed start leaves nothing half done and several nodes may start
//! at once.

use sea_orm_migration::prelude::MigrationTrait;
pub use sea_orm_migration::prelude::MigratorTrait;

mod m0001_apps_resources_keys;
mod m0002_signing_keys;
mod m0003_change_log;
mod m0004_sign_in;
mod m0005_grant_resources;
mod m0006_provider_session;
mod m0008_endings;

/// Every step, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_apps_resources_keys::Step),
            Box::new(m0002_signing_keys::Step),
            Box::new(m0003_change_log::Step),
            Box::new(m0004_sign_in::Step),
            Box::new(m0005_grant_resources::Step),
            Box::new(m0006_provider_session::Step),
            Box::new(m0008_endings::Step),
        ]
    }
}

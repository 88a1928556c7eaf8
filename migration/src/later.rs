//! The steps since the first ones, and their record.
//!
//! Who finds a step there that it does not know starts all the same: a newer version took it, beside which this one may
//! go on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseConnection;
use sea_orm_migration::seaql_migrations::Model;

use crate::{m0007_several_nodes, m0008_endings};

/// Where the steps taken are written down.
const RECORD: &str = "migration";

/// The steps since, oldest first.
#[derive(Debug)]
pub struct Later;

#[async_trait::async_trait]
impl MigratorTrait for Later {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0007_several_nodes::Step), Box::new(m0008_endings::Step)]
    }

    fn migration_table_name() -> DynIden {
        RECORD.into_iden()
    }

    async fn get_migration_models<C: ConnectionTrait>(db: &C) -> Result<Vec<Model>, DbErr> {
        Self::install(db).await?;
        let taken = taken(db).await?;
        Ok(taken.into_iter().map(|version| Model { version, applied_at: 0 }).collect())
    }
}

/// How many of them the database has not taken.
pub(crate) async fn pending(db: &DatabaseConnection) -> Result<usize, DbErr> {
    let taken = if SchemaManager::new(db).has_table(RECORD).await? { taken(db).await?.len() } else { 0 };
    Ok(Later::migrations().len() - taken)
}

/// Those that the record holds, without those that only a newer version knows.
async fn taken<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let rows = db.query_all(Query::select().column("version").from(RECORD)).await?;
    let versions = rows.iter().map(|row| row.try_get::<String>("", "version")).collect::<Result<Vec<_>, _>>()?;
    let steps = Later::migrations();
    let is_known = |version: &String| steps.iter().any(|step| step.name() == version);
    Ok(versions.into_iter().filter(is_known).collect())
}

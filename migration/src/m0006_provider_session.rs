//! Which session at the provider a session here was begun with: a provider that ends one names it so.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text_null;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = text_null("provider_sid").take();
        manager.alter_table(Table::alter().table("session").add_column(column).take()).await?;
        manager
            .create_index(Index::create().name("session_by_provider_sid").table("session").col("provider_sid").take())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("session_by_provider_sid").table("session").to_owned()).await?;
        manager.alter_table(Table::alter().table("session").drop_column("provider_sid").take()).await
    }
}

//! Resources, apps, API keys with their uses, and the peppers their hashes need.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, boolean, text, text_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("resource")
                    .col(text("identifier").primary_key())
                    .col(text("name"))
                    .col(text("scopes"))
                    .col(text("profile"))
                    .col(big_integer("token_lifetime"))
                    .col(boolean("is_declared"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("disabled_at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("app")
                    .col(text("client_id").primary_key())
                    .col(text("name"))
                    .col(text("scopes"))
                    .col(text("resources"))
                    .col(text_null("default_resource"))
                    .col(boolean("is_declared"))
                    .col(big_integer("created_at"))
                    .col(big_integer_null("disabled_at"))
                    .foreign_key(ForeignKey::create().from("app", "default_resource").to("resource", "identifier"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("pepper")
                    .col(big_integer("id").primary_key())
                    .col(binary("sealed"))
                    .col(text("root_key_id"))
                    .col(big_integer("created_at"))
                    .take(),
            )
            .await?;
        create_api_key(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["key_usage", "api_key", "pepper", "app", "resource"] {
            manager.drop_table(Table::drop().table(table).take()).await?;
        }
        Ok(())
    }
}

async fn create_api_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("api_key")
                .col(text("id").primary_key())
                .col(text("client_id"))
                .col(text("name"))
                .col(text_null("note"))
                .col(text("environment"))
                .col(binary("secret_hash"))
                .col(big_integer("pepper_id"))
                .col(text("scopes"))
                .col(text("resources"))
                .col(text("networks"))
                .col(big_integer_null("rate_limit"))
                .col(big_integer("created_at"))
                .col(big_integer_null("expires_at"))
                .col(big_integer_null("disabled_at"))
                .col(big_integer_null("revoked_at"))
                .col(text_null("revoked_reason"))
                .col(text_null("revoked_by"))
                .col(text_null("rotated_from"))
                .col(text_null("rotated_to"))
                .foreign_key(ForeignKey::create().from("api_key", "client_id").to("app", "client_id"))
                .foreign_key(ForeignKey::create().from("api_key", "pepper_id").to("pepper", "id"))
                .take(),
        )
        .await?;
    manager.create_index(Index::create().name("api_key_by_app").table("api_key").col("client_id").take()).await?;
    let mut key_usage = Table::create()
        .table("key_usage")
        .col(text("key_id").primary_key())
        .col(big_integer("uses"))
        .col(big_integer("last_used_at"))
        .col(text("last_used_from"))
        .foreign_key(
            ForeignKey::create().from("key_usage", "key_id").to("api_key", "id").on_delete(ForeignKeyAction::Cascade),
        )
        .take();
    if manager.get_database_backend() == DbBackend::Sqlite {
        // One tree, in the order of the ids: a flush of many uses touches each page once.
        key_usage.extra("WITHOUT ROWID");
    }
    manager.create_table(key_usage).await
}

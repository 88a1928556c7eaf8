//! Signing keys. At most one per algorithm waits and at most one signs, whatever the nodes attempt at once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("signing_key")
                    .col(text("kid").primary_key())
                    .col(text("algorithm"))
                    .col(text("state"))
                    .col(text("public_jwk"))
                    .col(binary("sealed_private"))
                    .col(text("root_key_id"))
                    .col(big_integer("created_at"))
                    .col(big_integer("due_at"))
                    .col(big_integer_null("active_at"))
                    .col(big_integer_null("retiring_at"))
                    .col(big_integer_null("retired_at"))
                    .take(),
            )
            .await?;
        for state in ["next", "active"] {
            manager
                .create_index(
                    Index::create()
                        .unique()
                        .name(format!("signing_key_one_{state}"))
                        .table("signing_key")
                        .col("algorithm")
                        .cond_where(Expr::col("state").eq(state))
                        .take(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("signing_key").take()).await
    }
}

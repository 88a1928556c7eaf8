//! What ended: found without reading whole tables when it is swept, and, of sign-outs at providers, remembered for those who
//! are just coming back from there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_pk_auto, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Its places never come back, as those of the change log.
        manager
            .create_table(
                Table::create()
                    .table("provider_logout")
                    .col(big_pk_auto("seq"))
                    .col(text("issuer"))
                    .col(text_null("subject"))
                    .col(text_null("sid"))
                    .col(big_integer("expires_at"))
                    .take(),
            )
            .await?;
        for (name, table, column, which) in INDEXES {
            let mut index = Index::create().name(name).table(table).col(column).take();
            let index = match which {
                Which::All => index,
                Which::Is(column) => index.cond_where(Expr::col(column).is_not_null()).take(),
                Which::IsNot(column) => index.cond_where(Expr::col(column).is_null()).take(),
            };
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, ..) in INDEXES {
            manager.drop_index(Index::drop().name(name).table(table).to_owned()).await?;
        }
        manager.drop_table(Table::drop().table("provider_logout").take()).await
    }
}

/// Which rows an index has.
#[derive(Clone, Copy)]
enum Which {
    All,
    /// Those of which this is known.
    Is(&'static str),
    /// Those of which it is not.
    IsNot(&'static str),
}

const INDEXES: [(&str, &str, &str, Which); 8] = [
    ("authorization_code_by_end", "authorization_code", "expires_at", Which::All),
    ("authorization_code_unfetched", "authorization_code", "expires_at", Which::IsNot("spent_at")),
    ("token_family_by_end", "token_family", "expires_at", Which::All),
    ("token_family_by_use", "token_family", "last_used_at", Which::All),
    ("token_family_revoked", "token_family", "revoked_at", Which::Is("revoked_at")),
    ("session_by_end", "session", "expires_at", Which::All),
    ("session_ended", "session", "ended_at", Which::Is("ended_at")),
    ("user_grant_revoked", "user_grant", "revoked_at", Which::Is("revoked_at")),
];

//! People: the providers they sign in at, who they are, their browsers, what they allowed, and what came of it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, binary, binary_null, boolean, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        extend(manager).await?;
        create_people(manager).await?;
        create_journeys(manager).await?;
        create_grants(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in TABLES.iter().rev() {
            manager.drop_table(Table::drop().table(*table).take()).await?;
        }
        manager.drop_index(Index::drop().name("api_key_by_owner").table("api_key").to_owned()).await?;
        for (table, columns) in COLUMNS {
            for column in *columns {
                manager.alter_table(Table::alter().table(*table).drop_column(*column).take()).await?;
            }
        }
        Ok(())
    }
}

const TABLES: [&str; 11] = [
    "provider",
    "user",
    "identity",
    "session",
    "authorization_request",
    "login_attempt",
    "user_grant",
    "token_family",
    "authorization_code",
    "refresh_token",
    "revoked_token",
];

const COLUMNS: &[(&str, &[&str])] = &[
    (
        "app",
        &[
            "is_public",
            "redirect_uris",
            "post_logout_redirect_uris",
            "grant_types",
            "is_first_party",
            "may_skip_pkce",
            "id_token_alg",
            "home_uri",
            "roles",
            "allows_personal_keys",
        ],
    ),
    ("resource", &["claims", "scope_words"]),
    ("api_key", &["owner_id"]),
];

/// What apps, resources and keys are beside what they were: the old rows become apps that no person signs in to.
async fn extend(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let add = |table: &'static str, column: ColumnDef| async move {
        manager.alter_table(Table::alter().table(table).add_column(column).take()).await
    };
    for column in ["is_public", "is_first_party", "may_skip_pkce", "allows_personal_keys"] {
        add("app", boolean(column).default(false).take()).await?;
    }
    for column in ["redirect_uris", "post_logout_redirect_uris", "roles"] {
        add("app", text(column).default("").take()).await?;
    }
    add("app", text("grant_types").default("client_credentials").take()).await?;
    add("app", text("id_token_alg").default("RS256").take()).await?;
    add("app", text_null("home_uri").take()).await?;
    add("resource", text("claims").default("").take()).await?;
    add("resource", text("scope_words").default("{}").take()).await?;
    add("api_key", text_null("owner_id").take()).await?;
    manager.create_index(Index::create().name("api_key_by_owner").table("api_key").col("owner_id").take()).await
}

async fn create_people(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("provider")
                .col(text("name").primary_key())
                .col(text("title"))
                .col(text("preset"))
                .col(text("issuer"))
                .col(text("client_id"))
                .col(binary_null("sealed_secret"))
                .col(text_null("root_key_id"))
                .col(text("scopes"))
                .col(text("claims"))
                .col(text("rules"))
                .col(boolean("is_declared"))
                .col(big_integer("created_at"))
                .col(big_integer_null("disabled_at"))
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("user")
                .col(text("id").primary_key())
                .col(text("claims"))
                .col(big_integer("created_at"))
                .col(big_integer("last_login_at"))
                .col(big_integer_null("disabled_at"))
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("identity")
                .col(text("id").primary_key())
                .col(text("user_id"))
                .col(text("provider"))
                .col(text("issuer"))
                .col(text("subject"))
                .col(text_null("email"))
                .col(boolean("is_email_verified"))
                .col(big_integer("created_at"))
                .col(big_integer("last_login_at"))
                .foreign_key(ForeignKey::create().from("identity", "user_id").to("user", "id"))
                .take(),
        )
        .await?;
    let index = |name: &str, column: &str| Index::create().name(name).table("identity").col(Alias::new(column)).take();
    manager.create_index(index("identity_by_user", "user_id")).await?;
    manager.create_index(index("identity_by_email", "email")).await?;
    manager
        .create_index(
            Index::create().unique().name("identity_once").table("identity").col("issuer").col("subject").take(),
        )
        .await
}

async fn create_journeys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("session")
                .col(text("id").primary_key())
                .col(binary("secret_hash"))
                .col(text("user_id"))
                .col(text("identity_id"))
                .col(big_integer("auth_time"))
                .col(text_null("acr"))
                .col(text("amr"))
                .col(text("user_agent"))
                .col(text("address"))
                .col(big_integer("created_at"))
                .col(big_integer("last_seen_at"))
                .col(big_integer("expires_at"))
                .col(big_integer_null("ended_at"))
                .foreign_key(ForeignKey::create().from("session", "user_id").to("user", "id"))
                .take(),
        )
        .await?;
    manager.create_index(Index::create().name("session_by_user").table("session").col("user_id").take()).await?;
    manager
        .create_table(
            Table::create()
                .table("authorization_request")
                .col(text("id").primary_key())
                .col(binary("browser_hash"))
                .col(text("client_id"))
                .col(text("parameters"))
                .col(big_integer("created_at"))
                .col(big_integer("expires_at"))
                .foreign_key(ForeignKey::create().from("authorization_request", "client_id").to("app", "client_id"))
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("login_attempt")
                .col(text("id").primary_key())
                .col(binary("browser_hash"))
                .col(text("provider"))
                .col(text_null("request_id"))
                .col(text_null("links_to"))
                .col(boolean("is_fresh"))
                .col(big_integer("created_at"))
                .col(big_integer("expires_at"))
                .take(),
        )
        .await
}

async fn create_grants(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("user_grant")
                .col(text("id").primary_key())
                .col(text("user_id"))
                .col(text("client_id"))
                .col(text("scopes"))
                .col(big_integer("created_at"))
                .col(big_integer("last_used_at"))
                .col(big_integer_null("revoked_at"))
                .foreign_key(ForeignKey::create().from("user_grant", "user_id").to("user", "id"))
                .foreign_key(ForeignKey::create().from("user_grant", "client_id").to("app", "client_id"))
                .take(),
        )
        .await?;
    manager
        .create_index(
            Index::create()
                .unique()
                .name("user_grant_once")
                .table("user_grant")
                .col("user_id")
                .col("client_id")
                .cond_where(Expr::col("revoked_at").is_null())
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("token_family")
                .col(text("id").primary_key())
                .col(text("client_id"))
                .col(text("user_id"))
                .col(text("session_id"))
                .col(text("grant_id"))
                .col(text("scopes"))
                .col(text("resources"))
                .col(text("claims"))
                .col(text_null("nonce"))
                .col(big_integer("auth_time"))
                .col(boolean("is_offline"))
                .col(big_integer("created_at"))
                .col(big_integer("last_used_at"))
                .col(big_integer("expires_at"))
                .col(big_integer_null("revoked_at"))
                .col(text_null("revoked_reason"))
                .foreign_key(ForeignKey::create().from("token_family", "user_id").to("user", "id"))
                .foreign_key(ForeignKey::create().from("token_family", "grant_id").to("user_grant", "id"))
                .take(),
        )
        .await?;
    for column in ["session_id", "grant_id", "user_id"] {
        let name = format!("token_family_by_{column}");
        let index = Index::create().name(name).table("token_family").col(Alias::new(column)).take();
        manager.create_index(index).await?;
    }
    create_tokens(manager).await
}

async fn create_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("authorization_code")
                .col(text("id").primary_key())
                .col(binary("secret_hash"))
                .col(text("family_id"))
                .col(text("redirect_uri"))
                .col(text_null("challenge"))
                .col(big_integer("created_at"))
                .col(big_integer("expires_at"))
                .col(big_integer_null("spent_at"))
                .foreign_key(
                    ForeignKey::create()
                        .from("authorization_code", "family_id")
                        .to("token_family", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .take(),
        )
        .await?;
    manager
        .create_table(
            Table::create()
                .table("refresh_token")
                .col(text("id").primary_key())
                .col(binary("secret_hash"))
                .col(text("family_id"))
                .col(big_integer("pepper_id"))
                .col(big_integer("created_at"))
                .col(big_integer_null("spent_at"))
                .col(text_null("successor_id"))
                .foreign_key(
                    ForeignKey::create()
                        .from("refresh_token", "family_id")
                        .to("token_family", "id")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .take(),
        )
        .await?;
    for table in ["authorization_code", "refresh_token"] {
        let name = format!("{table}_by_family");
        let index = Index::create().name(name).table(Alias::new(table)).col("family_id").take();
        manager.create_index(index).await?;
    }
    manager
        .create_table(
            Table::create().table("revoked_token").col(text("jti").primary_key()).col(big_integer("expires_at")).take(),
        )
        .await
}

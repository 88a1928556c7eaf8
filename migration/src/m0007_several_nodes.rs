//! What several nodes share: who does what one of them does for all, and a word to each when something changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

/// Whoever writes to the change log, every version and a hand that writes SQL, waits for its turn, so that the order of
/// `seq` is the order of commits, and says with the commit that there is something new. The number is that of the lock
/// which the server takes as well (`store::change`).
const TELL: &str = "
    CREATE FUNCTION hallpass_take_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock(114767640133633);
        RETURN NULL;
    END $$;
    CREATE FUNCTION hallpass_tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM pg_notify('hallpass_change', '');
        RETURN NULL;
    END $$;
    CREATE TRIGGER change_log_takes_turns BEFORE INSERT ON change_log
        FOR EACH STATEMENT EXECUTE FUNCTION hallpass_take_turn();
    CREATE TRIGGER change_log_tells AFTER INSERT ON change_log
        FOR EACH STATEMENT EXECUTE FUNCTION hallpass_tell();
";
const TELL_NO_MORE: &str = "
    DROP TRIGGER change_log_tells ON change_log;
    DROP TRIGGER change_log_takes_turns ON change_log;
    DROP FUNCTION hallpass_tell();
    DROP FUNCTION hallpass_take_turn();
";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lease = Table::create()
            .table("job_lease")
            .col(text("job").primary_key())
            .col(text("holder"))
            .col(big_integer("expires_at"))
            .take();
        manager.create_table(lease).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(TELL).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(TELL_NO_MORE).await?;
        }
        manager.drop_table(Table::drop().table("job_lease").take()).await
    }
}

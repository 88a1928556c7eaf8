//! What a grant is for: the resources that stood on the page when the person allowed it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::text;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nobody knows what stood there before: whoever allowed something then is asked once more.
        let resources = text("resources").default("").take();
        manager.alter_table(Table::alter().table("user_grant").add_column(resources).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("user_grant").drop_column("resources").take()).await
    }
}

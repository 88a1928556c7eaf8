//! Migrations: up, down, up; every table as its entity has it; and many at once.

#![allow(clippy::unwrap_used, reason = "a test that meets the unexpected fails")]

#[path = "api/support/database.rs"]
#[allow(dead_code, reason = "the chapters of tests/api use the rest")]
mod database;
#[path = "api/support/postgres.rs"]
#[allow(dead_code, reason = "the chapters of tests/api use the rest")]
mod postgres;

use std::process::{Command, Stdio};

use database::TestDatabase;
use hallpass::store::Store;
use migration::{First, MigratorTrait, steps};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbErr, EntityTrait};

/// A new database; its folder goes when the value does.
async fn fresh() -> (tempfile::TempDir, TestDatabase) {
    let folder = tempfile::tempdir().unwrap();
    let database = TestDatabase::fresh(folder.path()).await;
    (folder, database)
}

/// Reads one table whole, as its entity has it.
async fn read<E: EntityTrait>(connection: &DatabaseConnection) -> Result<usize, DbErr> {
    Ok(E::find().all(connection).await?.len())
}

/// What reading each table says.
async fn read_all(url: &str) -> Vec<Result<usize, DbErr>> {
    let connection = Database::connect(url).await.unwrap();
    let all = vec![
        read::<entity::api_key::Entity>(&connection).await,
        read::<entity::app::Entity>(&connection).await,
        read::<entity::change::Entity>(&connection).await,
        read::<entity::key_usage::Entity>(&connection).await,
        read::<entity::job_lease::Entity>(&connection).await,
        read::<entity::pepper::Entity>(&connection).await,
        read::<entity::resource::Entity>(&connection).await,
        read::<entity::signing_key::Entity>(&connection).await,
        read::<entity::authorization_code::Entity>(&connection).await,
        read::<entity::authorization_request::Entity>(&connection).await,
        read::<entity::identity::Entity>(&connection).await,
        read::<entity::login_attempt::Entity>(&connection).await,
        read::<entity::provider::Entity>(&connection).await,
        read::<entity::provider_logout::Entity>(&connection).await,
        read::<entity::refresh_token::Entity>(&connection).await,
        read::<entity::revoked_token::Entity>(&connection).await,
        read::<entity::session::Entity>(&connection).await,
        read::<entity::token_family::Entity>(&connection).await,
        read::<entity::user::Entity>(&connection).await,
        read::<entity::user_grant::Entity>(&connection).await,
    ];
    connection.close().await.unwrap();
    all
}

#[tokio::test]
async fn up_down_and_up_again_leaves_tables_that_every_entity_can_read() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();

    assert_eq!(store.migrate().await.unwrap(), steps());
    assert!(read_all(database.url()).await.iter().all(|rows| matches!(rows, Ok(0))));
    store.unmigrate().await.unwrap();
    assert_eq!(store.pending_migrations().await.unwrap(), steps());
    assert!(read_all(database.url()).await.iter().all(Result::is_err), "no table is left");
    assert_eq!(store.migrate().await.unwrap(), steps());

    assert!(read_all(database.url()).await.iter().all(|rows| matches!(rows, Ok(0))));
    store.close().await;
}

#[tokio::test]
async fn every_entity_has_a_file_here() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src");
    let files = std::fs::read_dir(folder).unwrap().count() - 1;
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    store.migrate().await.unwrap();

    assert_eq!(read_all(database.url()).await.len(), files, "a new table is read by these tests too");
    store.close().await;
}

#[tokio::test]
async fn what_was_there_before_people_could_sign_in_is_as_it_was_and_signs_nobody_in() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    let connection = Database::connect(database.url()).await.unwrap();
    First::up(&connection, Some(3)).await.unwrap();
    let blob = if database.postgres().is_some() { "'\\x0102'" } else { "x'0102'" };
    for statement in [
        "INSERT INTO resource (identifier, name, scopes, profile, token_lifetime, is_declared, created_at) \
         VALUES ('https://orders.example', 'Orders', 'orders:read orders:write', 'compat', 300, true, 1)",
        "INSERT INTO app (client_id, name, scopes, resources, default_resource, is_declared, created_at, disabled_at) \
         VALUES ('shop', 'Shop', 'orders:read', 'https://orders.example', 'https://orders.example', true, 2, 3)",
        &format!("INSERT INTO pepper (id, sealed, root_key_id, created_at) VALUES (1, {blob}, 'root', 4)"),
        &format!(
            "INSERT INTO api_key (id, client_id, name, environment, secret_hash, pepper_id, scopes, resources, \
             networks, created_at) VALUES ('0123456789ABCDEF', 'shop', 'old', 'live', {blob}, 1, 'orders:read', \
             'https://orders.example', '', 5)"
        ),
    ] {
        connection.execute_unprepared(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    store.migrate().await.unwrap();

    let app = entity::app::Entity::find_by_id("shop").one(&connection).await.unwrap().unwrap();
    let expected = entity::app::Model {
        client_id: "shop".to_owned(),
        name: "Shop".to_owned(),
        scopes: "orders:read".to_owned(),
        resources: "https://orders.example".to_owned(),
        default_resource: Some("https://orders.example".to_owned()),
        is_declared: true,
        is_public: false,
        redirect_uris: String::new(),
        post_logout_redirect_uris: String::new(),
        grant_types: "client_credentials".to_owned(),
        is_first_party: false,
        may_skip_pkce: false,
        id_token_alg: "RS256".to_owned(),
        home_uri: None,
        roles: String::new(),
        allows_personal_keys: false,
        created_at: 2,
        disabled_at: Some(3),
    };
    assert_eq!(app, expected);
    let resource = entity::resource::Entity::find_by_id("https://orders.example").one(&connection).await.unwrap();
    let resource = resource.unwrap();
    assert_eq!((&*resource.profile, &*resource.claims, &*resource.scope_words), ("compat", "", "{}"));
    let key = entity::api_key::Entity::find_by_id("0123456789ABCDEF").one(&connection).await.unwrap().unwrap();
    assert_eq!((key.owner_id, key.secret_hash, key.created_at), (None, vec![1, 2], 5));
    assert_eq!(store.pending_migrations().await.unwrap(), 0);
    connection.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_step_that_only_a_newer_version_knows_keeps_nobody_from_starting() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    store.migrate().await.unwrap();
    let connection = Database::connect(database.url()).await.unwrap();
    let newer = "INSERT INTO migration (version, applied_at) VALUES ('m9999_newer', 1)";
    connection.execute_unprepared(newer).await.unwrap();

    assert_eq!((store.pending_migrations().await.unwrap(), store.migrate().await.unwrap()), (0, 0));

    connection.execute_unprepared("DELETE FROM migration WHERE version <> 'm9999_newer'").await.unwrap();
    assert_eq!(store.pending_migrations().await.unwrap(), steps() - First::migrations().len(), "its own still count");
    connection.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn versions_that_refuse_steps_they_do_not_know_find_none_in_their_record() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    store.migrate().await.unwrap();
    let connection = Database::connect(database.url()).await.unwrap();

    let pending = First::get_pending_migrations(&connection).await;

    assert_eq!(pending.unwrap().len(), 0);
    connection.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn a_second_time_there_is_nothing_to_do() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    store.migrate().await.unwrap();

    assert_eq!((store.migrate().await.unwrap(), store.pending_migrations().await.unwrap()), (0, 0));
    store.close().await;
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_half_done() {
    let (_folder, database) = fresh().await;
    let store = Store::open(database.url(), 0).await.unwrap();
    let connection = Database::connect(database.url()).await.unwrap();
    // A stranger's table is in the way of the last step.
    connection.execute_unprepared("CREATE TABLE change_log (x integer)").await.unwrap();

    assert!(store.migrate().await.is_err());
    assert_eq!(store.pending_migrations().await.unwrap(), steps());
    connection.execute_unprepared("DROP TABLE change_log").await.unwrap();
    assert_eq!(store.migrate().await.unwrap(), steps());

    connection.close().await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn of_eight_that_migrate_at_once_each_succeeds_and_each_step_is_taken_once() {
    for _ in 0..4 {
        let (_folder, database) = fresh().await;
        let nodes: Vec<_> = (0..8)
            .map(|_| {
                let url = database.url().to_owned();
                tokio::spawn(async move {
                    let store = Store::open(&url, 0).await.unwrap();
                    let taken = store.migrate().await.unwrap();
                    assert_eq!(store.pending_migrations().await.unwrap(), 0);
                    store.close().await;
                    taken
                })
            })
            .collect();

        let mut taken = 0;
        for node in nodes {
            taken += node.await.unwrap();
        }

        assert_eq!(taken, steps());
    }
}

#[tokio::test]
async fn of_eight_processes_that_migrate_at_once_each_succeeds_and_each_step_is_taken_once() {
    let (folder, database) = fresh().await;
    let processes: Vec<_> = (0..8)
        .map(|_| {
            Command::new(env!("CARGO_BIN_EXE_hallpass"))
                .args(["database", "up", "--json"])
                .env_remove("HALLPASS_TEST_DATABASE")
                .env_remove("HALLPASS_TEST_POSTGRES_URL")
                .env("HALLPASS_DATABASE_URL", database.url())
                .current_dir(folder.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();

    let mut taken = 0;
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        taken += usize::try_from(answer["migrated"].as_u64().unwrap()).unwrap();
    }

    assert_eq!(taken, steps());
    assert!(read_all(database.url()).await.iter().all(Result::is_ok));
}

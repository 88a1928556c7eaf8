//! Filling: keys in a database, many in one statement.

use entity::api_key;
use hallpass::credential::{ApiKey, Environment, Pepper, Prefix, Purpose};
use hallpass::flow::{Flows, KeyWish, Vault};
use hallpass::policy::lifetime::Expiry;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter,
    TransactionTrait,
};

use crate::Outcome;
use crate::client::Key;
use crate::house::{CLIENT_ID, SCOPE};

/// Rows in one statement: SQLite takes 32 766 values at most.
const BATCH: usize = 1000;
/// Seconds in the 90 days of a key: no two in a row end at the same moment.
const LIFE: usize = 90 * 24 * 3600;

/// How keys are made that are like one that was made as anyone makes it.
pub(crate) struct Mint {
    first: api_key::Model,
    key: Key,
    pepper: Pepper,
    prefix: Prefix,
}

/// Makes one key, as anyone does.
pub(crate) async fn one(flows: &Flows, vault: &Vault) -> Outcome<Mint> {
    let wish = KeyWish {
        client_id: CLIENT_ID.to_owned(),
        owner_id: None,
        name: "load".to_owned(),
        note: None,
        environment: Environment::Live,
        scopes: SCOPE.split(' ').map(str::to_owned).collect(),
        resources: None,
        networks: vec![],
        rate_limit: None,
        expiry: Expiry::Default,
    };
    let first = flows.create_key(&wish).await?;
    let peppers = flows.store().list_peppers().await?;
    let sealed = peppers.iter().find(|sealed| sealed.id == first.row.pepper_id).ok_or("no pepper")?;
    let bytes = vault.unseal(Purpose::Pepper, &sealed.id.to_string(), &sealed.sealed)??;
    let pepper = Pepper::new(sealed.id, &bytes);
    let prefix = flows.prefix().clone();
    Ok(Mint { key: text(&first.key, &prefix)?, first: first.row, pepper, prefix })
}

/// Makes the first key as anyone does, and the rest like it.
pub(crate) async fn all(flows: &Flows, vault: &Vault, url: &str, count: usize) -> Outcome<Vec<Key>> {
    let mint = one(flows, vault).await?;
    let mut keys = vec![mint.key];
    let database = connect(url).await?;
    while keys.len() < count {
        let txn = database.begin().await?;
        for _ in 0..50 {
            let mut rows = Vec::new();
            for at in (keys.len()..count).take(BATCH) {
                let (key, row) = mint.next(at)?;
                keys.push(key);
                rows.push(row.into_active_model());
            }
            if rows.is_empty() {
                break;
            }
            api_key::Entity::insert_many(rows).exec_without_returning(&txn).await?;
        }
        txn.commit().await?;
    }
    database.close().await?;
    Ok(keys)
}

/// Lets SQLite itself make `count` rows like the first, and gives `shown` of them, all over the table, keys that are known.
pub(crate) async fn sparsely(mint: Mint, url: &str, count: usize, shown: usize) -> Outcome<Vec<Key>> {
    // The ids come in order, so that the tree of them grows at its end; what follows the first four characters is random.
    const DIGIT: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const PLACES: usize = 62 * 62 * 62 * 62;
    let database = connect(url).await?;
    for pragma in ["journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"] {
        database.execute_unprepared(&format!("PRAGMA {pragma}")).await?;
    }
    let digit = |place: usize| format!("substr('{DIGIT}', 1 + place / {place} % 62, 1)");
    let id = [62 * 62 * 62, 62 * 62, 62, 1].map(digit).join(" || ");
    let statement = format!(
        "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number + 1 < {count}), \
         places AS (SELECT number, number * {PLACES} / {count} AS place FROM numbers), \
         model AS MATERIALIZED (SELECT * FROM api_key LIMIT 1) \
         INSERT INTO api_key (id, client_id, name, environment, secret_hash, pepper_id, scopes, resources, networks, \
                              created_at, expires_at) \
         SELECT {id} || substr(hex(randomblob(6)), 1, 12), model.client_id, model.name, model.environment, \
                randomblob(32), model.pepper_id, model.scopes, model.resources, model.networks, model.created_at, \
                model.expires_at - number % {LIFE} / 2 \
         FROM places, model"
    );
    database.execute_unprepared(&statement).await?;

    let mut keys = vec![mint.key];
    let txn = database.begin().await?;
    for at in 1..shown {
        let (key, row) = mint.next(at)?;
        // Rows are numbered from 1, and the first is the one that was made as anyone does.
        let number = i64::try_from(1 + at * count / shown)?;
        api_key::Entity::update_many()
            .col_expr(api_key::Column::Id, Expr::value(row.id))
            .col_expr(api_key::Column::SecretHash, Expr::value(row.secret_hash))
            .filter(Expr::cust("rowid").eq(number))
            .exec(&txn)
            .await?;
        keys.push(key);
    }
    txn.commit().await?;
    database.close().await?;
    Ok(keys)
}

impl Mint {
    /// One more key, and its row: like the first, with an end of its own.
    fn next(&self, at: usize) -> Outcome<(Key, api_key::Model)> {
        let key = ApiKey::mint(Environment::Live);
        let row = api_key::Model {
            id: key.id().to_string(),
            secret_hash: self.pepper.hash(&key).to_vec(),
            expires_at: self.first.expires_at.map(|end| end.saturating_sub_unsigned((at % LIFE / 2) as u64)),
            ..self.first.clone()
        };
        Ok((text(&key, &self.prefix)?, row))
    }
}

fn text(key: &ApiKey, prefix: &Prefix) -> Outcome<Key> {
    Ok(key.reveal(prefix).as_bytes().try_into()?)
}

async fn connect(url: &str) -> Outcome<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Ok(Database::connect(options).await?)
}

//! The bare exchange: the form, the key, its HMAC, one look into moka, claims, one signature, an answer. Nothing else:
//! no request id, no log, no metrics, no rules.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::{CACHE_CONTROL, PRAGMA};
use actix_web::{App, HttpResponse, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use hallpass::credential::{ApiKey, KeyId, Prefix};
use hallpass_verifier::{Audience, Claims, NumericDate};
use moka::sync::Cache;
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde::{Deserialize, Serialize};

use crate::Outcome;
use crate::house::{CLIENT_ID, RESOURCE, SCOPE};

const LIFETIME: i64 = 300;

struct State {
    prefix: Prefix,
    pepper: hmac::Key,
    records: Cache<KeyId, Arc<Record>>,
    header: String,
    pair: EcdsaKeyPair,
    random: SystemRandom,
    issuer: String,
}

struct Record {
    secret_hash: Vec<u8>,
    client_id: String,
    scope: String,
}

#[derive(Deserialize)]
struct Form {
    grant_type: String,
    client_id: String,
    client_secret: String,
    scope: String,
}

#[derive(Serialize)]
struct Reply<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: i64,
    scope: &'a str,
}

pub(super) async fn serve(address: SocketAddr, keys: &Path) -> Outcome<()> {
    let random = SystemRandom::new();
    let mut pepper = [0; 32];
    random.fill(&mut pepper).map_err(|_| "no random bytes")?;
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(|_| "no key")?;
    let state = State {
        prefix: "hp".parse()?,
        pepper: hmac::Key::new(hmac::HMAC_SHA256, &pepper),
        records: Cache::new(1_000_000),
        header: BASE64URL.encode(format!(r#"{{"alg":"ES256","kid":"{}","typ":"at+jwt"}}"#, "k".repeat(43))),
        pair: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random)?,
        random,
        issuer: format!("http://{address}"),
    };
    for line in fs::read_to_string(keys)?.lines() {
        let key = ApiKey::parse(&state.prefix, line)?;
        let record = Record {
            secret_hash: hmac::sign(&state.pepper, secret(line)).as_ref().to_vec(),
            client_id: CLIENT_ID.to_owned(),
            scope: SCOPE.to_owned(),
        };
        state.records.insert(key.id(), Arc::new(record));
    }
    let state = web::Data::new(state);
    serve!(address, move || { App::new().app_data(state.clone()).route("/oauth/token", web::post().to(exchange)) });
    Ok(())
}

async fn exchange(state: web::Data<State>, form: web::Form<Form>) -> HttpResponse {
    let Some((token, record)) = token(&state, &form) else { return HttpResponse::Unauthorized().finish() };
    let reply = Reply { access_token: &token, token_type: "Bearer", expires_in: LIFETIME, scope: &record.scope };
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).insert_header((PRAGMA, "no-cache")).json(reply)
}

fn token(state: &State, form: &Form) -> Option<(String, Arc<Record>)> {
    let key = ApiKey::parse(&state.prefix, &form.client_secret).ok()?;
    let record = state.records.get(&key.id())?;
    hmac::verify(&state.pepper, secret(&form.client_secret), &record.secret_hash).ok()?;
    if form.grant_type != "client_credentials" || form.client_id != record.client_id || form.scope != record.scope {
        return None;
    }
    #[expect(clippy::disallowed_methods, reason = "this server has no Clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    let now = i64::try_from(since.as_secs()).ok()?;
    let mut jti = [0; 16];
    state.random.fill(&mut jti).ok()?;
    let claims = Claims {
        iss: state.issuer.clone(),
        sub: record.client_id.clone(),
        aud: Audience::one(RESOURCE),
        exp: NumericDate::from_seconds(now + LIFETIME),
        iat: NumericDate::from_seconds(now - 5),
        nbf: Some(NumericDate::from_seconds(now - 5)),
        jti: BASE64URL.encode(jti),
        client_id: record.client_id.clone(),
        scope: Some(record.scope.parse().ok()?),
        key_id: Some(key.id().to_string()),
        env: Some(key.environment().as_str().to_owned()),
        ..Claims::default()
    };
    let payload = serde_json::to_vec(&claims).ok()?;
    let mut token = String::with_capacity(state.header.len() + payload.len() * 4 / 3 + 96);
    token.push_str(&state.header);
    token.push('.');
    BASE64URL.encode_string(payload, &mut token);
    let signature = state.pair.sign(&state.random, token.as_bytes()).ok()?;
    token.push('.');
    BASE64URL.encode_string(signature, &mut token);
    Some((token, record))
}

/// The secret of a key that has the form of one.
fn secret(key: &str) -> &[u8] {
    let at = key.len().saturating_sub(38);
    key.as_bytes().get(at..at + 32).unwrap_or_default()
}

//! Keys fetched by a client that is not ours.

use std::sync::{Arc, Mutex};

use hallpass_verifier::{
    BuildError, Clock, Error, GetFuture, GetRequest, GetResponse, HeldClock, HttpGet, NoAnswer, Verifier,
};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, House, ISSUER, NOW, claims, is_unavailable};

/// An address, and the `If-None-Match` that was sent there.
type Asked = (String, Option<String>);

/// Answers from memory, and remembers what it was asked.
#[derive(Clone)]
struct Canned {
    asked: Arc<Mutex<Vec<Asked>>>,
    jwks: Arc<Mutex<Result<GetResponse, NoAnswer>>>,
}

impl Canned {
    fn with(jwks: Result<GetResponse, NoAnswer>) -> Self {
        Self { asked: Arc::default(), jwks: Arc::new(Mutex::new(jwks)) }
    }

    fn verifier(&self, clock: &HeldClock) -> Verifier {
        Verifier::builder(ISSUER)
            .audience(AUDIENCE)
            .clock(Clock::Held(clock.clone()))
            .http_get(self.clone())
            .build()
            .unwrap()
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpGet for Canned {
    fn get<'g>(&'g self, request: GetRequest<'g>) -> GetFuture<'g> {
        self.asked.lock().unwrap().push((request.url.to_string(), request.if_none_match.map(str::to_owned)));
        let answer = if request.url.path() == "/jwks" {
            self.jwks.lock().unwrap().clone()
        } else {
            Ok(document(&json!({ "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/jwks") })))
        };
        Box::pin(async { answer })
    }
}

fn document(json: &Value) -> GetResponse {
    GetResponse { status: 200, body: json.to_string().into_bytes(), ..GetResponse::default() }
}

#[tokio::test]
async fn it_is_asked_for_metadata_and_keys_and_told_what_it_said_before() {
    let house = House::open();
    let keys = json!({ "keys": [house.es256.jwk()] });
    let cached = GetResponse {
        etag: Some("\"v1\"".into()),
        cache_control: Some("public, max-age=60".into()),
        ..document(&keys)
    };
    let (client, clock) = (Canned::with(Ok(cached.clone())), HeldClock::at(NOW));
    let verifier = client.verifier(&clock);
    let token = house.es256.token(&claims());

    assert!(verifier.verify(&token).await.is_ok());
    *client.jwks.lock().unwrap() = Ok(GetResponse { status: 304, body: Vec::new(), ..cached });
    clock.advance(std::time::Duration::from_secs(61));
    assert!(verifier.verify(&token).await.is_ok());

    let metadata = (format!("{ISSUER}/.well-known/oauth-authorization-server"), None);
    let jwks = |etag: Option<&str>| (format!("{ISSUER}/jwks"), etag.map(str::to_owned));
    assert_eq!(client.asked(), [metadata.clone(), jwks(None), metadata, jwks(Some("\"v1\""))]);
}

#[tokio::test]
async fn what_it_brings_is_measured_again() {
    let house = House::open();
    let token = house.es256.token(&claims());
    let too_large = document(&json!({ "keys": [house.es256.jwk()], "pad": "x".repeat(256 * 1024) }));
    let wrong = [
        Ok(too_large),
        Ok(GetResponse { status: 304, ..GetResponse::default() }),
        Ok(GetResponse { status: 500, ..document(&json!({ "keys": [house.es256.jwk()] })) }),
        Err(NoAnswer::Unreachable),
    ];

    for answer in wrong {
        let verifier = Canned::with(answer).verifier(&HeldClock::at(NOW));
        assert!(is_unavailable(&verifier, &token).await);
    }
    let empty = Canned::with(Ok(document(&json!({ "keys": [] })))).verifier(&HeldClock::at(NOW));
    assert_eq!(empty.verify(&token).await, Err(Error::UnknownKey));
}

#[test]
fn without_one_of_ours_it_has_to_be_handed_in() {
    let built = Verifier::builder(ISSUER).audience(AUDIENCE).build();

    assert_eq!(built.err(), (!cfg!(feature = "fetch")).then_some(BuildError::NoClient));
}

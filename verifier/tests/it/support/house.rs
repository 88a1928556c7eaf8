use std::time::Duration;

use hallpass_verifier::{Claims, Clock, Error, HeldClock, KeySet, Profile, Verifier, VerifierBuilder};
use serde_json::{Value, json};

use super::Signer;

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const NOW: i64 = 1_700_000_000;

/// A service with one key of each kind at hand, and no network.
pub(crate) struct House {
    pub(crate) es256: Signer,
    pub(crate) rs256: Signer,
    pub(crate) eddsa: Signer,
    pub(crate) clock: HeldClock,
    pub(crate) verifier: Verifier,
}

impl House {
    pub(crate) fn open() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn compat() -> Self {
        Self::with(|builder| builder.profile(Profile::Compat))
    }

    pub(crate) fn with(change: impl FnOnce(VerifierBuilder) -> VerifierBuilder) -> Self {
        let (es256, rs256, eddsa) = (Signer::es256("e1"), Signer::rs256("r1"), Signer::eddsa("o1"));
        let jwks = json!({ "keys": [es256.jwk(), rs256.jwk(), eddsa.jwk()] });
        let clock = HeldClock::at(NOW);
        let builder = Verifier::builder(ISSUER)
            .audience(AUDIENCE)
            .keys(KeySet::from_jwks_json(jwks.to_string()).unwrap())
            .clock(Clock::Held(clock.clone()));
        Self { es256, rs256, eddsa, clock, verifier: change(builder).build().unwrap() }
    }

    pub(crate) fn signers(&self) -> [&Signer; 3] {
        [&self.es256, &self.rs256, &self.eddsa]
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Claims, Error> {
        self.verifier.verify(token).await
    }

    /// What becomes of a well-signed token with these claims.
    pub(crate) async fn judge(&self, claims: &Value) -> Result<Claims, Error> {
        self.verify(&self.es256.token(claims)).await
    }

    /// What becomes of a well-signed token with this header.
    pub(crate) async fn judge_header(&self, header: &Value) -> Result<Claims, Error> {
        self.verify(&self.es256.token_with(header, &claims())).await
    }
}

/// What the server would sign at [`NOW`].
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "app_1", "aud": AUDIENCE,
        "exp": NOW + 300, "iat": NOW - 5, "nbf": NOW - 5,
        "jti": "t1", "client_id": "app_1", "scope": "orders:read orders:write",
        "key_id": "0123456789ABCDEF", "env": "live",
        "status": { "status_list": { "idx": 7, "uri": "https://issuer.example/oauth/status/1" } },
    })
}

pub(crate) fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = claims();
    claims[name] = value.into();
    claims
}

pub(crate) fn without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims
}

/// What a service sees when the keys can't be had.
pub(crate) async fn is_unavailable(verifier: &Verifier, token: &str) -> bool {
    match verifier.verify(token).await {
        Err(error) => {
            error.is_unavailable() && error.retry_after().is_some_and(|after| after >= Duration::from_secs(1))
        }
        Ok(_) => false,
    }
}

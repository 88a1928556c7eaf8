//! The tokens of who is signed in: bought with a code or a refresh token, and taken back.

use reqwest::{Client, StatusCode};
use serde_json::Value;

use super::issuer::Issuer;
use super::session_file::{SessionFile, SignedIn};
use super::{Failure, fetch};
use crate::clock::Clock;

/// An access token that ends so soon is not shown any more, in seconds: it may end on the way.
const SPARE: i64 = 10;
/// How long one lives whose life was not told, in seconds.
const LIFETIME_UNTOLD: i64 = 60;

/// What a token endpoint gave.
pub(super) struct Bought {
    pub(super) access_token: String,
    pub(super) expires_at: i64,
    pub(super) refresh_token: Option<String>,
    pub(super) id_token: Option<String>,
    pub(super) scope: Option<String>,
}

impl Bought {
    /// Asks for tokens.
    pub(super) async fn ask(client: &Client, issuer: &Issuer, form: &[(&str, &str)]) -> Result<Self, Failure> {
        let now = Clock::System.now();
        let (status, body) = fetch::send(client.post(issuer.endpoint("token_endpoint")?).form(form)).await?;
        if status != StatusCode::OK {
            return Err(fetch::refused(status, &body));
        }
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
            return Err(Failure::not_valid("the answer has no bearer token"));
        }
        Ok(Self {
            access_token: text("access_token").ok_or_else(|| Failure::not_valid("the answer has no access_token"))?,
            expires_at: now.saturating_add(body["expires_in"].as_i64().unwrap_or(LIFETIME_UNTOLD)),
            refresh_token: text("refresh_token"),
            id_token: text("id_token"),
            scope: text("scope"),
        })
    }
}

/// Who is signed in, with an access token that is good for a while and is not `refused`. One process at a time
/// refreshes: the others find what it got.
pub(super) async fn find(client: &Client, file: &SessionFile, refused: Option<&str>) -> Result<SignedIn, Failure> {
    let nobody = || Failure::not_authenticated("nobody is signed in here: hallpass login");
    let is_good = |signed_in: &SignedIn| {
        signed_in.expires_at > Clock::System.now() + SPARE && refused != Some(signed_in.access_token.as_str())
    };
    let signed_in = file.read()?.ok_or_else(nobody)?;
    if is_good(&signed_in) {
        return Ok(signed_in);
    }
    let _turn = file.lock().await?;
    let signed_in = file.read()?.ok_or_else(nobody)?;
    if is_good(&signed_in) {
        return Ok(signed_in);
    }
    refresh(client, file, signed_in).await
}

/// Spends the refresh token and keeps its successor. The caller holds the lock.
async fn refresh(client: &Client, file: &SessionFile, mut signed_in: SignedIn) -> Result<SignedIn, Failure> {
    let ended = |words: &dyn std::fmt::Display| {
        Failure::not_authenticated(format!("the sign-in at {} has ended ({words}): hallpass login", signed_in.issuer))
    };
    let Some(refresh_token) = signed_in.refresh_token.clone() else {
        return Err(ended(&"it came without a refresh token"));
    };
    let issuer = Issuer::discover(client, &signed_in.issuer).await?;
    // Before the token is spent: a disk that is full must not end the sign-in.
    let slot = file.take_slot()?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("client_id", signed_in.client_id.as_str()),
    ];
    let bought = match Bought::ask(client, &issuer, &form).await {
        Err(failure) if failure.is_not_authenticated() => return Err(ended(&failure.words())),
        outcome => outcome?,
    };
    signed_in.access_token.clone_from(&bought.access_token);
    signed_in.expires_at = bought.expires_at;
    signed_in.refresh_token = bought.refresh_token.or(Some(refresh_token));
    signed_in.scope = bought.scope.unwrap_or_else(|| signed_in.scope.clone());
    slot.fill(&signed_in)?;
    Ok(signed_in)
}

/// Takes back what a sign-in has: the refresh token with all that came of it, else the access token (RFC 7009).
pub(super) async fn revoke(client: &Client, issuer: &Issuer, signed_in: &SignedIn) -> Result<(), Failure> {
    let (token, hint) = match &signed_in.refresh_token {
        Some(token) => (token, "refresh_token"),
        None => (&signed_in.access_token, "access_token"),
    };
    let form = [("token", token.as_str()), ("token_type_hint", hint), ("client_id", signed_in.client_id.as_str())];
    let (status, body) = fetch::send(client.post(issuer.endpoint("revocation_endpoint")?).form(&form)).await?;
    if status == StatusCode::OK { Ok(()) } else { Err(fetch::refused(status, &body)) }
}

/// What the issuer tells of the person; `None` when it does not take the access token.
pub(super) async fn userinfo(client: &Client, issuer: &Issuer, signed_in: &SignedIn) -> Result<Option<Value>, Failure> {
    let endpoint = issuer.endpoint("userinfo_endpoint")?;
    let (status, body) = fetch::send(client.get(endpoint).bearer_auth(&signed_in.access_token)).await?;
    match status {
        StatusCode::OK if body["sub"] == *signed_in.sub => Ok(Some(body)),
        StatusCode::OK => Err(Failure::not_valid("the userinfo is about somebody else")),
        StatusCode::UNAUTHORIZED => Ok(None),
        _ => Err(fetch::refused(status, &body)),
    }
}

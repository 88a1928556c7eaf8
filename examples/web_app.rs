//! A web app that signs people in at Hallpass and calls a service in their name, with a client for any OpenID provider.
//!
//! ```text
//! ISSUER=http://127.0.0.1:8080 CLIENT_ID=… KEY=hp_test_… SERVICE=http://127.0.0.1:9000 cargo run --example web_app
//! ```
//!
//! `LISTEN` is 127.0.0.1:8090 unless set. Hallpass must know `http://LISTEN/callback` as a redirect URI of the app, and
//! `http://LISTEN/` as an address to come back to after signing out.

use std::{collections::HashMap, env, error::Error, time::Duration};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::web::{Data, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder, get, post};
use askama::Template;
use moka::sync::Cache;
use openidconnect::core::{CoreAuthenticationFlow as Flow, CoreClient, CoreIdToken};
use openidconnect::{AccessToken, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndSessionUrl, IssuerUrl};
use openidconnect::{EndpointMaybeSet as Maybe, EndpointNotSet as No, EndpointSet as Yes, LogoutRequest, Nonce, Scope};
use openidconnect::{OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, RedirectUrl};
use openidconnect::{ProviderMetadataWithLogout as Metadata, RefreshToken, TokenResponse};

/// What the access token is for, and what it should allow.
const RESOURCE: &str = "https://orders.example";
const SCOPES: [&str; 4] = ["profile", "email", "orders:read", "offline_access"];

type Client = CoreClient<Yes, No, No, No, Maybe, Maybe>;
type Outcome = Result<HttpResponse, Box<dyn Error>>;

struct WebApp {
    issuer: IssuerUrl,
    client_id: ClientId,
    key: ClientSecret,
    service: String,
    home: String,
    http: reqwest::Client,
    /// Sign-ins that were begun, by their `state`: the nonce, and the verifier behind the challenge.
    begun: Cache<String, (Nonce, String)>,
    /// People who are signed in, by their browser's cookie. The tokens stay here.
    sessions: Cache<String, Session>,
}

#[derive(Clone)]
struct Session {
    name: String,
    id_token: CoreIdToken,
    access_token: AccessToken,
    refresh_token: Option<RefreshToken>,
}

impl WebApp {
    /// Asks the provider where everything is, and for its keys. They rotate, so they are not kept.
    async fn discover(&self) -> Result<(Client, Option<EndSessionUrl>), Box<dyn Error>> {
        let found = Metadata::discover_async(self.issuer.clone(), &|ask| self.send(ask)).await?;
        let end_session = found.additional_metadata().end_session_endpoint.clone();
        let client = CoreClient::from_provider_metadata(found, self.client_id.clone(), Some(self.key.clone()));
        Ok((client.set_redirect_uri(RedirectUrl::new(format!("{}callback", self.home))?), end_session))
    }

    async fn send(&self, ask: openidconnect::HttpRequest) -> Result<openidconnect::HttpResponse, reqwest::Error> {
        let answer = self.http.execute(ask.try_into()?).await?;
        let mut read = openidconnect::HttpResponse::default();
        (*read.status_mut(), *read.headers_mut()) = (answer.status(), answer.headers().clone());
        *read.body_mut() = answer.bytes().await?.into();
        Ok(read)
    }

    fn session(&self, request: &HttpRequest) -> Option<(String, Session)> {
        let id = request.cookie("web_app")?.value().to_owned();
        self.sessions.get(&id).map(|session| (id, session))
    }

    async fn greeting(&self, access_token: &AccessToken) -> Result<String, reqwest::Error> {
        let answer = self.http.get(&self.service).bearer_auth(access_token.secret()).send().await?;
        Ok(format!("{}\n{}", answer.status(), answer.text().await?))
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html><html lang="en"><meta charset="utf-8"><title>Orders</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css"><main>
{% if let Some((name, greeting)) = self.0 %}<h1>Signed in as {{ name }}</h1>
<p>The service says:</p><pre>{{ greeting }}</pre>
<form method="post" action="/refresh"><button>Refresh the token</button></form>
<form method="post" action="/logout"><button>Sign out</button></form>
{% else %}<h1>Orders</h1><p>Nobody is signed in.</p><a href="/login">Sign in with Hallpass</a>{% endif %}</main>"#
)]
struct Page(Option<(String, String)>);

/// Shows who is signed in, and what the service says to who has their access token.
#[get("/")]
async fn home(app: Data<WebApp>, request: HttpRequest) -> Outcome {
    let mut page = Page(None);
    if let Some((_, session)) = app.session(&request) {
        let said = app.greeting(&session.access_token).await.unwrap_or_else(|error| error.to_string());
        page.0 = Some((session.name, said));
    }
    let policy = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'";
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_SECURITY_POLICY, policy)).insert_header((CACHE_CONTROL, "no-store"));
    Ok(answer.content_type("text/html; charset=utf-8").body(page.render()?))
}

/// Sends the browser off: with a challenge for the code, a nonce for the ID token, a state for the way back.
#[get("/login")]
async fn login(app: Data<WebApp>) -> Outcome {
    let (client, _) = app.discover().await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let ask = client.authorize_url(Flow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    let ask = ask.add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned()))).add_extra_param("resource", RESOURCE);
    let (url, state, nonce) = ask.set_pkce_challenge(challenge).url();
    app.begun.insert(state.secret().clone(), (nonce, verifier.into_secret()));
    Ok(go(url.as_str(), Some(("web_app_state", state.secret()))))
}

/// The browser is back: the code becomes tokens, and the ID token says who it is.
#[get("/callback")]
async fn callback(app: Data<WebApp>, request: HttpRequest, back: Query<HashMap<String, String>>) -> Outcome {
    // Only the browser that left with a state may come back with it: nobody is made to sign in as somebody else.
    let state = request.cookie("web_app_state").filter(|own| Some(own.value()) == back.get("state").map(|it| &**it));
    let begun = state.and_then(|state| app.begun.remove(state.value()));
    let (nonce, verifier) = begun.ok_or("this browser did not begin to sign in, or a while ago")?;
    back.get("iss").filter(|iss| **iss == **app.issuer).ok_or("another provider answers")?;
    let code = back.get("code").ok_or_else(|| format!("not signed in: {:?}", back.0))?;
    let (client, _) = app.discover().await?;
    let (code, verifier) = (AuthorizationCode::new(code.clone()), PkceCodeVerifier::new(verifier));
    let ask = client.exchange_code(code)?.set_pkce_verifier(verifier);
    let reply = ask.request_async(&|ask| app.send(ask)).await?;
    let id_token = reply.id_token().ok_or("there is no ID token")?.clone();
    let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
    let name = claims.name().and_then(|name| name.get(None)).map_or(claims.subject().as_str(), |name| name.as_str());
    let (access_token, refresh_token) = (reply.access_token().clone(), reply.refresh_token().cloned());
    let session = Session { name: name.to_owned(), id_token, access_token, refresh_token };
    let id = CsrfToken::new_random();
    app.sessions.insert(id.secret().clone(), session);
    Ok(go("/", Some(("web_app", id.secret()))))
}

/// A new access token. The refresh token is spent, and its successor takes its place.
#[post("/refresh")]
async fn refresh(app: Data<WebApp>, request: HttpRequest) -> Outcome {
    let (id, mut session) = app.session(&request).ok_or("nobody is signed in")?;
    let refresh_token = session.refresh_token.take().ok_or("there is no refresh token")?;
    let (client, _) = app.discover().await?;
    let reply = client.exchange_refresh_token(&refresh_token)?.request_async(&|ask| app.send(ask)).await?;
    session.access_token = reply.access_token().clone();
    session.refresh_token = reply.refresh_token().cloned().or(Some(refresh_token));
    app.sessions.insert(id, session);
    Ok(go("/", None))
}

/// Out of this app first, then out of Hallpass (OpenID Connect RP-Initiated Logout 1.0).
#[post("/logout")]
async fn logout(app: Data<WebApp>, request: HttpRequest) -> Outcome {
    let (id, session) = app.session(&request).ok_or("nobody is signed in")?;
    app.sessions.remove(&id);
    let (_, Some(end_session)) = app.discover().await? else { return Ok(go("/", None)) };
    let ask = LogoutRequest::from(end_session).set_id_token_hint(&session.id_token);
    let ask = ask.set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(app.home.clone())?);
    Ok(go(ask.http_get_url().as_str(), None))
}

#[get("/style.css")]
async fn style() -> impl Responder {
    HttpResponse::Ok().content_type("text/css; charset=utf-8").body(include_str!("web_app.css"))
}

/// Sends the browser elsewhere. `Lax`: the cookie comes back with it, but not with the forms of other sites.
fn go(to: &str, cookie: Option<(&str, &str)>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    if let Some((name, value)) = cookie {
        answer.cookie(Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).finish());
    }
    answer.insert_header((LOCATION, to)).finish()
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    hallpass_verifier::provider::install(); // what TLS is made with
    let set = |name: &str| env::var(name).map_err(|_| format!("set {name}"));
    let listen = env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:8090".to_owned());
    // Following a redirect would let a provider send this app's requests anywhere.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10));
    let app = Data::new(WebApp {
        issuer: IssuerUrl::new(set("ISSUER")?)?,
        client_id: ClientId::new(set("CLIENT_ID")?),
        key: ClientSecret::new(set("KEY")?),
        service: set("SERVICE")?,
        home: format!("http://{listen}/"),
        http: http.build()?,
        begun: Cache::builder().max_capacity(1_000).time_to_live(Duration::from_hours(1)).build(),
        sessions: Cache::builder().max_capacity(1_000).time_to_live(Duration::from_hours(8)).build(),
    });
    let home_address = app.home.clone();
    let pages = move || App::new().app_data(app.clone()).service((home, login, callback, refresh, logout, style));
    let server = HttpServer::new(pages).workers(1).bind(&listen)?;
    println!("listening on {home_address}");
    Ok(server.run().await?)
}

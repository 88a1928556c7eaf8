//! What a provider answers, at each of its addresses.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::digest::{SHA256, SHA512, digest};
use serde_json::{Value, json};
use url::Url;

use super::{Asked, CLIENT_ID, CLIENT_SECRET, Login, Served, State};
use hallpass_verifier::Algorithm;

impl State {
    pub(super) fn answer(&mut self, asked: &Asked) -> Served {
        self.asked.push(asked.clone());
        if let Some(instead) = self.instead.get(&asked.path) {
            return instead.clone();
        }
        match asked.path.as_str() {
            "/.well-known/openid-configuration" => Served::json(&self.edited("metadata", self.metadata())),
            "/jwks" => {
                let keys: Vec<&Value> = self.keys.iter().map(|key| &key.jwk).collect();
                Served::json(&self.edited("jwks", json!({ "keys": keys })))
            }
            "/authorize" | "/login/oauth/authorize" => self.authorize(asked),
            "/token" => self.token(asked),
            "/userinfo" if self.is_open_to(asked) => Served::json(&self.edited("userinfo", self.person.clone())),
            "/login/oauth/access_token" => self.github_token(asked),
            "/api/v3/user" if self.is_open_to(asked) => Served::json(&self.edited("user", github_user())),
            "/api/v3/user/emails" if self.is_open_to(asked) => Served::json(&self.edited("emails", github_emails())),
            "/userinfo" | "/api/v3/user" | "/api/v3/user/emails" => Served::status(401),
            _ => Served::status(404),
        }
    }

    fn edited(&self, what: &'static str, mut document: Value) -> Value {
        if let Some(edit) = self.edits.get(what) {
            edit(&mut document);
        }
        document
    }

    /// What it says of itself.
    pub(crate) fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.url);
        json!({
            "issuer": self.url, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"), "jwks_uri": at("/jwks"),
            "response_types_supported": ["code"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    /// The person is signed in already and allows everything.
    fn authorize(&mut self, asked: &Asked) -> Served {
        let wish = |name: &str| asked.parameter(name);
        let is_right = wish("response_type").as_deref() == Some("code")
            && wish("client_id").as_deref() == Some(CLIENT_ID)
            && wish("code_challenge_method").as_deref() == Some("S256");
        let (Some(challenge), Some(redirect_uri), true) = (wish("code_challenge"), wish("redirect_uri"), is_right)
        else {
            return Served::status(400);
        };
        let code = format!("code-{}", self.asked.len());
        let mut back = Url::parse(&redirect_uri).expect("a redirect URI");
        back.query_pairs_mut().append_pair("code", &code).append_pair("state", &wish("state").unwrap_or_default());
        if asked.path == "/authorize" {
            back.query_pairs_mut().append_pair("iss", &self.url);
        }
        // They have been signed in for a minute, unless that is too long.
        let asks_again = wish("prompt").as_deref() == Some("login");
        let is_too_long = wish("max_age").is_some_and(|max_age| max_age.parse::<i64>().is_ok_and(|age| age < 60));
        let auth_time = self.clock.now() - if asks_again || is_too_long { 0 } else { 60 };
        self.logins.insert(code, Login { nonce: wish("nonce"), challenge, redirect_uri, auth_time });
        Served::redirect(back.as_str())
    }

    fn token(&mut self, asked: &Asked) -> Served {
        let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET)));
        let is_basic = asked.header("authorization") == Some(&format!("Basic {basic}"));
        if !is_basic && !has_secret_in_body(asked) {
            return Served::error(401, "invalid_client");
        }
        let Some(login) = self.take_login(asked) else { return Served::error(400, "invalid_grant") };
        let access_token = self.mint_access_token();
        let id_token = self.id_token(&login, &access_token);
        Served::json(&self.edited(
            "tokens",
            json!({
                "access_token": access_token, "token_type": "bearer", "expires_in": 60, "scope": "openid",
                "id_token": id_token,
            }),
        ))
    }

    fn id_token(&self, login: &Login, access_token: &str) -> String {
        let key = self.keys.last().expect("a key");
        let now = self.clock.now();
        let hash = if key.algorithm == Algorithm::EdDsa { &SHA512 } else { &SHA256 };
        let hash = digest(hash, access_token.as_bytes());
        let mut claims = if self.is_id_token_full { self.person.clone() } else { json!({ "sub": self.person["sub"] }) };
        for (name, value) in [
            ("iss", json!(self.url)),
            ("aud", json!(CLIENT_ID)),
            ("iat", json!(now)),
            ("exp", json!(now + 300)),
            ("auth_time", json!(login.auth_time)),
            ("nonce", json!(login.nonce)),
            ("at_hash", json!(URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2]))),
        ] {
            claims[name] = value;
        }
        let header = json!({ "alg": key.algorithm.as_str(), "kid": key.jwk["kid"], "typ": "JWT" });
        key.sign(&self.edited("header", header), &self.edited("claims", claims))
    }

    /// GitHub answers everything with 200.
    fn github_token(&mut self, asked: &Asked) -> Served {
        if !has_secret_in_body(asked) {
            return Served::error(200, "incorrect_client_credentials");
        }
        if self.take_login(asked).is_none() {
            return Served::error(200, "bad_verification_code");
        }
        let access_token = self.mint_access_token();
        Served::json(&self.edited(
            "tokens",
            json!({ "access_token": access_token, "token_type": "bearer", "scope": "read:user,user:email" }),
        ))
    }

    /// A code is good once, for whoever began, at the same redirect URI.
    fn take_login(&mut self, asked: &Asked) -> Option<Login> {
        let login = self.logins.remove(&asked.field("code")?)?;
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, asked.field("code_verifier")?.as_bytes()));
        let is_same = asked.field("grant_type")? == "authorization_code"
            && login.challenge == challenge
            && login.redirect_uri == asked.field("redirect_uri")?;
        is_same.then_some(login)
    }

    fn mint_access_token(&mut self) -> String {
        let access_token = format!("access-{}", self.access_tokens.len());
        self.access_tokens.push(access_token.clone());
        access_token
    }

    fn is_open_to(&self, asked: &Asked) -> bool {
        let shown = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        shown.is_some_and(|shown| self.access_tokens.iter().any(|own| own == shown))
    }
}

fn has_secret_in_body(asked: &Asked) -> bool {
    asked.field("client_id").as_deref() == Some(CLIENT_ID)
        && asked.field("client_secret").as_deref() == Some(CLIENT_SECRET)
}

fn github_user() -> Value {
    json!({ "login": "ada", "id": 1815, "name": "Ada Lovelace", "email": "shown@acme.example", "type": "User" })
}

fn github_emails() -> Value {
    json!([
        { "email": "old@acme.example", "primary": false, "verified": true, "visibility": null },
        { "email": "ada@acme.example", "primary": true, "verified": true, "visibility": "private" },
    ])
}

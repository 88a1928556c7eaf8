//! A request, byte for byte as a test wants it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Key;

/// What is sent. Nothing is added but `Host`, `Content-Length` and `Connection: close`, each only if it is not there.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) method: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Ask {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.to_owned(), target: target.to_owned(), headers: vec![], body: vec![] }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    /// A form for the token endpoint, without a credential.
    pub(crate) fn form(fields: &[(&str, &str)]) -> Self {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        Self::form_text(&body.finish())
    }

    /// The same with the body as it is written.
    pub(crate) fn form_text(body: &str) -> Self {
        Self::new("POST", "/oauth/token").header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }

    /// `grant_type=client_credentials` and what else is asked.
    pub(crate) fn token(fields: &[(&str, &str)]) -> Self {
        Self::form(&[&[("grant_type", "client_credentials")], fields].concat())
    }

    pub(crate) fn at(mut self, target: &str) -> Self {
        target.clone_into(&mut self.target);
        self
    }

    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    pub(crate) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    pub(crate) fn basic(self, client_id: &str, secret: &str) -> Self {
        let pair = STANDARD.encode(format!("{client_id}:{secret}"));
        self.header("Authorization", format!("Basic {pair}"))
    }

    pub(crate) fn bearer(self, secret: &str) -> Self {
        self.header("Authorization", format!("Bearer {secret}"))
    }

    pub(crate) fn api_key(self, secret: &str) -> Self {
        self.header("X-API-Key", secret)
    }

    /// The four ways to show `secret`, each with its name.
    pub(crate) fn ways(client_id: &str, secret: &str, fields: &[(&str, &str)]) -> [(&'static str, Self); 4] {
        let post = [fields, &[("client_id", client_id), ("client_secret", secret)]].concat();
        [
            ("basic", Self::token(fields).basic(client_id, secret)),
            ("post", Self::token(&post)),
            ("bearer", Self::token(fields).bearer(secret)),
            ("x-api-key", Self::token(fields).api_key(secret)),
        ]
    }

    /// The plainest exchange of `key`.
    pub(crate) fn exchange(key: &Key, fields: &[(&str, &str)]) -> Self {
        Self::token(fields).bearer(&key.text)
    }

    /// As it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let has = |name: &str| self.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        let mut put = |name: &str, value: &[u8]| {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        };
        if !has("host") {
            put("Host", b"hallpass.test");
        }
        for (name, value) in &self.headers {
            put(name, value);
        }
        if !has("content-length") && !has("transfer-encoding") && self.method != "GET" && self.method != "HEAD" {
            put("Content-Length", self.body.len().to_string().as_bytes());
        }
        if !has("connection") {
            put("Connection", b"close");
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }
}

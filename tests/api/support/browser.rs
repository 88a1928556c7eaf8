//! A browser, as far as a server can tell: it keeps cookies, sends forms as pages of ours send them, and stops at each
//! redirect so that a test can look.

use std::collections::BTreeMap;
use std::sync::Arc;

use hallpass::flow::Flows;

use super::{Ask, House, Reply, nginx, send};

/// A browser at one house.
#[derive(Clone)]
pub(crate) struct Browser {
    address: std::net::SocketAddr,
    origin: String,
    in_turn: Vec<Arc<Flows>>,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser that was never here.
    pub(crate) fn new(house: &House) -> Self {
        Self {
            address: house.address,
            origin: house.issuer().to_owned(),
            in_turn: house.in_turn(),
            cookies: BTreeMap::new(),
        }
    }

    /// A browser that was never at the server at `address`, which calls itself `origin`.
    pub(crate) fn at(address: std::net::SocketAddr, origin: &str) -> Self {
        Self { address, origin: origin.to_owned(), in_turn: vec![], cookies: BTreeMap::new() }
    }

    /// The same browser at another house with the same issuer.
    pub(crate) fn moves_to(&mut self, house: &House) {
        self.address = house.address;
        self.in_turn = house.in_turn();
    }

    /// Opens an address: a path, or one of ours.
    pub(crate) async fn get(&mut self, address: &str) -> Reply {
        let path = self.path(address);
        self.send(Ask::get(&path)).await
    }

    /// Sends a form as one of our own pages does. Pages send no referrer, so a browser says `null` for the origin.
    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Reply {
        let ask = Ask::form(fields).at(&self.path(address));
        self.send(ask.header("Origin", "null").header("Sec-Fetch-Site", "same-origin")).await
    }

    /// Sends what a test made, with the cookies.
    pub(crate) async fn send(&mut self, ask: Ask) -> Reply {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ask = if cookies.is_empty() { ask } else { ask.header("Cookie", cookies.join("; ")) };
        nginx::settle(&self.in_turn).await;
        let reply = send(self.address, &ask).await;
        for (_, line) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = line.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// Sends the form on `page` that leads to `address`, with `fields` beside what is hidden in it.
    pub(crate) async fn submit(&mut self, page: &Reply, address: &str, fields: &[(&str, &str)]) -> Reply {
        let mut all = page.hidden_for(address);
        all.retain(|(name, _)| !fields.iter().any(|(own, _)| own == name));
        let given = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        all.extend(given);
        let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (&**name, &**value)).collect();
        self.post(address, &all).await
    }

    fn path(&self, address: &str) -> String {
        address.strip_prefix(&self.origin).unwrap_or(address).to_owned()
    }
}

impl Reply {
    /// Where it sends the browser.
    pub(crate) fn location(&self) -> &str {
        self.header("location").unwrap_or_else(|| panic!("no redirect: {self:?}"))
    }

    /// The page on which a journey ends: its status and its code. Such a page names the request as the header does.
    pub(crate) fn stop(&self) -> (u16, String) {
        let marks: Vec<&str> =
            self.text().split("<dd><code>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        let [code, request_id] = marks.as_slice() else { panic!("no page that ends a journey: {self:?}") };
        assert_eq!(Some(*request_id), self.header("x-request-id"));
        (self.status, (*code).to_owned())
    }

    /// The cookies it sets, each a whole line.
    pub(crate) fn cookies(&self) -> Vec<&str> {
        self.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, line)| line.as_str()).collect()
    }

    /// A parameter of where it sends the browser.
    pub(crate) fn sent(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(self.location()).expect("an absolute address");
        url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
    }

    /// The hidden fields on a page, each name once.
    pub(crate) fn hidden(&self) -> Vec<(String, String)> {
        hidden_in(self.text())
    }

    /// Those of the first form that leads to `address`; of the whole page when none does.
    fn hidden_for(&self, address: &str) -> Vec<(String, String)> {
        let leads_there = |form: &&str| form.split('>').next().is_some_and(|tag| tag.contains(&format!("{address}\"")));
        let form = self.text().split("<form").skip(1).filter_map(|form| form.split("</form").next()).find(leads_there);
        hidden_in(form.unwrap_or(self.text()))
    }
}

/// The hidden fields in a piece of a page, each name once.
fn hidden_in(text: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for tag in text.split("<input").skip(1).filter_map(|rest| rest.split('>').next()) {
        let attribute = |name: &str| {
            let at = tag.find(&format!("{name}=\""))? + name.len() + 2;
            tag[at..].split('"').next().map(unescape)
        };
        let (Some(name), Some(value)) = (attribute("name"), attribute("value")) else { continue };
        if attribute("type").as_deref() == Some("hidden") && !fields.iter().any(|(own, _)| *own == name) {
            fields.push((name, value));
        }
    }
    fields
}

fn unescape(text: &str) -> String {
    let pairs = [
        ("&#38;", "&"),
        ("&amp;", "&"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#39;", "'"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

//! A person's browser, without a picture: it keeps cookies, goes where it is sent, and presses buttons.

use std::collections::BTreeMap;

use url::Url;

use crate::support::{Ask, Reply, send};

/// Longer than any journey.
const STEPS_MAX: usize = 30;

/// One person's browser. Everything here is on one host, and cookies know no ports.
#[derive(Clone, Debug, Default)]
pub(super) struct Browser {
    cookies: BTreeMap<String, String>,
}

/// What a browser shows at the end of a journey.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) url: Url,
    pub(super) reply: Reply,
    /// The buttons that were pressed on the way, as `name=value`.
    pub(super) pressed: Vec<String>,
}

impl Browser {
    /// Asks once.
    pub(super) async fn ask(&mut self, url: &Url, form: Option<&[(String, String)]>) -> Reply {
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut ask = match form {
            None => Ask::get(target),
            Some(fields) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                let origin = url.origin().ascii_serialization();
                Ask::form_text(&body).at(target).header("Origin", origin).header("Sec-Fetch-Site", "same-origin")
            }
        };
        ask = ask.header("Host", &url[url::Position::BeforeHost..url::Position::AfterPort]);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask = ask.header("Cookie", cookies.join("; "));
        }
        let address = url.socket_addrs(|| None).unwrap()[0];
        let reply = send(address, &ask).await;
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        reply
    }

    /// Opens `url` and follows redirects, but not to where `end` begins.
    pub(super) async fn open(&mut self, url: &str, end: &str) -> Shown {
        self.walk(url, end, false).await
    }

    /// The same, and presses a button on each page on the way: the one that allows, or else the first.
    pub(super) async fn agree(&mut self, url: &str, end: &str) -> Shown {
        self.walk(url, end, true).await
    }

    async fn walk(&mut self, url: &str, end: &str, presses: bool) -> Shown {
        let (mut url, mut form, mut buttons) = (Url::parse(url).unwrap(), None, Vec::new());
        for _ in 0..STEPS_MAX {
            let reply = self.ask(&url, form.take().as_deref()).await;
            let next = if let Some(location) = reply.header("location") {
                url.join(location).unwrap()
            } else if let Some(page) = presses.then(|| Form::first(reply.text())).flatten() {
                let (fields, button) = page.press();
                buttons.extend(button);
                form = Some(fields);
                url.join(&page.action).unwrap()
            } else {
                return Shown { url, reply, pressed: buttons };
            };
            url = next;
            if form.is_none() && url.as_str().starts_with(end) {
                return Shown { url, reply, pressed: buttons };
            }
        }
        panic!("a journey without end: {url}, {buttons:?}");
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if attributes.to_ascii_lowercase().contains("max-age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A form of a page, as far as a browser needs it to send it.
struct Form {
    action: String,
    hidden: Vec<(String, String)>,
    buttons: Vec<(String, String)>,
}

impl Form {
    /// The first form that acts.
    fn first(html: &str) -> Option<Self> {
        let forms = html.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        let acting = forms.into_iter().find(|form| attribute(form, "method").is_some_and(|method| method == "post"))?;
        let named = |tag: &str| -> Vec<(String, String)> {
            let tags = acting.split(tag).skip(1).filter(|rest| *tag != *"<input" || is_hidden(rest));
            tags.filter_map(|rest| Some((attribute(rest, "name")?, attribute(rest, "value")?))).collect()
        };
        Some(Self { action: attribute(acting, "action")?, hidden: named("<input"), buttons: named("<button") })
    }

    fn press(&self) -> (Vec<(String, String)>, Option<String>) {
        let allows = self.buttons.iter().find(|(_, value)| value == "allow");
        let button = allows.or_else(|| self.buttons.first());
        let fields = self.hidden.iter().chain(button).cloned().collect();
        (fields, button.map(|(name, value)| format!("{name}={value}")))
    }
}

fn is_hidden(tag: &str) -> bool {
    attribute(tag, "type").is_some_and(|kind| kind == "hidden")
}

/// The attribute of the tag that `text` is in.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let value = tag.split_once(&format!(" {name}=\""))?.1.split('"').next()?;
    Some(value.replace("&#38;", "&").replace("&amp;", "&"))
}

//! A person's browser at a provider that others wrote: it keeps cookies, follows redirects and fills in forms.

use std::collections::BTreeMap;

use url::{Position, Url};

use crate::support::{Ask, Reply, send};

/// Longer than any journey.
const STEPS_MAX: usize = 20;

/// What a browser keeps of one provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Abroad {
    cookies: BTreeMap<String, String>,
}

/// A journey there and back.
#[derive(Debug)]
pub(super) struct Visit {
    /// Where it sent the browser at last.
    pub(super) back: String,
    /// The forms on the way, each as the fields that a person sees in it: `["login password", ""]`.
    pub(super) forms: Vec<String>,
}

impl Abroad {
    /// Goes there, and fills in what it is asked with what the person `knows`, until it is sent elsewhere.
    pub(super) async fn visit(&mut self, there: &str, knows: &[(&str, &str)]) -> Visit {
        let mut url = Url::parse(there).expect("an address");
        let origin = url.origin();
        let (mut form, mut forms) = (None, Vec::new());
        for _ in 0..STEPS_MAX {
            let reply = self.ask(&url, form.take()).await;
            if let Some(location) = reply.header("location") {
                url = url.join(location).expect("an address");
                if url.origin() != origin {
                    return Visit { back: url.into(), forms };
                }
            } else {
                let page = Form::first(reply.text()).unwrap_or_else(|| panic!("no form at {url}: {reply:?}"));
                forms.push(page.seen().join(" "));
                form = Some(page.filled_in(knows));
                url = url.join(&page.action).expect("an address");
            }
        }
        panic!("a journey without end: {url}, {forms:?}");
    }

    /// Asks once.
    pub(super) async fn ask(&mut self, url: &Url, form: Option<Vec<(String, String)>>) -> Reply {
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let mut ask = match form {
            None => Ask::get(target),
            Some(fields) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Ask::form_text(&body).at(target).header("Origin", url.origin().ascii_serialization())
            }
        };
        ask = ask.header("Host", &url[Position::BeforeHost..Position::AfterPort]);
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            ask = ask.header("Cookie", cookies.join("; "));
        }
        let address = url.socket_addrs(|| None).expect("an address")[0];
        let reply = send(address, &ask).await;
        for (_, cookie) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            self.keep(cookie);
        }
        reply
    }

    fn keep(&mut self, cookie: &str) {
        let (name, value) = cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
        // Who takes a cookie away empties it as well.
        if value.is_empty() {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}

/// A form of a page, as far as a browser needs it to send it.
struct Form {
    action: String,
    /// Name, kind and value.
    fields: Vec<[String; 3]>,
}

impl Form {
    /// The first form that acts.
    fn first(html: &str) -> Option<Self> {
        let forms = html.split("<form").skip(1).filter_map(|rest| rest.split("</form>").next());
        let acting = forms
            .into_iter()
            .find(|form| attribute(form, "method").is_some_and(|method| method.eq_ignore_ascii_case("post")))?;
        let fields = acting.split("<input").skip(1).filter_map(|tag| {
            let value = |name: &str| attribute(tag, name).unwrap_or_default();
            Some([attribute(tag, "name")?, value("type"), value("value")])
        });
        Some(Self { action: attribute(acting, "action")?, fields: fields.collect() })
    }

    fn seen(&self) -> Vec<&str> {
        let seen =
            self.fields.iter().filter(|[_, kind, _]| matches!(kind.as_str(), "" | "text" | "email" | "password"));
        seen.map(|[name, ..]| name.as_str()).collect()
    }

    fn filled_in(&self, knows: &[(&str, &str)]) -> Vec<(String, String)> {
        let typed = |name: &str| knows.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        let sent = self.fields.iter().filter(|[_, kind, _]| !matches!(kind.as_str(), "submit" | "checkbox"));
        sent.map(|[name, _, value]| (name.clone(), typed(name).unwrap_or_else(|| value.clone()))).collect()
    }
}

/// The attribute of the tag that `text` begins in.
fn attribute(text: &str, name: &str) -> Option<String> {
    let tag = text.split('>').next()?;
    let at = tag.find(&format!("{name}=\""))? + name.len() + 2;
    Some(tag[at..].split('"').next()?.replace("&amp;", "&"))
}

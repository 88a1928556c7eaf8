//! The pages on the way in and out.

use super::Text;
use crate::http::pages::view::{
    Back, Consent, Current, Destination, ErrorPage, FormPost, IdentityAsk, OfflineAsk, Person, ResourceAsk, ScopeAsk,
    SignIn, SignInNotice, SignOut,
};
use crate::http::pages::{Frame, WebLink};

pub(super) fn sign_in(frame: &Frame, text: Text, notice: Option<SignInNotice>, current: Option<Person>) -> SignIn {
    SignIn {
        frame: frame.clone(),
        app: text.maybe(text.app()),
        request: text.maybe(text.say("cmVxdWVzdA")),
        csrf: text.say("dG9rZW4"),
        providers: text.providers(),
        notice,
        current: current.map(|person| Current { person, csrf: text.say("dG9rZW4") }),
    }
}

pub(super) fn consent(frame: &Frame, text: Text, redirect_uri: &str) -> Consent {
    let ask = |scope: &str, values: &[&str], is_new| IdentityAsk {
        scope: text.show(scope),
        values: values.iter().map(|value| text.show(value)).collect(),
        is_new,
    };
    let scope = |name: &str, description: Option<&str>, is_new| ScopeAsk {
        name: text.show(name),
        description: description.map(|words| text.show(words)),
        is_new,
    };
    let orders = ResourceAsk {
        name: text.show("Orders API"),
        identifier: text.show("https://orders.example/api"),
        scopes: text.list(vec![
            scope("orders:read", Some("See your orders"), false),
            scope("orders:write", Some("Make and change orders"), true),
            scope("orders:export", None, true),
        ]),
        claims: text.list(["email", "groups", "department"].map(|claim| text.say(claim)).into()),
    };
    let groups = ["sales", "engines", "poetry", "analysts", "a", "b", "c", "d", "e", "f"];
    Consent {
        frame: frame.clone(),
        app: text.app(),
        person: text.person(),
        other_account: "/id/login/other?request=cmVxdWVzdA".to_owned(),
        request: text.say("cmVxdWVzdA"),
        csrf: text.say("dG9rZW4"),
        identity: text.list(vec![
            ask("openid", &[], false),
            ask("profile", &["Ada Lovelace"], false),
            ask("email", &["ada@engines.example"], true),
            ask("groups", &groups, true),
            ask("roles", &[], true),
        ]),
        resources: vec![orders],
        offline: text.maybe(OfflineAsk { is_new: true }),
        destination: Destination::of(redirect_uri),
    }
}

pub(super) fn sign_out(frame: &Frame, text: Text) -> SignOut {
    SignOut {
        frame: frame.clone(),
        app: text.maybe(text.app()),
        person: text.maybe(text.person()),
        csrf: text.say("dG9rZW4"),
        fields: text.list(vec![("state".to_owned(), text.say("af0ifjsldkj"))]),
    }
}

pub(super) fn error_page(frame: &Frame, text: Text, code: &'static str) -> ErrorPage {
    let back = Back { path: "/id/account".to_owned() };
    ErrorPage { frame: frame.clone(), code, request_id: text.show("NBqa77NL_KFDbdg6"), back: text.maybe(back) }
}

pub(super) fn form_post(frame: &Frame, text: Text) -> FormPost {
    FormPost {
        frame: frame.clone(),
        app: text.show("Orders"),
        action: WebLink::read("https://orders.example/callback").unwrap(),
        fields: vec![
            ("code".to_owned(), text.say("SplxlOBeZQQYbYS6WxSbIA")),
            ("state".to_owned(), text.say("af0ifjsldkj")),
        ],
    }
}

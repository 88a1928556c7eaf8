//! The account pages.

use super::{DAY, NOW, Text};
use crate::http::pages::Frame;
use crate::http::pages::view::{
    AppChoice, ConnectedApp, ConnectedApps, Device, ExpiryChoice, Faults, Identity, KeyForm, KeyMade, NewKey, OldKey,
    PersonalKey, PersonalKeys, Profile, ProviderKind, ResourceChoice, RevokeKey, ScopeChoice, Session, Sessions, Use,
};
use crate::policy::standing::Standing;

pub(super) fn profile(frame: &Frame, text: Text) -> Profile {
    let identity = |provider: &str, kind, who: &str, signed_in_at| Identity {
        id: text.say("1"),
        provider: text.show(provider),
        kind,
        who: text.show(who),
        linked_at: NOW - 400 * DAY,
        signed_in_at,
    };
    let mut identities = vec![identity("Google", ProviderKind::Google, "ada@engines.example", Some(NOW - 3600))];
    identities.extend(text.maybe(identity("GitHub", ProviderKind::Github, "ada", None)));
    Profile { frame: frame.clone(), account: text.account(), identities, providers: text.providers() }
}

pub(super) fn sessions(frame: &Frame, text: Text) -> Sessions {
    let session = |user_agent: &str, address: &str, seen_at, is_this| Session {
        id: text.say("1"),
        device: Device::read(user_agent),
        address: text.show(address),
        signed_in_at: NOW - 9 * DAY,
        seen_at,
        is_this,
    };
    let mut open = vec![session("Mozilla/5.0 (X11; Linux x86_64) Firefox/146.0", "192.0.2.17", NOW, true)];
    open.extend(text.list(vec![
        session("Mozilla/5.0 (iPhone) Version/26.0 Safari/604.1", "2001:db8::17", NOW - 4 * 3600, false),
        session(&text.say(""), "198.51.100.4", NOW - 40 * DAY, false),
    ]));
    Sessions { frame: frame.clone(), account: text.account(), open }
}

pub(super) fn connected_apps(frame: &Frame, text: Text) -> ConnectedApps {
    let connected = |used_at| ConnectedApp {
        app: text.app(),
        scopes: text.scopes(),
        resources: vec![text.show("Orders API"), text.show("Invoices")],
        granted_at: NOW - 100 * DAY,
        used_at,
    };
    let apps = text.list(vec![connected(Some(NOW - 600)), connected(None)]);
    ConnectedApps { frame: frame.clone(), account: text.account(), apps }
}

pub(super) fn keys(frame: &Frame, text: Text) -> PersonalKeys {
    let key = |name: &str, standing, expires_at, used_at: Option<i64>, replaced_at| PersonalKey {
        id: text.say("NjqUiI49lxZnw49c"),
        name: text.show(name),
        app: text.show("Orders"),
        scopes: text.scopes(),
        created_at: NOW - 80 * DAY,
        expires_at,
        last_use: used_at.map(|at| Use { at, address: text.show("192.0.2.17") }),
        standing,
        replaced_at,
    };
    let keys = text.list(vec![
        key("Nightly report", Standing::Good, Some(NOW + 60 * DAY), Some(NOW - 8 * 3600), None),
        key("Laptop", Standing::Good, Some(NOW + 9 * DAY), Some(NOW - 120), None),
        key("Build server", Standing::Good, Some(NOW + DAY), Some(NOW - 60), Some(NOW - 3600)),
        key("Till", Standing::Disabled { at: NOW - 3 * DAY }, None, None, None),
        key("Old laptop", Standing::Expired { at: NOW - 2 * DAY }, Some(NOW - 2 * DAY), Some(NOW - 3 * DAY), None),
        key("Lost phone", Standing::Revoked { at: NOW - 70 * DAY }, Some(NOW - 2 * DAY), None, Some(NOW - 71 * DAY)),
    ]);
    PersonalKeys { frame: frame.clone(), account: text.account(), may_make: true, keys }
}

pub(super) fn new_key(frame: &Frame, text: Text, faults: Option<Faults>) -> NewKey {
    let app = |client_id: &str, name: &str| AppChoice { client_id: text.say(client_id), name: text.show(name) };
    let scope = |name: &str, description: Option<&str>, is_chosen| ScopeChoice {
        name: text.show(name),
        description: description.map(|words| text.show(words)),
        is_chosen,
    };
    let resource = |name: &str, identifier: &str| ResourceChoice {
        name: text.show(name),
        identifier: text.show(identifier),
        scopes: vec![
            scope("orders:read", Some("See your orders"), faults != Some(Faults::default())),
            scope("orders:write", Some("Make and change orders"), false),
            scope("orders:export", None, false),
        ],
    };
    let days = [30, 90, 180, 365].map(|days| ExpiryChoice { days, is_chosen: days == 90 });
    let form = faults.map(|faults| KeyForm {
        app: app("orders", "Orders"),
        name: text.say("Nightly report"),
        expiries: days.into(),
        resources: vec![
            resource("Orders API", "https://orders.example/api"),
            resource("Invoices", "https://invoices.example"),
        ],
        faults,
    });
    let apps = text.list(vec![app("orders", "Orders"), app("invoices", "Invoices")]);
    NewKey { frame: frame.clone(), account: text.account(), apps, form }
}

pub(super) fn key_made(frame: &Frame, text: Text) -> KeyMade {
    let key = "hp_live_0123456789ABCDEF_GHIJKLMNOPQRSTUVWXYZabcdefghijkl1JIdWn";
    let curl =
        format!("curl https://id.example/oauth/token -d grant_type=client_credentials \\\n  -H 'X-API-Key: {key}'");
    KeyMade {
        frame: frame.clone(),
        account: text.account(),
        name: text.show("Nightly report"),
        key: text.say(key),
        curl: text.say(&curl),
        expires_at: text.maybe(NOW + 90 * DAY),
        old: text.maybe(OldKey { ends_at: NOW + DAY }),
    }
}

pub(super) fn revoke_key(frame: &Frame, text: Text) -> RevokeKey {
    RevokeKey {
        frame: frame.clone(),
        account: text.account(),
        id: text.say("NjqUiI49lxZnw49c"),
        name: text.show("Nightly report"),
        used_at: text.maybe(NOW - 600),
    }
}

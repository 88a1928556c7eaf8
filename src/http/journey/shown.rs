//! Apps, people and providers, as pages show them.

use crate::flow::{Halt, SignedInBrowser};
use crate::http::pages::view::{App, Person, Provider, ProviderKind};
use crate::http::pages::{Shown, WebLink};
use crate::http::visitor::Visitor;
use crate::store::{AppRecord, provider_row};

pub(in crate::http) fn app_shown(app: &AppRecord) -> App {
    App {
        name: Shown::from(&*app.name),
        client_id: Shown::from(&*app.client_id),
        home: app.home_uri.as_deref().and_then(WebLink::read),
        is_first_party: app.is_first_party,
    }
}

pub(in crate::http) fn provider_shown(row: &provider_row::Model) -> Provider {
    Provider { slug: row.name.clone(), title: Shown::from(&*row.title), kind: ProviderKind::read(&row.preset) }
}

/// Who is signed in, and by which provider.
pub(in crate::http) async fn person_shown(visitor: &Visitor, signed_in: &SignedInBrowser) -> Result<Person, Halt> {
    let known = &signed_in.user.person;
    let shown = |text: &Option<String>| text.as_deref().map(Shown::from);
    let provider = visitor.flows.provider_of(&signed_in.session).await?;
    Ok(Person {
        name: shown(&known.name),
        email: shown(&known.email),
        id: known.preferred_username.as_deref().unwrap_or(&signed_in.user.id).into(),
        provider: provider.map(|title| Shown::from(&*title)),
    })
}

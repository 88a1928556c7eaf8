//! Who sits in front of the browser.

use crate::http::pages::Shown;

/// A person, as they would call themselves.
#[derive(Clone)]
pub(in crate::http) struct Person {
    /// Their name, if their provider told it.
    pub name: Option<Shown>,
    /// Their e-mail address, if their provider told it.
    pub email: Option<Shown>,
    /// Something that always is there: their user name at the provider, or its `sub`.
    pub id: Shown,
    /// The provider through which they signed in.
    pub provider: Option<Shown>,
}

impl Person {
    /// What to call them.
    pub(super) fn called(&self) -> &Shown {
        [&self.name, &self.email]
            .into_iter()
            .flatten()
            .find(|text| !text.as_str().trim().is_empty())
            .unwrap_or(&self.id)
    }

    /// The second line: their address, unless it is what they are called.
    pub(super) fn address(&self) -> Option<&Shown> {
        self.email.as_ref().filter(|email| *email != self.called())
    }
}

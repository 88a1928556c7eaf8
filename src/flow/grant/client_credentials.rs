//! `client_credentials` (RFC 6749 section 4.4): the app speaks for itself, and a person's own key for that person.

use futures_util::FutureExt;
use futures_util::future::{self, LocalBoxFuture};

use super::{CLIENT_CREDENTIALS, Grant, Granted};
use crate::flow::{Authenticated, Flows, Form, Refusal};

pub(super) const GRANT: Grant = Grant { name: CLIENT_CREDENTIALS, take };

fn take<'a>(_: &'a Flows, caller: &'a Authenticated, _: &'a Form) -> LocalBoxFuture<'a, Result<Granted, Refusal>> {
    let granted = caller.key.as_ref().map(|key| {
        // What the app lost since the key was made, the key has lost too.
        let scopes = key.terms.scopes.filtered(|name| caller.app.scopes.has(name));
        Granted { scopes, person: caller.owner.clone(), signed_in: None }
    });
    future::ready(granted.ok_or(Refusal::NoCredential)).boxed_local()
}

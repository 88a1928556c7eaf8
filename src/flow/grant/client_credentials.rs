//! `client_credentials` (RFC 6749 section 4.4): the app speaks for itself.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{self, LocalBoxFuture};

use super::{Grant, Granted};
use crate::flow::{Authenticated, Flows, Form, Refusal};

pub(super) const GRANT: Grant = Grant { name: "client_credentials", take };

fn take<'a>(_: &'a Flows, caller: &'a Authenticated, _: &'a Form) -> LocalBoxFuture<'a, Result<Granted, Refusal>> {
    // What the app lost since the key was made, the key has lost too.
    let scopes = caller.key.scopes.filtered(|name| caller.app.scopes.has(name));
    future::ready(Ok(Granted { subject: Arc::clone(&caller.key.client_id), scopes })).boxed_local()
}

//! What a token is for: its resources, and the scopes it may have there.

use std::time::Duration;

use hallpass_verifier::Profile;

use super::{Authenticated, Form, Refusal};
use crate::policy::audience::{self, NoTarget};
use crate::policy::scope::Scopes;
use crate::store::ResourceRecord;

/// Where a token will be good, how it looks and how long it lives.
#[derive(Debug)]
pub(super) struct Target<'a> {
    pub(super) resources: Vec<&'a ResourceRecord>,
    pub(super) profile: Profile,
    pub(super) lifetime: Duration,
}

impl<'a> Target<'a> {
    /// What the form asks for, within what the key and its app may.
    pub(super) fn find(form: &Form, caller: &'a Authenticated) -> Result<Self, Refusal> {
        let (asked, audiences): (Vec<_>, Vec<_>) = (form.many("resource").collect(), form.many("audience").collect());
        let default = caller.app.default_resource.as_deref();
        let names = audience::target(&asked, &audiences, &caller.key.resources, default).map_err(Refusal::NoTarget)?;
        // What the app lost since, the key has lost too.
        let resources = names
            .into_iter()
            .map(|name| caller.app.resource(name).ok_or(Refusal::NoTarget(NoTarget::NotAllowed)))
            .collect::<Result<Vec<_>, _>>()?;
        let profile = resources[0].profile;
        if resources.iter().any(|resource| resource.profile != profile) {
            return Err(Refusal::ProfilesDiffer);
        }
        let lifetime = resources.iter().map(|resource| resource.token_lifetime).min().unwrap_or_default();
        Ok(Self { resources, profile, lifetime })
    }

    /// The scopes of the token: those asked for, all of which must be in `held` and known here; without a wish, all
    /// of `held` that are known here.
    pub(super) fn narrow(&self, asked: Option<&str>, held: &Scopes) -> Result<Scopes, Refusal> {
        let is_known = |name: &str| self.resources.iter().any(|resource| resource.scopes.has(name));
        let Some(asked) = asked else {
            return Ok(held.filtered(is_known));
        };
        let asked: Scopes = asked.parse().map_err(|_| Refusal::MalformedScope)?;
        if asked.iter().all(|name| held.has(name) && is_known(name)) {
            Ok(asked)
        } else {
            Err(Refusal::ScopeNotAllowed)
        }
    }
}

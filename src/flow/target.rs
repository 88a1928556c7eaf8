//! What a token is for: its resources, and the scopes it may have there.

use std::time::Duration;

use hallpass_verifier::Profile;

use super::{Form, Refusal};
use crate::limit;
use crate::policy::audience::{self, NoTarget};
use crate::policy::identity_scope;
use crate::policy::person::Claim;
use crate::policy::scope::Scopes;
use crate::store::{AppRecord, ResourceRecord};

/// Where a token will be good, how it looks and how long it lives.
#[derive(Debug)]
pub(super) struct Target<'a> {
    /// None: the token is for what we ourselves tell of the person.
    pub(super) resources: Vec<&'a ResourceRecord>,
    pub(super) profile: Profile,
    pub(super) lifetime: Duration,
}

/// The resources that a sign-in is about, and that the person is asked for: those that are named, else those that know
/// one of the scopes, else the one that the app's tokens are for unless it says more.
pub(super) fn meant<'a>(app: &'a AppRecord, named: &Scopes, scopes: &Scopes) -> Vec<&'a ResourceRecord> {
    let all = app.resources.iter();
    if !named.is_empty() {
        return all.filter(|resource| named.has(&resource.identifier)).collect();
    }
    let knowing: Vec<_> = all.clone().filter(|resource| scopes.iter().any(|name| resource.scopes.has(name))).collect();
    if !knowing.is_empty() {
        return knowing;
    }
    let default = app.default_resource.as_deref();
    all.filter(|resource| app.resources.len() == 1 || default == Some(&*resource.identifier)).collect()
}

impl<'a> Target<'a> {
    /// What the form asks for, of what is `allowed` and the app may.
    pub(super) fn find(form: &Form, app: &'a AppRecord, allowed: &[Box<str>]) -> Result<Self, Refusal> {
        let (asked, audiences): (Vec<_>, Vec<_>) = (form.many("resource").collect(), form.many("audience").collect());
        let default = app.default_resource.as_deref();
        let names = audience::target(&asked, &audiences, allowed, default).map_err(Refusal::NoTarget)?;
        Self::of(app, names)
    }

    /// These resources, if the app may use all of them now.
    pub(super) fn of<'n>(app: &'a AppRecord, names: impl IntoIterator<Item = &'n str>) -> Result<Self, Refusal> {
        // What the app lost since, its keys and grants have lost too.
        let resources = names
            .into_iter()
            .map(|name| app.resource(name).ok_or(Refusal::NoTarget(NoTarget::NotAllowed)))
            .collect::<Result<Vec<_>, _>>()?;
        let profile = resources.first().ok_or(Refusal::NoTarget(NoTarget::NoDefault))?.profile;
        if resources.iter().any(|resource| resource.profile != profile) {
            return Err(Refusal::ProfilesDiffer);
        }
        let lifetime = resources.iter().map(|resource| resource.token_lifetime).min().unwrap_or_default();
        Ok(Self { resources, profile, lifetime })
    }

    /// The person alone: what a sign-in is for when no resource is.
    pub(super) fn userinfo() -> Self {
        Self { resources: vec![], profile: Profile::Standard, lifetime: limit::TOKEN_LIFETIME }
    }

    /// Whether some resource here knows the scope.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.resources.iter().any(|resource| resource.scopes.has(name))
    }

    /// Whether all resources here may see the claim: all of them get the same token.
    pub(super) fn may_see(&self, claim: Claim) -> bool {
        !self.resources.is_empty() && self.resources.iter().all(|resource| resource.claims.contains(&claim))
    }

    /// The scopes of the token: those asked for, all of which must be in `held` and known here; without a wish, all
    /// of `held` that are known here.
    pub(super) fn narrow(&self, asked: Option<&str>, held: &Scopes) -> Result<Scopes, Refusal> {
        let is_known = |name: &str| self.knows(name) || identity_scope::is_one(name);
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

//! `authorization_code` (RFC 6749 section 4.1.3): the slip that a browser brought buys tokens for the person, once.

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{AUTHORIZATION_CODE, Grant, Granted, SignedIn};
use crate::credential::{Challenge, Slip, SlipKind, Verifier};
use crate::flow::spend::{Footing, Spend, goes_on};
use crate::flow::{Authenticated, Flows, Form, Refusal};
use crate::policy::scope::Scopes;
use crate::store::code_row;

pub(super) const GRANT: Grant = Grant { name: AUTHORIZATION_CODE, take };

fn take<'a>(
    flows: &'a Flows,
    caller: &'a Authenticated,
    form: &'a Form,
) -> LocalBoxFuture<'a, Result<Granted, Refusal>> {
    look(flows, caller, form).boxed_local()
}

async fn look(flows: &Flows, caller: &Authenticated, form: &Form) -> Result<Granted, Refusal> {
    let shown = form.one("code").ok_or(Refusal::Missing("code"))?;
    let slip = Slip::parse(flows.prefix(), SlipKind::Code, shown).map_err(|_| Refusal::BadGrant("malformed code"))?;
    let found = flows.store.find_code(slip.id().as_str()).await?;
    let (code, family) =
        found.filter(|(code, _)| slip.matches(&code.secret_hash)).ok_or(Refusal::BadGrant("unknown code"))?;
    if *family.client_id != *caller.app.client_id {
        return Err(Refusal::BadGrant("another app's code"));
    }
    check_binding(&code, form)?;
    let now = flows.clock.now();
    if code.spent_at.is_some() {
        // Somebody has it twice: whatever the first one got may be in the wrong hands (RFC 6749 section 4.1.2).
        flows.store.revoke_family(now, &family.id, "its code was shown twice").await?;
        return Err(Refusal::BadGrant("spent code"));
    }
    if code.expires_at <= now {
        return Err(Refusal::BadGrant("expired code"));
    }
    let Footing { user, session, resources } = flows.footing(&family, &caller.app, now).await?;
    // A code dies with its session, even where what it would buy does not.
    if !session.as_ref().is_some_and(|session| goes_on(session, now)) {
        return Err(Refusal::BadGrant("its session has ended"));
    }
    let scopes = Scopes::trusted(&family.scopes);
    let spend = Spend::Code(code);
    Ok(Granted {
        scopes,
        person: Some(user),
        signed_in: Some(Box::new(SignedIn { family, session, resources, spend })),
    })
}

/// Who redeems the code is who asked for it: the same redirect URI, and the verifier behind the challenge. A verifier
/// without a challenge is refused too: somebody may have stripped the challenge (RFC 9700 section 4.8.2).
fn check_binding(code: &code_row::Model, form: &Form) -> Result<(), Refusal> {
    if form.one("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err(Refusal::BadGrant("another redirect URI"));
    }
    let challenge = code.challenge.as_deref().map(str::parse::<Challenge>).transpose();
    let challenge = challenge.map_err(|_| Refusal::Internal("a stored challenge is malformed"))?;
    match (challenge, form.one("code_verifier")) {
        (None, None) => Ok(()),
        (Some(challenge), Some(verifier)) => match verifier.parse::<Verifier>() {
            Ok(verifier) if challenge.matches(&verifier) => Ok(()),
            _ => Err(Refusal::BadGrant("wrong verifier")),
        },
        (Some(_), None) => Err(Refusal::BadGrant("no verifier")),
        (None, Some(_)) => Err(Refusal::BadGrant("a verifier without a challenge")),
    }
}

//! `refresh_token` (RFC 6749 section 6): each is spent once and has one successor; who shows a spent one too late, or
//! after its successor was used, kills the family (RFC 9700 section 4.14).

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

use super::{Grant, Granted, REFRESH_TOKEN, SignedIn};
use crate::credential::{Slip, SlipKind};
use crate::flow::spend::{Footing, Spend};
use crate::flow::{Authenticated, Flows, Form, Refusal};
use crate::policy::scope::Scopes;

pub(super) const GRANT: Grant = Grant { name: REFRESH_TOKEN, take };

fn take<'a>(
    flows: &'a Flows,
    caller: &'a Authenticated,
    form: &'a Form,
) -> LocalBoxFuture<'a, Result<Granted, Refusal>> {
    look(flows, caller, form).boxed_local()
}

async fn look(flows: &Flows, caller: &Authenticated, form: &Form) -> Result<Granted, Refusal> {
    let shown = form.one("refresh_token").ok_or(Refusal::Missing("refresh_token"))?;
    let slip =
        Slip::parse(flows.prefix(), SlipKind::Refresh, shown).map_err(|_| Refusal::BadGrant("malformed token"))?;
    let found = flows.store.find_refresh_token(slip.id().as_str()).await?;
    let (token, family) =
        found.filter(|(token, _)| slip.matches(&token.secret_hash)).ok_or(Refusal::BadGrant("unknown token"))?;
    if *family.client_id != *caller.app.client_id {
        return Err(Refusal::BadGrant("another app's token"));
    }
    let now = flows.clock.now();
    let Footing { user, session, resources } = flows.footing(&family, &caller.app, now).await?;
    if token.spent_at.is_some() {
        flows.may_repeat(now, &token).await?;
    }
    let scopes = Scopes::trusted(&family.scopes);
    let spend = Spend::Refresh { token, shown: slip };
    Ok(Granted {
        scopes,
        person: Some(user),
        signed_in: Some(Box::new(SignedIn { family, session, resources, spend })),
    })
}

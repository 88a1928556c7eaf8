//! `hallpass whoami`: who is signed in from this terminal, as the issuer knows them now.

use serde_json::json;

use super::issuer::Issuer;
use super::output::{Output, moment};
use super::session_file::SessionFile;
use super::{Failure, fetch, signed_in};

pub(super) async fn run(output: Output) -> Result<(), Failure> {
    let (client, file) = (fetch::client()?, SessionFile::locate()?);
    let mut own = signed_in::find(&client, &file, None).await?;
    let issuer = Issuer::discover(&client, &own.issuer).await?;
    let mut claims = signed_in::userinfo(&client, &issuer, &own).await?;
    if claims.is_none() {
        // It was taken back before its time; the refresh token tells whether the sign-in has ended.
        own = signed_in::find(&client, &file, Some(&own.access_token)).await?;
        claims = signed_in::userinfo(&client, &issuer, &own).await?;
    }
    let Some(claims) = claims else {
        return Err(Failure::not_authenticated(format!("{} does not take the sign-in: hallpass login", own.issuer)));
    };
    let mut shown = json!({ "issuer": own.issuer, "client_id": own.client_id });
    for (name, value) in claims.as_object().into_iter().flatten() {
        shown[name] = value.clone();
    }
    shown["scope"] = own.scope.as_str().into();
    shown["expires_at"] = moment(own.expires_at).into();
    output.print_members(&shown)
}

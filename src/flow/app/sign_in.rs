//! What an app is to people who sign in to it.

use hallpass_verifier::{Algorithm, Profile};

use super::AppWish;
use crate::config::nearest;
use crate::flow::resource::read_scopes;
use crate::flow::{Declined, Flows, grant};
use crate::limit;
use crate::policy::redirect;
use crate::store::{StoreError, app_row};

impl Flows {
    /// A key of its ID tokens' kind must sign before the first person signs in to it.
    pub(super) async fn prepare_id_tokens(&self, row: &app_row::Model) -> Result<(), Declined> {
        if !has_sign_in(row) {
            return Ok(());
        }
        let algorithm: Algorithm = row.id_token_alg.parse().map_err(|_| StoreError::Corrupt("app"))?;
        let of_kind = Profile::ALL.into_iter().find(|profile| profile.algorithm() == algorithm);
        self.prepare_profile(of_kind.unwrap_or_default()).await
    }
}

/// Whether people sign in to it.
pub(in crate::flow) fn has_sign_in(row: &app_row::Model) -> bool {
    row.grant_types.split(' ').any(|name| name == grant::AUTHORIZATION_CODE)
}

/// What concerns people who sign in to it.
pub(super) fn apply(row: &mut app_row::Model, wish: &AppWish) -> Result<(), Declined> {
    let had_usual_grants = row.grant_types == usual_grants(row.is_public, !row.redirect_uris.is_empty());
    row.is_public = wish.is_public.unwrap_or(row.is_public);
    // What was good for an app of the other kind may not be for this one, so the old ones are looked at again.
    let uris = |wish: &Option<Vec<String>>, old: &str| {
        wish.clone().unwrap_or_else(|| old.split_whitespace().map(str::to_owned).collect())
    };
    row.redirect_uris = read_uris("redirect", &uris(&wish.redirect_uris, &row.redirect_uris), row.is_public)?;
    let post_logout = uris(&wish.post_logout_redirect_uris, &row.post_logout_redirect_uris);
    row.post_logout_redirect_uris = read_uris("post-logout redirect", &post_logout, row.is_public)?;
    match &wish.grant_types {
        Some(names) => row.grant_types = read_grants(names, row.is_public)?,
        None if had_usual_grants => row.grant_types = usual_grants(row.is_public, !row.redirect_uris.is_empty()),
        None => {
            let names: Vec<String> = row.grant_types.split_whitespace().map(str::to_owned).collect();
            row.grant_types = read_grants(&names, row.is_public)?;
        }
    }
    row.is_first_party = wish.is_first_party.unwrap_or(row.is_first_party);
    row.may_skip_pkce = wish.may_skip_pkce.unwrap_or(row.may_skip_pkce);
    if row.is_public && row.may_skip_pkce {
        return Err(Declined::Invalid("a public app has nothing but PKCE to prove itself by".to_owned()));
    }
    if let Some(name) = &wish.id_token_alg {
        let algorithm: Algorithm = name.parse().map_err(|_| {
            let nearest = nearest(name, Algorithm::ALL.iter().map(|known| known.as_str()));
            Declined::NoSuch { what: "algorithm", name: name.clone(), nearest }
        })?;
        algorithm.as_str().clone_into(&mut row.id_token_alg);
    }
    if let Some(uri) = &wish.home_uri {
        if let Some(uri) = uri {
            redirect::check(uri, false)
                .map_err(|words| Declined::Invalid(format!("the home page `{uri}`: {words}")))?;
        }
        row.home_uri.clone_from(uri);
    }
    if let Some(roles) = &wish.roles {
        row.roles = read_scopes(roles)?.to_string();
    }
    row.allows_personal_keys = wish.allows_personal_keys.unwrap_or(row.allows_personal_keys);
    Ok(())
}

/// What an app of this kind trades unless it is said.
pub(super) fn usual_grants(is_public: bool, has_redirects: bool) -> String {
    let own = (!is_public).then_some(grant::CLIENT_CREDENTIALS);
    let of_people = [grant::AUTHORIZATION_CODE, grant::REFRESH_TOKEN].into_iter().filter(|_| has_redirects);
    own.into_iter().chain(of_people).collect::<Vec<_>>().join(" ")
}

fn read_grants(names: &[String], is_public: bool) -> Result<String, Declined> {
    for name in names {
        if !grant::GRANTS.iter().any(|grant| grant.name == name) {
            let nearest = nearest(name, grant::GRANTS.iter().map(|grant| grant.name));
            return Err(Declined::NoSuch { what: "grant type", name: name.clone(), nearest });
        }
        if is_public && name == grant::CLIENT_CREDENTIALS {
            return Err(Declined::Invalid("a public app has no credentials to trade".to_owned()));
        }
    }
    Ok(read_scopes(names)?.to_string())
}

fn read_uris(what: &str, uris: &[String], is_public: bool) -> Result<String, Declined> {
    if uris.len() > limit::LIST_MAX {
        return Err(Declined::Invalid(format!("more than {} {what} URIs", limit::LIST_MAX)));
    }
    for uri in uris {
        redirect::check(uri, is_public)
            .map_err(|words| Declined::Invalid(format!("the {what} URI `{uri}`: {words}")))?;
    }
    Ok(uris.join(" "))
}

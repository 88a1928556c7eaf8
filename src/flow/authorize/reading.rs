//! Authorization requests, read (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2.1, RFC 7636, RFC 8707).

use std::sync::Arc;

use url::form_urlencoded::Serializer;

use super::fault::{AuthorizeError, Halt, NotAuthorized, ResponseMode, Way};
use super::wish::ClaimsWish;
use super::{AuthorizeRequest, Parameters, Prompt};
use crate::credential::Challenge;
use crate::flow::target::Target;
use crate::flow::{Flows, grant};
use crate::limit;
use crate::policy::identity_scope::{self, OPENID};
use crate::policy::scope::Scopes;
use crate::policy::{audience, redirect};
use crate::store::AppRecord;

impl Flows {
    /// The query by which a posted request is sent on, if it can be answered at all: what is wrong with it is told before
    /// the person is bothered. What was written plainly in a form is longer in an address.
    pub async fn sent_on(&self, parameters: &Parameters) -> Result<String, NotAuthorized> {
        let (request, _) = self.read_request(parameters).await?;
        let query = Serializer::new(String::new()).extend_pairs(&parameters.0).finish();
        if query.len() > limit::SENT_ON_MAX {
            return Err(request.way().refused(AuthorizeError::InvalidRequest("the request is too long")));
        }
        Ok(query)
    }

    /// Reads a request. Until it is known whose it is and where the answer may go, a fault ends on a page.
    pub(super) async fn read_request(
        &self,
        parameters: &Parameters,
    ) -> Result<(AuthorizeRequest, Arc<AppRecord>), NotAuthorized> {
        let client_id = parameters.one("client_id").ok().flatten().ok_or(Halt::UnknownApp)?;
        let app = self.find_signing_in(client_id).await?;
        let redirect_uri = parameters.one("redirect_uri").ok().flatten().ok_or(Halt::UnregisteredRedirect)?;
        if !redirect::is_registered(app.redirect_uris.iter().map(|uri| &**uri), redirect_uri) {
            return Err(Halt::UnregisteredRedirect.into());
        }
        let mode = match parameters.first("response_mode") {
            // A form can be posted to the web alone.
            Some("form_post") if !redirect_uri.starts_with("http") => {
                Err(AuthorizeError::InvalidRequest("response_mode=form_post needs an http redirect URI"))
            }
            Some("form_post") => Ok(ResponseMode::FormPost),
            Some("query") | None => Ok(ResponseMode::Query),
            Some(_) => Err(AuthorizeError::InvalidRequest("response_mode is query or form_post")),
        };
        let way = Way {
            redirect_uri: redirect_uri.to_owned(),
            mode: mode.unwrap_or_default(),
            state: parameters.first("state").map(str::to_owned),
        };
        let request = match mode {
            Ok(_) => self.read_rest(parameters, &app, &way),
            Err(error) => Err(error),
        };
        match request {
            Ok(request) => Ok((request, app)),
            Err(error @ AuthorizeError::RequestNotSupported) => Err(parameters.way_of_object(way).refused(error)),
            Err(error) => Err(way.refused(error)),
        }
    }

    /// The app called `client_id`, if it is there and enabled.
    pub(in crate::flow) async fn find_signing_in(&self, client_id: &str) -> Result<Arc<AppRecord>, Halt> {
        let app = self.store.find_app_record(&Arc::from(client_id)).await?;
        app.filter(|app| app.is_enabled).ok_or(Halt::UnknownApp)
    }

    fn read_rest(&self, asked: &Parameters, app: &AppRecord, way: &Way) -> Result<AuthorizeRequest, AuthorizeError> {
        use AuthorizeError as E;
        if asked.has_repeats() {
            return Err(E::InvalidRequest("a parameter is repeated"));
        }
        // Neither of these two is kept.
        let is_kept = |name: &str| !matches!(name, "request" | "id_token_hint");
        if asked.0.iter().any(|(name, value)| is_kept(name) && value.len() > limit::PARAMETER_MAX) {
            return Err(E::InvalidRequest("a parameter is too long"));
        }
        for (name, error) in [
            ("request", E::RequestNotSupported),
            ("request_uri", E::RequestUriNotSupported),
            ("registration", E::RegistrationNotSupported),
        ] {
            if asked.first(name).is_some() {
                return Err(error);
            }
        }
        if !app.may_use(grant::AUTHORIZATION_CODE) {
            return Err(E::UnauthorizedClient);
        }
        match asked.first("response_type") {
            Some("code") => {}
            _ => return Err(E::UnsupportedResponseType),
        }
        let resources = read_resources(asked, app)?;
        let scopes = read_scopes(asked.first("scope"), app, &resources)?;
        let nonce = asked.first("nonce").map(str::to_owned);
        let challenge = read_challenge(asked, app, &scopes)?;
        let claims = match asked.first("claims") {
            None => ClaimsWish::default(),
            Some(text) => ClaimsWish::read(text).ok_or(E::InvalidRequest("claims is no object of objects"))?,
        };
        let hinted_sub = self.read_hinted(asked, app, &claims)?;
        Ok(AuthorizeRequest {
            client_id: app.client_id.to_string(),
            redirect_uri: way.redirect_uri.clone(),
            mode: way.mode,
            state: way.state.clone(),
            scopes: scopes.to_string(),
            resources: resources.join(" "),
            nonce,
            challenge,
            prompt: read_prompt(asked.first("prompt"))?,
            max_age: read_max_age(asked.first("max_age"))?,
            login_hint: asked.first("login_hint").map(str::to_owned),
            ui_locales: asked.first("ui_locales").map(str::to_owned),
            acr_values: asked.first("acr_values").map(str::to_owned),
            hinted_sub,
            claims,
            signed_in_by: None,
            is_account_chosen: false,
        })
    }

    /// The only person it may be about: by an ID token that this app was given, or by the `claims` parameter.
    fn read_hinted(
        &self,
        asked: &Parameters,
        app: &AppRecord,
        claims: &ClaimsWish,
    ) -> Result<Option<String>, AuthorizeError> {
        use AuthorizeError::InvalidRequest;
        let Some(text) = asked.first("id_token_hint") else { return Ok(claims.sub.clone()) };
        let hint = self.read_hint(text).filter(|hint| hint.client_id == *app.client_id);
        let hint = hint.ok_or(InvalidRequest("the id_token_hint is not one of ours, or another app's"))?;
        if claims.sub.as_ref().is_some_and(|sub| *sub != hint.sub) {
            return Err(InvalidRequest("the id_token_hint and the claims are about two people"));
        }
        Ok(Some(hint.sub))
    }
}

fn read_resources(asked: &Parameters, app: &AppRecord) -> Result<Vec<String>, AuthorizeError> {
    let mut resources: Vec<String> = Vec::new();
    for name in asked.many("resource") {
        if !audience::is_identifier(name) || app.resource(name).is_none() || resources.len() == limit::LIST_MAX {
            return Err(AuthorizeError::InvalidTarget);
        }
        if !resources.iter().any(|own| own == name) {
            resources.push(name.to_owned());
        }
    }
    if !resources.is_empty() {
        Target::of(app, resources.iter().map(String::as_str)).map_err(|_| AuthorizeError::InvalidTarget)?;
    }
    Ok(resources)
}

/// What is asked for of what we know and the app may; what we do not know is left out (OpenID Connect Core 3.1.2.1).
fn read_scopes(asked: Option<&str>, app: &AppRecord, resources: &[String]) -> Result<Scopes, AuthorizeError> {
    let is_meant = |identifier: &str| resources.is_empty() || resources.iter().any(|own| own == identifier);
    let is_known =
        |name: &str| app.resources.iter().any(|resource| is_meant(&resource.identifier) && resource.scopes.has(name));
    let may_ask = |name: &str| identity_scope::is_one(name) || (app.scopes.has(name) && is_known(name));
    let scopes = match asked {
        None => app.scopes.filtered(is_known),
        Some(text) => text.parse::<Scopes>().map_err(|_| AuthorizeError::InvalidScope)?.filtered(may_ask),
    };
    if scopes.is_empty() { Err(AuthorizeError::InvalidScope) } else { Ok(scopes) }
}

/// PKCE with S256, or nothing where the operator lets an app rely on `nonce` (RFC 9700 section 2.1.1). Only the app can
/// tell whether the `nonce` comes back right, and it may do without in this flow (OpenID Connect Core 3.1.2.1), so none
/// is insisted on.
fn read_challenge(asked: &Parameters, app: &AppRecord, scopes: &Scopes) -> Result<Option<String>, AuthorizeError> {
    use AuthorizeError::InvalidRequest;
    match (asked.first("code_challenge"), asked.first("code_challenge_method")) {
        (None, None) if app.may_skip_pkce && scopes.has(OPENID) => Ok(None),
        (None, None) => Err(InvalidRequest("code_challenge is missing: PKCE is required")),
        (None, Some(_)) => Err(InvalidRequest("code_challenge is missing")),
        (Some(challenge), Some("S256")) => match challenge.parse::<Challenge>() {
            Ok(challenge) => Ok(Some(challenge.to_string())),
            Err(_) => Err(InvalidRequest("code_challenge is not 43 base64url characters")),
        },
        (Some(_), _) => Err(InvalidRequest("code_challenge_method must be S256")),
    }
}

fn read_prompt(asked: Option<&str>) -> Result<Vec<Prompt>, AuthorizeError> {
    let mut prompts = Vec::new();
    for word in asked.unwrap_or_default().split(' ').filter(|word| !word.is_empty()) {
        prompts.push(match word {
            "none" => Prompt::None,
            "login" => Prompt::Login,
            "consent" => Prompt::Consent,
            "select_account" => Prompt::SelectAccount,
            _ => return Err(AuthorizeError::InvalidRequest("prompt is none, login, consent or select_account")),
        });
    }
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(AuthorizeError::InvalidRequest("prompt=none stands alone"));
    }
    Ok(prompts)
}

fn read_max_age(asked: Option<&str>) -> Result<Option<i64>, AuthorizeError> {
    let Some(text) = asked else { return Ok(None) };
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<i64>().ok().filter(|_| is_number);
    number.map(Some).ok_or(AuthorizeError::InvalidRequest("max_age is a whole number of seconds, 0 or more"))
}

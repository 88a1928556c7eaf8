//! A person in a house: signed in, and asked before whether they allow the app what it wants.

use hallpass::credential::{BrowserSecret, Slip, SlipKind, random_text};
use hallpass::flow::{AppWish, Flows, NextStep, Parameters};
use hallpass::policy::person::Person;
use hallpass::store::{Login, identity_row, session_row};

use crate::Outcome;
use crate::house::{CLIENT_ID, House};
use crate::journey::{CALLBACK, wish};

impl House {
    /// Lets the app send people, and one of them sign in and allow what it asks; gives the cookies of their browser.
    pub(crate) async fn sign_in(&self) -> Outcome<String> {
        let flows = self.open().await?;
        let wish = AppWish { redirect_uris: Some(vec![CALLBACK.to_owned()]), ..AppWish::default() };
        flows.update_app(CLIENT_ID, &wish).await?;
        let (browser, session) = (BrowserSecret::mint(), Slip::mint(SlipKind::Session));
        flows.store().record_login(flows.clock().now(), login(&flows, &session)?).await?;
        let session = session.reveal(flows.prefix());
        allow(&flows, &browser, &session).await?;
        flows.store().close().await;
        Ok(format!("hallpass-browser={}; hallpass-session={session}", browser.reveal()))
    }
}

/// What a provider would have vouched for.
fn login(flows: &Flows, session: &Slip) -> Outcome<Login> {
    let now = flows.clock().now();
    let lifetime = flows.sign_in_rules().session_lifetime.as_secs();
    let person = Person {
        name: Some("Ada Lovelace".to_owned()),
        preferred_username: Some("ada".to_owned()),
        ..Person::default()
    };
    Ok(Login {
        identity: identity_row::Model {
            id: random_text(),
            user_id: format!("usr_{}", &random_text()[..22]),
            provider: "load".to_owned(),
            issuer: "https://provider.example".to_owned(),
            subject: "ada".to_owned(),
            email: None,
            is_email_verified: false,
            created_at: now,
            last_login_at: now,
        },
        claims: serde_json::to_string(&person)?,
        linking_providers: vec![],
        links_to: None,
        session: session_row::Model {
            id: session.id().to_string(),
            secret_hash: session.hash().to_vec(),
            user_id: String::new(),
            identity_id: String::new(),
            provider_sid: None,
            auth_time: now,
            acr: None,
            amr: String::new(),
            user_agent: "load".to_owned(),
            address: "127.0.0.1".to_owned(),
            created_at: now,
            last_seen_at: now,
            expires_at: now.saturating_add_unsigned(lifetime),
            ended_at: None,
        },
        replaces: None,
        logouts_seen: 0,
    })
}

/// The app asks once, and the person allows it from now on.
async fn allow(flows: &Flows, browser: &BrowserSecret, session: &str) -> Outcome<()> {
    let signed_in = flows.find_signed_in(session).await.map_err(|refusal| format!("no session: {refusal}"))?;
    let signed_in = signed_in.ok_or("nobody is signed in")?;
    let asked = flows.authorize(&Parameters(wish()), browser, Some(&signed_in), None).await;
    let Ok(NextStep::Consent { request_id }) = asked else { return Err("nobody is asked for consent".into()) };
    let waiting = flows.find_waiting(&request_id, browser).await?;
    match flows.decide(waiting, Some(&signed_in), true).await {
        Ok(NextStep::Answer(_)) => Ok(()),
        _ => Err("a consent gives no code".into()),
    }
}

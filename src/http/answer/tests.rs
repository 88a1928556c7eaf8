use std::time::Duration;

use actix_web::body::to_bytes;
use sea_orm::DbErr;

use super::*;
use crate::store::StoreError;

const ISSUER: &str = "https://id.example";

/// One of each. A reason that is missing here is missing in the snapshot, which a reviewer sees.
fn all() -> Vec<Refusal> {
    let scheme = |scheme| Refusal::BadCredential { scheme, key_id: None, reason: "revoked" };
    vec![
        Refusal::Form(FormFault::WrongMediaType),
        Refusal::Form(FormFault::Encoded),
        Refusal::Form(FormFault::TooLarge),
        Refusal::Form(FormFault::TooSlow),
        Refusal::Form(FormFault::Broken),
        Refusal::Repeated,
        Refusal::NoGrantType,
        Refusal::UnsupportedGrantType,
        Refusal::SeveralCredentials,
        Refusal::NoCredential,
        scheme(Scheme::Basic),
        scheme(Scheme::Post),
        scheme(Scheme::Bearer),
        scheme(Scheme::ApiKeyHeader),
        Refusal::UnauthorizedGrant("the app"),
        Refusal::BadGrant("spent code"),
        Refusal::Missing("code"),
        Refusal::NoToken,
        Refusal::BadToken("expired"),
        Refusal::ScopeMissing("openid"),
        Refusal::MalformedScope,
        Refusal::ScopeNotAllowed,
        Refusal::NoTarget(NoTarget::NotAUri),
        Refusal::NoTarget(NoTarget::NotAllowed),
        Refusal::NoTarget(NoTarget::NoDefault),
        Refusal::ProfilesDiffer,
        Refusal::TooMany { wait: Duration::from_millis(1500) },
        Refusal::NoSuchAddress,
        Refusal::MethodNotAllowed { allow: "POST" },
        Refusal::OddRequest("absolute form"),
        Refusal::Unavailable("no key of this kind signs yet"),
        Refusal::Store(StoreError::Unavailable(DbErr::Custom("secret: password of db.internal".to_owned()))),
        Refusal::Internal("secret detail"),
    ]
}

async fn print(refusal: Refusal) -> String {
    let name = format!("{refusal:?}");
    let answer = Answer::new(refusal, ISSUER).error_response();
    let mut headers: Vec<String> =
        answer.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    let status = answer.status();
    let body = to_bytes(answer.into_body()).await.unwrap();
    format!("{name}\n  {status}\n  {}\n  {}\n", headers.join("\n  "), std::str::from_utf8(&body).unwrap())
}

#[actix_web::test]
async fn the_whole_table() {
    let mut table = String::new();
    for refusal in all() {
        table += &print(refusal).await;
    }

    insta::assert_snapshot!(table);
}

#[actix_web::test]
async fn a_store_error_full_of_details_shows_none_of_them() {
    for refusal in all() {
        let answer = Answer::new(refusal, ISSUER);
        let body = to_bytes(answer.error_response().into_body()).await.unwrap();
        let shown = format!("{answer} {}", std::str::from_utf8(&body).unwrap());

        assert!(!shown.contains("secret") && !shown.contains("internal") && !shown.contains("revoked"), "{shown}");
    }
}

#[actix_web::test]
async fn every_code_has_its_page() {
    for refusal in all() {
        let code = public(&refusal).error;

        assert!(crate::http::errors::PAGES.iter().any(|(page, _)| *page == code), "{code} has no page");
    }
}

//! Pages: HTML without scripts, and a style sheet of their own.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, http};
use askama::Template;

use super::pick::NOBODY;
use super::{Person, people, state};

/// Where the style sheet is.
pub(super) const STYLE: &str = "/demo.css";

/// Without `form-action`: browsers hold it against every redirect behind a form, and where the client sends people on
/// to is not known here.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ title }} · Demo provider</title>
<link rel="stylesheet" href="{{ STYLE }}">
</head>
<body>
<main>
<p class="badge">Demo provider</p>
<h1>{{ title }}</h1>
<p>{{ words }}</p>
{%- if let Some(form) = form %}
<form method="post" action="{{ form.action }}">
<input type="hidden" name="slip" value="{{ form.slip }}">
{%- if !form.people.is_empty() %}
<ul>
{%- for choice in form.people %}
<li><button class="person" name="sub" value="{{ choice.person.sub }}"{% if choice.is_hinted %} autofocus{% endif %}>
<span class="initial" aria-hidden="true">{{ choice.initial() }}</span>
<span class="who"><strong>{{ choice.person.name }}</strong> <span>{{ choice.about() }}</span></span>
{%- if choice.is_signed_in %} <span class="tag">signed in</span>{% endif %}
{%- if choice.is_hinted %} <span class="tag">suggested</span>{% endif %}
</button></li>
{%- endfor %}
</ul>
{%- endif %}
<button class="plain" name="sub" value="{{ NOBODY }}">{{ form.button }}</button>
</form>
{%- endif %}
<footer>Nobody here is real. This provider runs beside <code>hallpass dev</code>, on this machine alone, and forgets
everything when it stops.</footer>
</main>
</body>
</html>
"#
)]
struct Page<'a> {
    title: &'a str,
    words: &'a str,
    form: Option<Form<'a>>,
}

struct Form<'a> {
    action: &'a str,
    slip: &'a str,
    people: Vec<Choice>,
    button: &'a str,
}

struct Choice {
    person: &'static Person,
    is_hinted: bool,
    is_signed_in: bool,
}

impl Choice {
    fn initial(&self) -> char {
        self.person.name.chars().next().unwrap_or('?')
    }

    fn about(&self) -> String {
        let Person { email, is_email_verified, groups, .. } = self.person;
        let email = match email {
            Some(email) if *is_email_verified => (*email).to_owned(),
            Some(email) => format!("{email}, not verified"),
            None => "no e-mail address".to_owned(),
        };
        let groups = if groups.is_empty() { "no groups".to_owned() } else { groups.join(", ") };
        format!("{email} · {groups}")
    }
}

/// Asks who somebody wants to be.
pub(super) fn pick(client_id: &str, slip: &str, hinted: Option<&Person>, signed_in: Option<&Person>) -> HttpResponse {
    let choice = |person| Choice { person, is_hinted: hinted == Some(person), is_signed_in: signed_in == Some(person) };
    let people = people().iter().map(choice).collect();
    let words =
        format!("The app “{client_id}” will learn the name, the address and the groups of the person you pick.");
    let form = Form { action: "/pick", slip, people, button: "Cancel" };
    answer(StatusCode::OK, "This is a demo: pick who you want to be", &words, Some(form))
}

/// Asks whether somebody wants to leave.
pub(super) fn leave(person: &Person, slip: &str) -> HttpResponse {
    let words = format!("You are {} here. The app you come from may keep you signed in.", person.name);
    let form = Form { action: "/leave", slip, people: vec![], button: "Sign out" };
    answer(StatusCode::OK, "Sign out of the demo provider?", &words, Some(form))
}

/// Says something.
pub(super) fn note(status: StatusCode, title: &str, words: &str) -> HttpResponse {
    answer(status, title, words, None)
}

/// Lets the browser keep its name.
pub(super) fn with_cookie(mut page: HttpResponse, browser: &str) -> HttpResponse {
    match page.add_cookie(&state::cookie(browser)) {
        Ok(()) => page,
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn answer(status: StatusCode, title: &str, words: &str, form: Option<Form<'_>>) -> HttpResponse {
    let Ok(body) = (Page { title, words, form }).render() else {
        return HttpResponse::InternalServerError().finish();
    };
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .insert_header((http::header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}

/// `GET /demo.css`.
pub(super) async fn style() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/css; charset=utf-8"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(include_str!("demo.css"))
}

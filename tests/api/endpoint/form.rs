//! How a form must come.

use std::time::{Duration, Instant};

use hallpass::limit;

use super::{INVALID_REQUEST, assert_is_our_json};
use crate::support::{Ask, House, Wire};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test]
async fn the_body_is_a_form_in_utf_8_or_415() {
    let (house, key) = House::with_shop().await;

    for (media_type, status) in [
        (Some(FORM.to_owned()), 200),
        (Some(format!("{FORM}; charset=UTF-8")), 200),
        (Some(format!("{FORM};charset=\"utf-8\"")), 200),
        (Some(format!("{}; Charset=Utf-8", FORM.to_uppercase())), 200),
        (Some(format!("{FORM}; boundary=x")), 200),
        (Some(format!("{FORM}; charset=iso-8859-1")), 415),
        (Some(format!("{FORM}; charset=utf-16")), 415),
        (Some("application/json".to_owned()), 415),
        (Some("multipart/form-data; boundary=x".to_owned()), 415),
        (Some("text/plain".to_owned()), 415),
        (Some(format!("{FORM}, application/json")), 415),
        (Some(String::new()), 415),
        (None, 415),
    ] {
        let mut ask = Ask::exchange(&key, &[]).without("content-type");
        if let Some(media_type) = &media_type {
            ask = ask.header("Content-Type", media_type);
        }
        let reply = house.send(&ask).await;

        assert_eq!(reply.status, status, "{media_type:?}: {reply:?}");
        if status == 415 {
            assert_eq!(reply.error(), INVALID_REQUEST);
            assert_is_our_json(&reply, house.issuer());
        }
    }
}

#[tokio::test]
async fn two_media_types_or_an_encoded_body_are_415() {
    let (house, key) = House::with_shop().await;

    for (name, value) in
        [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Encoding", "br")]
    {
        let reply = house.send(&Ask::exchange(&key, &[]).header(name, value)).await;

        assert_eq!(reply.refusal(), (415, INVALID_REQUEST.to_owned()), "{name}: {value}");
        assert_is_our_json(&reply, house.issuer());
    }
}

#[tokio::test]
async fn a_body_of_16_kib_is_read_and_one_more_byte_is_413() {
    let (house, key) = House::with_shop().await;
    let padded = |length: usize| {
        let form = "grant_type=client_credentials&padding=";
        format!("{form}{}", "x".repeat(length - form.len()))
    };

    let fits = house.send(&Ask::form_text(&padded(16 * 1024)).bearer(&key.text)).await;
    let declared = house.send(&Ask::form_text(&padded(16 * 1024 + 1)).bearer(&key.text)).await;
    let chunk = padded(16 * 1024 + 1);
    let chunked = format!("{:x}\r\n{chunk}\r\n0\r\n\r\n", chunk.len());
    let chunked = Ask::form_text(&chunked).bearer(&key.text).header("Transfer-Encoding", "chunked");
    let undeclared = house.send(&chunked).await;

    assert_eq!(fits.status, 200);
    for reply in [declared, undeclared] {
        assert_eq!(reply.refusal(), (413, INVALID_REQUEST.to_owned()));
        assert_is_our_json(&reply, house.issuer());
    }
}

#[tokio::test]
async fn ten_megabytes_are_413_and_others_are_served_meanwhile() {
    let (house, key) = House::with_shop().await;
    let mut wire = Wire::open(house.address).await;
    let head = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 10000000\r\n\r\n";
    wire.write(head).await.unwrap();

    let refused = wire.reply().await.unwrap();
    let meanwhile = house.exchange(&key, &[]).await;

    assert_eq!(refused.refusal(), (413, INVALID_REQUEST.to_owned()), "before a byte of the body was sent");
    assert_eq!(meanwhile.status, 200);
}

#[tokio::test]
async fn a_chunked_body_is_as_good_as_a_counted_one() {
    let (house, key) = House::with_shop().await;
    let body = "b\r\ngrant_type=\r\n12\r\nclient_credentials\r\n0\r\n\r\n";

    let ask = Ask::form_text(body).bearer(&key.text).header("Transfer-Encoding", "chunked");

    assert_eq!(house.send(&ask).await.status, 200);
}

#[tokio::test]
async fn a_million_parameters_are_refused_and_so_are_more_than_256() {
    let (house, key) = House::with_shop().await;
    let with = |count: usize| format!("grant_type=client_credentials{}", "&a[b][c]=".repeat(count));

    let million = house.send(&Ask::form_text(&with(1_000_000)).bearer(&key.text)).await;
    let distinct = |count: u32| {
        let names = (1..count).map(|at| at.to_string()).collect::<Vec<_>>();
        format!("grant_type=client_credentials&{}", names.join("=&"))
    };
    let many = house.send(&Ask::form_text(&distinct(257)).bearer(&key.text)).await;
    let some = house.send(&Ask::form_text(&distinct(256)).bearer(&key.text)).await;

    assert_eq!(million.refusal(), (413, INVALID_REQUEST.to_owned()));
    assert_eq!(many.refusal(), (400, INVALID_REQUEST.to_owned()));
    assert_eq!(some.status, 200);
}

#[tokio::test]
async fn a_body_that_does_not_arrive_in_time_is_408_and_others_are_served_meanwhile() {
    let (house, key) = House::with_shop().await;
    let mut wire = Wire::open(house.address).await;
    let head = "POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                Content-Length: 1000\r\n\r\n";
    wire.write(head).await.unwrap();
    let began = Instant::now();

    // A byte now and then does not buy more time.
    let reply = loop {
        tokio::select! {
            reply = wire.reply() => break reply,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        let _ = wire.write("x").await;
        assert_eq!(house.exchange(&key, &[]).await.status, 200);
    };

    let reply = reply.expect("an answer");
    assert_eq!(reply.refusal(), (408, INVALID_REQUEST.to_owned()));
    assert_is_our_json(&reply, house.issuer());
    assert!((limit::READ_TIMEOUT..2 * limit::READ_TIMEOUT).contains(&began.elapsed()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_form_that_can_not_be_read_is_400() {
    let (house, key) = House::with_shop().await;

    for broken in ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=1", "a=%C3%28", "\u{0}=%00%"] {
        let body = format!("grant_type=client_credentials&{broken}");
        let reply = house.send(&Ask::form_text(&body).bearer(&key.text)).await;

        assert_eq!(reply.refusal(), (400, INVALID_REQUEST.to_owned()), "{broken}");
        assert_is_our_json(&reply, house.issuer());
    }
    let raw = house.send(&Ask::form_text("").body(b"grant_type=client_credentials&a=\xff").bearer(&key.text)).await;
    assert_eq!(raw.refusal(), (400, INVALID_REQUEST.to_owned()));
}

#[tokio::test]
async fn any_parameter_twice_is_refused() {
    let (house, key) = House::with_shop().await;

    for name in ["grant_type", "scope", "client_id", "client_secret", "code", "anything", "%67rant_type", ""] {
        for values in [("", ""), ("a", "a"), ("client_credentials", "")] {
            let body = format!("grant_type=client_credentials&{name}={}&{name}={}", values.0, values.1);
            let reply = house.send(&Ask::form_text(&body).bearer(&key.text)).await;

            if name.is_empty() && values == ("", "") {
                continue; // `=` twice is two parameters without a name.
            }
            assert_eq!(reply.refusal(), (400, INVALID_REQUEST.to_owned()), "{body}");
        }
    }
}

#[tokio::test]
async fn an_empty_parameter_is_absent_and_an_unknown_one_does_not_matter() {
    let (house, key) = House::with_shop().await;

    for fields in [
        vec![("scope", ""), ("resource", ""), ("audience", ""), ("client_id", ""), ("client_secret", "")],
        vec![("unknown", "x"), ("Scope", "nothing"), ("GRANT_TYPE", "x"), ("client_assertion", "")],
        vec![("redirect_uri", "https://x.example"), ("code", "x"), ("username", "x"), ("password", "y")],
    ] {
        assert_eq!(house.exchange(&key, &fields).await.status, 200, "{fields:?}");
    }
    let missing = house.send(&Ask::form(&[("grant_type", "")]).bearer(&key.text)).await;
    assert_eq!(missing.refusal(), (400, INVALID_REQUEST.to_owned()));
}

#[tokio::test]
async fn a_grant_type_that_we_do_not_have_is_unsupported() {
    let (house, key) = House::with_shop().await;

    for name in [
        "password",
        "implicit",
        "Client_Credentials",
        "client_credentials ",
        "urn:ietf:params:oauth:grant-type:token-exchange",
    ] {
        let reply = house.send(&Ask::form(&[("grant_type", name)]).bearer(&key.text)).await;

        assert_eq!(reply.refusal(), (400, "unsupported_grant_type".to_owned()), "{name}");
    }
}

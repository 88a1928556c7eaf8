//! Redirect URIs: where an app may have people sent (RFC 9700 section 2.1, RFC 8252 section 7).

use url::{Host, Url};

/// Whether `asked` is one of the `registered`: the same text, but for the port of a loopback address.
#[must_use]
pub fn is_registered<'a>(registered: impl IntoIterator<Item = &'a str>, asked: &str) -> bool {
    registered.into_iter().any(|own| own == asked || is_same_but_port(own, asked))
}

/// A native app listens on whichever port it gets (RFC 8252 section 7.3).
fn is_same_but_port(own: &str, asked: &str) -> bool {
    let parts = |text| loopback(text).map(|(host, rest)| (host, after_port(rest)));
    match (parts(own), parts(asked)) {
        (Some((own_host, Some(own))), Some((host, Some(rest)))) => own_host == host && own == rest,
        _ => false,
    }
}

/// The loopback host of a plain-http URI, and what stands behind it.
fn loopback(text: &str) -> Option<(&'static str, &str)> {
    let rest = text.strip_prefix("http://")?;
    ["127.0.0.1", "[::1]", "localhost"].into_iter().find_map(|host| Some((host, rest.strip_prefix(host)?)))
}

/// What stands behind a port, if there is one.
fn after_port(rest: &str) -> Option<&str> {
    let Some(rest) = rest.strip_prefix(':') else {
        return (rest.is_empty() || rest.starts_with(['/', '?'])).then_some(rest);
    };
    let end = rest.find(|byte: char| !byte.is_ascii_digit()).unwrap_or(rest.len());
    let (port, rest) = rest.split_at(end);
    let is_port = port.parse::<u16>().is_ok_and(|port| port > 0) && !port.starts_with('0');
    (is_port && (rest.is_empty() || rest.starts_with(['/', '?']))).then_some(rest)
}

/// Whether the people who are sent to `uri` stay on their own machine: a loopback address, or a scheme that some
/// program there has claimed. Any program there may have sent them.
#[must_use]
pub fn is_local(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| !matches!(url.scheme(), "https" | "http")) || loopback(uri).is_some()
}

/// What `uri` must be to be registered: `https`, `http` on loopback, or for a public app a scheme of its own in reverse
/// domain order (RFC 8252 section 7.1); absolute, without fragment, user or anything a parser reads in another way.
pub fn check(uri: &str, is_public: bool) -> Result<(), &'static str> {
    if uri.is_empty() || uri.len() > 1024 || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it is 1 to 1024 visible ASCII characters");
    }
    if uri.contains(['#', '\\', '*', '"', '<', '>', '`', '{', '}', '|', '^']) {
        return Err("it has no fragment, no wildcard, and nothing that must be escaped");
    }
    let url = Url::parse(uri).map_err(|_| "it is no absolute URI")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("it has no user and no password");
    }
    match url.scheme() {
        "https" if url.host().is_some() => {}
        "http" if is_loopback(&url) && loopback(uri).is_some() => {}
        "http" => return Err("plain http is for 127.0.0.1, [::1] and localhost"),
        scheme if is_public && scheme.contains('.') => return Ok(()),
        _ if is_public => return Err("a scheme of its own is a domain in reverse, such as com.example.app"),
        _ => return Err("it begins with https://"),
    }
    let is_normal = url.as_str() == uri || url.as_str().strip_suffix('/') == Some(uri);
    if is_normal { Ok(()) } else { Err("write it in its normal form: lower case, no default port, no dot segments") }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWN: [&str; 3] = ["https://app.example/cb", "http://127.0.0.1/cb", "com.example.app:/cb"];

    fn is_own(asked: &str) -> bool {
        is_registered(OWN, asked)
    }

    #[test]
    fn only_the_same_text_is_the_same_place() {
        assert!(OWN.into_iter().all(is_own));
        for other in [
            "https://app.example/cb/",
            "https://app.example/cb?",
            "https://app.example/cb?x=1",
            "https://app.example/cb#f",
            "https://app.example//cb",
            "https://app.example/CB",
            "https://app.example/cb/../evil",
            "https://app.example/cb/%2e%2e/x",
            "https://app.example/cb/..;/x",
            "https://app.example/cb%2fx",
            "https://app.example/cb;param",
            "https://app.example:443/cb",
            "https://app.example./cb",
            "https://APP.example/cb",
            "HTTPS://app.example/cb",
            "https://user@app.example/cb",
            "https://app.example.evil.test/cb",
            "https://app.example@evil.test/cb",
            "https://evil.test#@app.example/cb",
            "https://evil.test\\@app.example/cb",
            "https://app.example%2eevil.test/cb",
            "https://app.example%00.evil.test/cb",
            "http://app.example/cb",
            "com.example.app:/cb2",
            "",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn a_loopback_address_may_have_any_port_and_nothing_else() {
        for same in ["http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
            assert!(is_own(same), "{same}");
        }
        for other in [
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:080/cb",
            "http://127.0.0.1:80@evil.test/cb",
            "http://127.0.0.1:80.evil.test/cb",
            "http://127.0.0.1.evil.test/cb",
            "http://127.0.0.1@evil.test/cb",
            "http://localhost:80/cb",
            "http://[::1]:80/cb",
            "http://127.1:80/cb",
            "http://2130706433/cb",
            "http://0x7f000001/cb",
            "http://[::ffff:127.0.0.1]/cb",
            "http://0/cb",
            "https://127.0.0.1:80/cb",
            "http://127.0.0.1:80/cb/",
            "http://127.0.0.1:80\\@evil.test/cb",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn what_can_be_registered() {
        for good in [
            "https://app.example/cb",
            "https://app.example",
            "https://app.example/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://[::1]:7000/cb",
            "http://localhost:3000/cb",
        ] {
            assert_eq!(check(good, false), Ok(()), "{good}");
        }
        assert_eq!(check("com.example.app:/cb", true), Ok(()));
        for bad in [
            "",
            "/cb",
            "app.example/cb",
            "https://app.example/#f",
            "https://*.example/cb",
            "https://user@app.example/cb",
            "https://APP.example/cb",
            "https://app.example:443/cb",
            "https://app.example/a/../cb",
            "http://app.example/cb",
            "http://127.1/cb",
            "http://2130706433/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "com.example.app:/cb",
        ] {
            assert!(check(bad, false).is_err(), "{bad}");
        }
        for bad in ["javascript:alert(1)", "data:text/html,x", "file:///x", "app:/cb"] {
            assert!(check(bad, true).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_accepted_leads_where_the_registered_one_leads(asked in "http://(127\\.0\\.0\\.1|localhost|\\[::1\\])?[:@.\\\\/a-z0-9%#?-]{0,12}/cb") {
            if is_own(&asked) {
                let url = Url::parse(&asked).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }
    }
}

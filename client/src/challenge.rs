//! What a 401 says (RFC 9110 11.6.1, RFC 6750 3).
//!
//! In:    the values of `WWW-Authenticate`, whatever a service wrote there.
//! Out:   whether it is the token that was not good.

/// Whether one of the challenges is `Bearer` with `error="invalid_token"`.
pub(crate) fn says_invalid_token<'a>(values: impl Iterator<Item = &'a str>) -> bool {
    values.into_iter().any(|value| {
        let mut is_bearer = false;
        parts(value).into_iter().any(|part| {
            // The first parameter of a challenge has the scheme before it: `Bearer realm="x"`.
            let parameter = match part.split_once([' ', '\t']) {
                Some((scheme, parameter)) if is_token(scheme) && !parameter.trim_start().starts_with('=') => {
                    is_bearer = scheme.eq_ignore_ascii_case("bearer");
                    parameter.trim()
                }
                _ if is_token(part) => {
                    is_bearer = part.eq_ignore_ascii_case("bearer");
                    ""
                }
                _ => part,
            };
            let Some((name, text)) = parameter.split_once('=') else { return false };
            let text = text.trim();
            let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
            is_bearer && name.trim().eq_ignore_ascii_case("error") && text == "invalid_token"
        })
    })
}

/// The parts of a value between commas that are in no quoted text.
fn parts(value: &str) -> Vec<&str> {
    let (mut parts, mut from, mut is_quoted, mut is_escaped) = (Vec::new(), 0, false, false);
    for (at, char) in value.char_indices() {
        match char {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                parts.push(value[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(value[from..].trim());
    parts
}

/// A token of RFC 9110 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(value: &str) -> bool {
        says_invalid_token(std::iter::once(value))
    }

    #[test]
    fn a_bearer_challenge_names_its_error() {
        for value in [
            r#"Bearer error="invalid_token""#,
            r#"Bearer realm="hallpass", error="invalid_token""#,
            r#"bearer realm="a, b", Error = invalid_token, error_description="no""#,
            r#"Basic realm="x", Bearer error="invalid_token""#,
            r#"Negotiate, Bearer realm="\"x\", y",error="invalid_token""#,
        ] {
            assert!(says(value), "{value}");
        }
        assert!(says_invalid_token(["Basic", r#"Bearer error="invalid_token""#].into_iter()));
    }

    #[test]
    fn anything_else_does_not() {
        for value in [
            "",
            "Bearer",
            r#"Bearer realm="hallpass""#,
            r#"Bearer error="insufficient_scope""#,
            r#"Bearer realm="error=invalid_token""#,
            r#"Bearer realm="x, error=\"invalid_token\"""#,
            r#"Basic realm="x", error="invalid_token""#,
            r#"Bearer realm="x", DPoP error="invalid_token""#,
            r#"Bearer error="invalid_tokens""#,
            r#"Bearer realm="never closed, error="#,
            "Bearer é, =, ,,, error",
        ] {
            assert!(!says(value), "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_too_odd(value in ".*") {
            says(&value);
        }
    }
}

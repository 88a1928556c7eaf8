//! Audiences: which resources a token is for (RFC 8707).

use url::Url;

/// Why no token can be for what was asked: all of them are `invalid_target` outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// A `resource` is no absolute URI, or has a fragment.
    NotAUri,
    /// The key may not ask tokens for it, or there is no such resource; which, is nobody's business.
    NotAllowed,
    /// Nothing was asked, and the key has several resources but its app no default among them.
    NoDefault,
}

/// Which of `allowed` a request is for. It names them as `resource` (absolute URIs) or as `audience` (any text that is
/// an identifier); equal ones count once. Without either it is the key's only resource, else its app's default.
pub fn target<'a>(
    resources: &[impl AsRef<str>],
    audiences: &[impl AsRef<str>],
    allowed: &'a [Box<str>],
    default: Option<&str>,
) -> Result<Vec<&'a str>, NoTarget> {
    if resources.iter().any(|resource| !is_identifier(resource.as_ref())) {
        return Err(NoTarget::NotAUri);
    }
    let find = |asked: &str| allowed.iter().map(AsRef::as_ref).find(|own: &&str| *own == asked);
    let mut found: Vec<&str> = Vec::with_capacity(1);
    for asked in resources.iter().map(AsRef::as_ref).chain(audiences.iter().map(AsRef::as_ref)) {
        let own = find(asked).ok_or(NoTarget::NotAllowed)?;
        if !found.contains(&own) {
            found.push(own);
        }
    }
    if found.is_empty() {
        found.push(match (allowed, default) {
            ([only], _) => only,
            (_, Some(default)) => find(default).ok_or(NoTarget::NoDefault)?,
            _ => return Err(NoTarget::NoDefault),
        });
    }
    Ok(found)
}

/// Whether `text` can name a resource: an absolute URI without fragment, white space or control characters.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.len() <= 512
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains('#')
        && Url::parse(text).is_ok_and(|uri| !uri.path().is_empty() || uri.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    fn allowed(names: &[&str]) -> Vec<Box<str>> {
        names.iter().map(|name| Box::from(*name)).collect()
    }

    #[test]
    fn equal_ones_count_once_across_both_parameters() {
        let own = allowed(&["https://a.example", "urn:b"]);

        let found = target(&["https://a.example", "urn:b"], &["https://a.example"], &own, None);

        assert_eq!(found, Ok(vec!["https://a.example", "urn:b"]));
    }

    #[test]
    fn without_a_wish_it_is_the_only_one_or_the_default() {
        let (one, two) = (allowed(&["urn:a"]), allowed(&["urn:a", "urn:b"]));

        assert_eq!(target(&NONE, &NONE, &one, None), Ok(vec!["urn:a"]));
        assert_eq!(target(&NONE, &NONE, &two, Some("urn:b")), Ok(vec!["urn:b"]));
        assert_eq!(target(&NONE, &NONE, &two, None), Err(NoTarget::NoDefault));
        assert_eq!(target(&NONE, &NONE, &two, Some("urn:c")), Err(NoTarget::NoDefault));
        assert_eq!(target(&NONE, &NONE, &[], None), Err(NoTarget::NoDefault));
    }

    #[test]
    fn what_is_not_its_own_is_refused_beside_what_is() {
        let own = allowed(&["urn:a"]);

        assert_eq!(target(&["urn:a", "urn:b"], &NONE, &own, None), Err(NoTarget::NotAllowed));
        assert_eq!(target(&NONE, &["urn:A"], &own, None), Err(NoTarget::NotAllowed));
        assert_eq!(target(&["urn:a#f"], &NONE, &own, None), Err(NoTarget::NotAUri));
        assert_eq!(target(&["/relative"], &NONE, &own, None), Err(NoTarget::NotAUri));
    }
}

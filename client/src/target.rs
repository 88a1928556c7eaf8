use url::form_urlencoded::Serializer;

/// What a token is to be for: resources and scopes. Order and repetition make no difference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    resources: Vec<String>,
    scopes: Vec<String>,
}

impl Target {
    pub(crate) fn new(resources: impl IntoIterator<Item = String>, scopes: impl IntoIterator<Item = String>) -> Self {
        let sorted = |words: Vec<String>| {
            let mut words = words;
            words.retain(|word| !word.is_empty());
            words.sort_unstable();
            words.dedup();
            words
        };
        Self { resources: sorted(resources.into_iter().collect()), scopes: sorted(scopes.into_iter().collect()) }
    }

    /// The form of the token endpoint (RFC 6749 4.4.2, RFC 8707 2).
    pub(crate) fn form(&self) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        form.extend_pairs(self.resources.iter().map(|resource| ("resource", resource)));
        if !self.scopes.is_empty() {
            form.append_pair("scope", &self.scopes.join(" "));
        }
        form.finish()
    }

    /// For the log.
    pub(crate) fn name(&self) -> String {
        if self.resources.is_empty() { "the key's own resource".to_owned() } else { self.resources.join(" ") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(resources: &[&str], scopes: &[&str]) -> Target {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        Target::new(owned(resources), owned(scopes))
    }

    #[test]
    fn order_and_repetition_make_no_difference() {
        assert_eq!(target(&["a", "b"], &["x", "y", "x"]), target(&["b", "a", "a"], &["y", "", "x"]));
        assert_ne!(target(&["a"], &["x"]), target(&["a"], &[]));
    }

    #[test]
    fn it_is_asked_for_as_a_form() {
        assert_eq!(target(&[], &[]).form(), "grant_type=client_credentials");
        assert_eq!(
            target(&["https://a.example/?x&y"], &["b", "a"]).form(),
            "grant_type=client_credentials&resource=https%3A%2F%2Fa.example%2F%3Fx%26y&scope=a+b"
        );
    }
}

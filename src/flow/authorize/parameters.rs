//! The parameters of an authorization request, before anybody has judged them.

/// The parameters of a request as they came, repeats and all.
#[derive(Default)]
pub struct Parameters(pub Vec<(String, String)>);

impl Parameters {
    /// The parameter `name`; `Err` when it stands there twice. An empty one is absent.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, ()> {
        let mut all = self.0.iter().filter(|(own, _)| own == name);
        match (all.next(), all.next()) {
            (Some(_), Some(_)) => Err(()),
            (first, _) => Ok(first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())),
        }
    }

    /// The first one that is not empty.
    pub(super) fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// All that are not empty.
    pub(super) fn many(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, value)| own == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// Whether any stands there twice that may not.
    pub(super) fn has_repeats(&self) -> bool {
        let mut names: Vec<&str> =
            self.0.iter().map(|(name, _)| name.as_str()).filter(|name| *name != "resource").collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }
}

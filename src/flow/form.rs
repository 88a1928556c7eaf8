//! A form, read: each parameter once, empty ones left out.

use std::fmt;

use super::Refusal;

/// Parameters that may come several times.
const MANY: [&str; 2] = ["resource", "audience"];

/// The parameters of a request (RFC 6749 section 3.2): an empty one is absent, an unknown one does not matter, and none
/// comes twice but `resource` and `audience`.
#[derive(Default)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// A form of these parameters.
    pub fn new(parameters: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut seen: Vec<&str> =
            parameters.iter().map(|(name, _)| &**name).filter(|name| !MANY.contains(name)).collect();
        seen.sort_unstable();
        if seen.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(Refusal::Repeated);
        }
        Ok(Self(parameters.into_iter().filter(|(_, value)| !value.is_empty()).collect()))
    }

    /// The parameter `name`, if it is there and not empty.
    #[must_use]
    pub fn one(&self, name: &str) -> Option<&str> {
        self.many(name).next()
    }

    /// All parameters `name`.
    pub fn many(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| &**value)
    }
}

/// Names only: a value may be a key.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

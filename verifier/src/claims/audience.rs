use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Whom a token is for (RFC 7519 4.1.3): written as a string for one, as an array for several.
///
/// Reading takes text or an array of text and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience(Members);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Members {
    One(String),
    Several(Vec<String>),
}

impl Default for Members {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Audience {
    /// The audience of one resource.
    pub fn one(resource: impl Into<String>) -> Self {
        Self(Members::One(resource.into()))
    }

    /// Whether `resource` is in it, byte for byte.
    #[must_use]
    pub fn has(&self, resource: &str) -> bool {
        self.iter().any(|member| member == resource)
    }

    /// Its members, in the order they were written.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.members().iter().map(String::as_str)
    }

    /// How many members it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members().len()
    }

    /// Whether it names nobody; no verifier accepts such a token.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members().is_empty()
    }

    fn members(&self) -> &[String] {
        match &self.0 {
            Members::One(member) => std::slice::from_ref(member),
            Members::Several(members) => members,
        }
    }
}

impl From<&str> for Audience {
    fn from(resource: &str) -> Self {
        Self::one(resource)
    }
}

impl From<String> for Audience {
    fn from(resource: String) -> Self {
        Self::one(resource)
    }
}

impl From<Vec<String>> for Audience {
    fn from(resources: Vec<String>) -> Self {
        resources.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(resources: I) -> Self {
        let mut members: Vec<String> = resources.into_iter().map(Into::into).collect();
        match (members.len(), members.pop()) {
            (1, Some(only)) => Self(Members::One(only)),
            (_, last) => {
                members.extend(last);
                Self(Members::Several(members))
            }
        }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Members::One(member) => serializer.serialize_str(member),
            Members::Several(members) => serializer.collect_seq(members),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneOrSeveral)
    }
}

struct OneOrSeveral;

impl<'de> Visitor<'de> for OneOrSeveral {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or an array of text")
    }

    fn visit_str<E: de::Error>(self, member: &str) -> Result<Audience, E> {
        Ok(Audience::one(member))
    }

    fn visit_string<E: de::Error>(self, member: String) -> Result<Audience, E> {
        Ok(Audience::one(member))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Audience, A::Error> {
        let mut members: Vec<String> = Vec::new();
        while let Some(member) = items.next_element()? {
            members.push(member);
        }
        Ok(members.into())
    }
}

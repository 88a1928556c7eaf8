//! JSON as a verifier must read it: strictly, and once.
//!
//! In:    bytes of a stranger.
//! Out:   whether they are one JSON value in UTF-8, no object of which has a member twice, at most 16 levels deep.
//! Never: keeps anything. The types are read by a second pass, by the same parser, so the two can't disagree.
//!
//! Two members of one name are how a token says one thing to the one who signs and another to the one who verifies.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How many objects and arrays may lie in each other.
const MAX_DEPTH: u8 = 16;

/// Above this many members, sorting finds a pair sooner than comparing each with each.
const FEW_MEMBERS: usize = 24;

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotJson,
    DuplicateMember,
    TooDeep,
}

/// Reads the whole document and keeps nothing.
pub(crate) fn check(json: &[u8]) -> Result<(), Fault> {
    let fault = Cell::new(Fault::NotJson);
    let mut document = serde_json::Deserializer::from_slice(json);
    let checked = document
        .deserialize_any(Level {
            left: MAX_DEPTH,
            fault: &fault,
        })
        .and_then(|()| document.end());
    checked.map_err(|_| fault.get())
}

/// Reads an object into its type, which by itself would also read from an array of its values.
pub(crate) fn object<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, Fault> {
    if json.trim_ascii_start().first() != Some(&b'{') {
        return Err(Fault::NotJson);
    }
    check(json)?;
    serde_json::from_slice(json).map_err(|_| Fault::NotJson)
}

/// One level of nesting; how many more may follow, and where to say what was wrong.
#[derive(Clone, Copy)]
struct Level<'f> {
    left: u8,
    fault: &'f Cell<Fault>,
}

impl Level<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Self { left, ..self }),
            None => Err(self.refuse(Fault::TooDeep)),
        }
    }

    fn refuse<E: serde::de::Error>(self, fault: Fault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let mut names: Vec<Cow<'de, str>> = Vec::with_capacity(FEW_MEMBERS);
        while let Some(Name(name)) = members.next_key()? {
            if names.len() < FEW_MEMBERS && names.contains(&name) {
                return Err(self.refuse(Fault::DuplicateMember));
            }
            names.push(name);
            members.next_value_seed(deeper)?;
        }
        if names.len() > FEW_MEMBERS {
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(self.refuse(Fault::DuplicateMember));
            }
        }
        Ok(())
    }
}

/// A member's name, as it reads once its escapes are undone.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

//! JSON as a verifier must read it: strictly.
//!
//! In:    bytes of a stranger.
//! Out:   whether they are one JSON value in UTF-8, no object of which has a member twice, at most 16 levels deep.
//! Never: keeps anything. The types are read by a second pass, by the same parser, so the two can't disagree.
//!
//! Two members of one name are how a token says one thing to the one who signs and another to the one who verifies.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// How many objects and arrays may lie in each other.
const MAX_DEPTH: u8 = 16;

/// Above this many members, sorting finds a pair sooner than comparing each with each.
const FEW_MEMBERS: usize = 24;

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no JSON in UTF-8, or not of the kind it should be.
    NotJson,
    /// One of its objects has a member twice.
    DuplicateMember,
    /// It is nested deeper than 16 levels.
    TooDeep,
}

/// Reads an object into its type, which by itself would also read from an array of its values.
pub fn object<'j, T: Deserialize<'j>>(json: &'j [u8]) -> Result<T, Fault> {
    let json = std::str::from_utf8(json).map_err(|_| Fault::NotJson)?;
    if !json.trim_ascii_start().starts_with('{') {
        return Err(Fault::NotJson);
    }
    check(json)?;
    serde_json::from_str(json).map_err(|_| Fault::NotJson)
}

/// Reads the whole document and keeps nothing.
pub fn check(json: &str) -> Result<(), Fault> {
    let walk = Walk { fault: Cell::new(Fault::NotJson), names: RefCell::new(Vec::with_capacity(FEW_MEMBERS)) };
    let mut document = serde_json::Deserializer::from_str(json);
    let checked = Level { left: MAX_DEPTH, walk: &walk }.deserialize(&mut document).and_then(|()| document.end());
    checked.map_err(|_| walk.fault.get())
}

/// One walk over a document: what was wrong, and the members of every object that is open, the outermost first.
struct Walk<'j> {
    fault: Cell<Fault>,
    names: RefCell<Vec<Cow<'j, str>>>,
}

impl<'j> Walk<'j> {
    /// Adds a name to the object whose first name lies at `start`.
    fn add(&self, start: usize, name: Cow<'j, str>) -> Result<(), Fault> {
        let mut names = self.names.borrow_mut();
        let own = &names[start..];
        if own.len() < FEW_MEMBERS && own.contains(&name) {
            return Err(Fault::DuplicateMember);
        }
        names.push(name);
        Ok(())
    }

    /// Closes that object.
    fn close(&self, start: usize) -> Result<(), Fault> {
        let mut names = self.names.borrow_mut();
        let own = &mut names[start..];
        if own.len() > FEW_MEMBERS {
            own.sort_unstable();
            if own.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(Fault::DuplicateMember);
            }
        }
        names.truncate(start);
        Ok(())
    }

    fn refuse<E: serde::de::Error>(&self, fault: Fault) -> E {
        self.fault.set(fault);
        E::custom("refused")
    }
}

/// One level of nesting; how many more may follow.
#[derive(Clone, Copy)]
struct Level<'w, 'j> {
    left: u8,
    walk: &'w Walk<'j>,
}

impl Level<'_, '_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Self { left, ..self }),
            None => Err(self.walk.refuse(Fault::TooDeep)),
        }
    }
}

impl<'j> DeserializeSeed<'j> for Level<'_, 'j> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for Level<'_, 'j> {
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

    fn visit_seq<A: SeqAccess<'j>>(self, mut items: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        while items.next_element_seed(deeper)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'j>>(self, mut members: A) -> Result<(), A::Error> {
        let deeper = self.deeper()?;
        let start = self.walk.names.borrow().len();
        while let Some(Name(name)) = members.next_key()? {
            self.walk.add(start, name).map_err(|fault| self.walk.refuse(fault))?;
            members.next_value_seed(deeper)?;
        }
        self.walk.close(start).map_err(|fault| self.walk.refuse(fault))
    }
}

/// A member's name, as it reads once its escapes are undone.
struct Name<'j>(Cow<'j, str>);

impl<'j> Deserialize<'j> for Name<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text)
    }
}

struct Text;

impl<'j> Visitor<'j> for Text {
    type Value = Name<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'j str) -> Result<Name<'j>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Name<'j>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
mod tests;

use std::env;
use std::ffi::OsString;
use std::path::Path;

use zeroize::Zeroizing;

use super::{Key, KeyFuture, KeySource, Reader};
use crate::error::NoKey;

/// The variable that holds a key, and the one that names its file.
const KEY: &str = "HALLPASS_API_KEY";
const KEY_FILE: &str = "HALLPASS_API_KEY_FILE";

/// A key in a variable of the environment.
#[derive(Debug)]
pub(crate) struct Variable(pub(crate) String);

/// The key in `HALLPASS_API_KEY`, else in the file that `HALLPASS_API_KEY_FILE` names.
#[derive(Debug, Default)]
pub(crate) struct Usual(Reader);

impl Variable {
    fn read(&self) -> Result<Key, NoKey> {
        let text = env::var_os(&self.0).ok_or_else(|| NoKey::Variable(self.0.clone()))?;
        Key::parse(&Zeroizing::new(text.into_string().map_err(|_: OsString| NoKey::Malformed)?))
    }
}

impl KeySource for Variable {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(async { self.read() })
    }
}

impl KeySource for Usual {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(async {
            match (env::var_os(KEY), env::var_os(KEY_FILE)) {
                (None, Some(path)) => self.0.read(Path::new(&path)).await,
                _ => Variable(KEY.to_owned()).read(),
            }
        })
    }
}

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::{Key, KeyFuture, KeySource};
use crate::error::NoKey;
use crate::limits::MAX_KEY;

/// A key in a file, read whenever the key is shown: a mounted secret may change under us.
#[derive(Debug)]
pub(crate) struct File(pub(crate) PathBuf);

impl File {
    pub(crate) async fn read(&self) -> Result<Key, NoKey> {
        let path = self.0.clone();
        let failed = |error: io::Error| NoKey::File { path: self.0.clone(), kind: error.kind() };
        // A mount may be on a network that hangs.
        let read = tokio::task::spawn_blocking(move || read(&path)).await;
        Key::parse(&read.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into())).map_err(failed)?)
    }
}

impl KeySource for File {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(self.read())
    }
}

/// A little more than the longest key: the rest would not make it one.
fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let most = 2 * MAX_KEY;
    let mut text = Zeroizing::new(String::with_capacity(most));
    std::fs::File::open(path)?.take(most.try_into().unwrap_or(u64::MAX)).read_to_string(&mut text)?;
    Ok(text)
}

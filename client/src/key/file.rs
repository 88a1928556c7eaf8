use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{Key, KeyFuture, KeySource};
use crate::error::NoKey;
use crate::limits::MAX_KEY;

/// A key in a file, read whenever the key is shown: a mounted secret may change under us.
#[derive(Debug)]
pub(crate) struct File {
    path: PathBuf,
    reader: Reader,
}

/// Reads one file at a time. A mount may be on a network that hangs, and a read that nobody waits for any more goes on:
/// one after the other they would take all threads of the app's runtime.
#[derive(Debug, Default)]
pub(crate) struct Reader(Arc<Mutex<()>>);

impl File {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, reader: Reader::default() }
    }
}

impl Reader {
    pub(crate) async fn read(&self, path: &Path) -> Result<Key, NoKey> {
        let turn = Arc::clone(&self.0).lock_owned().await;
        let its = path.to_owned();
        let read = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            read(&its)
        });
        let text = read.await.unwrap_or_else(|_| Err(io::ErrorKind::Interrupted.into()));
        Key::parse(&text.map_err(|error| NoKey::File { path: path.to_owned(), kind: error.kind() })?)
    }
}

impl KeySource for File {
    fn key(&self) -> KeyFuture<'_> {
        Box::pin(self.reader.read(&self.path))
    }
}

/// A little more than the longest key: the rest would not make it one.
fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    let most = 2 * MAX_KEY;
    let mut text = Zeroizing::new(String::with_capacity(most));
    std::fs::File::open(path)?.take(most.try_into().unwrap_or(u64::MAX)).read_to_string(&mut text)?;
    Ok(text)
}

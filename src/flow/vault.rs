//! The vault: where root keys come from, and what they open.

mod key_file;

use std::fs;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::{Secret, Settings};
use crate::credential::{CannotUnseal, NotARootKey, Purpose, RootKey, RootKeys, Sealed};
pub(crate) use key_file::{beside, folder_of};
use key_file::{read, write};

/// Where the root keys are. They are read anew for each use: uses are rare, and a rotation needs no restart.
#[derive(Clone, Debug)]
pub enum RootKeySource {
    /// In the environment.
    Environment {
        /// The one that seals.
        current: Secret,
        /// The one being replaced.
        previous: Secret,
    },
    /// In files that only their owner can read.
    Files {
        /// The one that seals.
        current: PathBuf,
        /// The one being replaced, if it is there.
        previous: PathBuf,
    },
}

/// Why there is no root key.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// There is no file.
    #[error("there is no root key at {0}: make one with `hallpass root-key new`, or set HALLPASS_ROOT_KEY")]
    Missing(PathBuf),
    /// Others can read it.
    #[error("the root key at {0} can be read by others: chmod 600 it, and replace it if others use this machine")]
    Exposed(PathBuf),
    /// It can't be read, or written.
    #[error("the root key at {0}: {1}")]
    Io(PathBuf, io::Error),
    /// It is no key.
    #[error("the root key at {0}: {1}")]
    Malformed(String, NotARootKey),
    /// It is in the environment, which can't be written.
    #[error("the root key is in the environment: put a new one there and the old one into HALLPASS_PREVIOUS_ROOT_KEY")]
    NotAFile,
}

/// Opens and seals what is secret at rest.
#[derive(Clone, Debug)]
pub struct Vault {
    source: RootKeySource,
}

impl Vault {
    /// The vault of `settings`: the environment's root key when there is one, else the file's.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let source = if settings.root_key.is_empty() {
            let current = settings.root_key_file.clone();
            let previous = settings.previous_root_key_file.clone().unwrap_or_else(|| beside(&current, "previous"));
            RootKeySource::Files { current, previous }
        } else {
            RootKeySource::Environment {
                current: settings.root_key.clone(),
                previous: settings.previous_root_key.clone(),
            }
        };
        Self { source }
    }

    /// The root keys as they are now.
    pub fn root_keys(&self) -> Result<RootKeys, VaultError> {
        match &self.source {
            RootKeySource::Environment { current, previous } => {
                let read = |name: &str, key: &Secret| {
                    RootKey::parse(key.reveal()).map_err(|error| VaultError::Malformed(name.to_owned(), error))
                };
                let current = read("HALLPASS_ROOT_KEY", current)?;
                let previous =
                    if previous.is_empty() { None } else { Some(read("HALLPASS_PREVIOUS_ROOT_KEY", previous)?) };
                Ok(RootKeys { current, previous })
            }
            RootKeySource::Files { current, previous } => {
                let read_previous = if previous.exists() { Some(read(previous)?) } else { None };
                Ok(RootKeys { current: read(current)?, previous: read_previous })
            }
        }
    }

    /// Seals `plain` under the current root key.
    pub fn seal(&self, purpose: Purpose, id: &str, plain: &[u8]) -> Result<Sealed, VaultError> {
        Ok(self.root_keys()?.seal(purpose, id, plain))
    }

    /// Opens what was sealed.
    pub fn unseal(
        &self,
        purpose: Purpose,
        id: &str,
        sealed: &Sealed,
    ) -> Result<Result<Zeroizing<Vec<u8>>, CannotUnseal>, VaultError> {
        Ok(self.root_keys()?.unseal(purpose, id, sealed))
    }

    /// Makes a root key file, readable by its owner alone, unless one is there. Says whether it did.
    pub fn make(&self) -> Result<bool, VaultError> {
        let RootKeySource::Files { current, .. } = &self.source else { return Ok(false) };
        let _turn = self.lock()?;
        if current.exists() {
            return Ok(false);
        }
        write(current, &RootKey::mint())?;
        Ok(true)
    }

    /// Waits until no other process of this machine makes or replaces root key files; until it is dropped, none will.
    pub fn lock(&self) -> Result<Option<fs::File>, VaultError> {
        let RootKeySource::Files { current, .. } = &self.source else { return Ok(None) };
        let path = beside(current, "lock");
        let lock = || -> io::Result<fs::File> {
            fs::create_dir_all(folder_of(current))?;
            let file = fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        lock().map(Some).map_err(|error| VaultError::Io(path.clone(), error))
    }

    /// Puts a new root key in the current one's place and keeps the old one beside it. At no moment is there none. The
    /// caller holds the lock, and has made sure that nothing needs the key that was kept until now.
    pub fn replace(&self) -> Result<RootKeys, VaultError> {
        let RootKeySource::Files { current, previous } = &self.source else {
            return Err(VaultError::NotAFile);
        };
        let old = read(current)?;
        write(previous, &old)?;
        write(current, &RootKey::mint())?;
        self.root_keys()
    }

    /// Where the key that is being replaced lies, if it is a file and there.
    #[must_use]
    pub fn previous_file(&self) -> Option<&Path> {
        match &self.source {
            RootKeySource::Files { previous, .. } => Some(previous.as_path()).filter(|path| path.exists()),
            RootKeySource::Environment { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(folder: &Path) -> Vault {
        Vault::new(&Settings { root_key_file: folder.join("keys/root.key"), ..Settings::default() })
    }

    #[test]
    fn a_replaced_key_still_opens_what_it_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        vault.make().unwrap();
        let sealed = vault.seal(Purpose::Pepper, "1", b"secret").unwrap();

        let keys = vault.replace().unwrap();

        assert_ne!(keys.current.id(), sealed.root_key_id);
        assert_eq!(*vault.unseal(Purpose::Pepper, "1", &sealed).unwrap().unwrap(), b"secret");
    }
}

//! The vault: where root keys come from, and what they open.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::config::{Secret, Settings};
use crate::credential::{CannotUnseal, NotARootKey, Purpose, RootKey, RootKeys, Sealed};

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

fn read(path: &Path) -> Result<RootKey, VaultError> {
    let io = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => VaultError::Missing(path.to_owned()),
        _ => VaultError::Io(path.to_owned(), error),
    };
    if is_exposed(path).map_err(io)? {
        return Err(VaultError::Exposed(path.to_owned()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(io)?);
    RootKey::parse(&text).map_err(|error| VaultError::Malformed(path.display().to_string(), error))
}

/// Whether others can read it. What systemd hands to a service (`LoadCredential`) is root's, readable for the service by
/// an entry that shows as the group's, in a folder that nobody else can enter: that is nobody but root and us.
fn is_exposed(path: &Path) -> io::Result<bool> {
    let (file, folder) = (fs::metadata(path)?, fs::metadata(folder_of(path))?);
    let strangers = folder.mode() & 0o007;
    let is_roots = file.uid() == 0 && file.gid() == 0 && strangers == 0;
    let others = if is_roots { 0o037 } else { 0o077 };
    Ok(file.mode() & others != 0)
}

/// Writes to a file beside it and moves that in place: a reader meets the old key or the new one, never half of one.
fn write(path: &Path, key: &RootKey) -> Result<(), VaultError> {
    let fresh = beside(path, "new");
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder_of(path))?;
        // Left behind by a process that was killed; whoever holds the lock is alone here.
        let _ = fs::remove_file(&fresh);
        let mut file = fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh)?;
        writeln!(file, "{}", &*key.reveal())?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        fs::File::open(folder_of(path))?.sync_all()
    };
    write().map_err(|error| VaultError::Io(path.to_owned(), error))
}

/// Where a file lies.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file of the same name with `.word` behind it.
pub(crate) fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn vault(folder: &Path) -> Vault {
        Vault::new(&Settings { root_key_file: folder.join("keys/root.key"), ..Settings::default() })
    }

    #[test]
    fn a_root_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());

        assert!(matches!(vault.root_keys(), Err(VaultError::Missing(_))));
        assert!(vault.make().unwrap());
        assert!(!vault.make().unwrap());
        let mode = fs::metadata(folder.path().join("keys/root.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_short_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (vault, path) = (vault(folder.path()), folder.path().join("keys/root.key"));
        vault.make().unwrap();

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(vault.root_keys(), Err(VaultError::Exposed(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "abc").unwrap();
        assert!(matches!(vault.root_keys(), Err(VaultError::Malformed(..))));
    }

    #[test]
    fn what_systemd_hands_over_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let (vault, path) = (vault(folder.path()), folder.path().join("keys/root.key"));
        vault.make().unwrap();
        let set = |file, folder| {
            fs::set_permissions(&path, fs::Permissions::from_mode(file)).unwrap();
            fs::set_permissions(path.parent().unwrap(), fs::Permissions::from_mode(folder)).unwrap();
        };

        // As systemd leaves it: a service's own entry in the list of who may read shows in the bits of the group.
        set(0o440, 0o550);
        // Nobody but root can make a file of root's.
        assert_eq!(vault.root_keys().is_ok(), fs::metadata(&path).unwrap().uid() == 0);

        for (file, folder) in [(0o444, 0o550), (0o460, 0o550), (0o440, 0o555)] {
            set(file, folder);
            assert!(matches!(vault.root_keys(), Err(VaultError::Exposed(_))), "{file:o} in {folder:o}");
        }
        set(0o600, 0o700);
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

//! A root key's file: how it is read and judged, and how it is written.
//!
//! In:    where it lies.
//! Out:   the key, or why what lies there is not to be trusted.
//! Never: leaves half a key in its place, reads one that others can read.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::VaultError;
use crate::credential::RootKey;

pub(super) fn read(path: &Path) -> Result<RootKey, VaultError> {
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
pub(super) fn write(path: &Path, key: &RootKey) -> Result<(), VaultError> {
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

    use super::super::Vault;
    use super::*;
    use crate::config::Settings;

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
}

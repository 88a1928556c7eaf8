//! Backups: a copy that is known to be good, and a fresh place that begins with it.
//!
//! A copy holds no root key: whoever finds one can read no secret in it, and who restores one needs the key that sealed
//! them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Declined, Vault};
use crate::store::{Store, StoreError};

/// What was found in a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// How large it is, in bytes.
    pub bytes: u64,
    /// How many secrets in it the root key opens: all there are.
    pub secrets: usize,
    /// How many migrations it lacks.
    pub pending: usize,
}

/// Copies the SQLite database of `store`, which may be in use, into `file`, and looks whether the copy is good.
pub async fn back_up(store: &Store, vault: &Vault, file: &Path) -> Result<Backup, Declined> {
    match store.copy_to(file).await {
        Err(StoreError::Exists) => {
            return Err(Declined::Exists { what: "file", name: file.display().to_string() });
        }
        outcome => outcome?,
    }
    let looked = look_over(file, vault).await;
    if looked.is_err() {
        forget(file);
    }
    looked
}

/// Puts the copy in `file` in the place of the database at `url`, where there must be none yet: whole, or not at all.
pub async fn restore(file: &Path, url: &str, vault: &Vault) -> Result<Backup, Declined> {
    let path = Store::file_of(url).ok_or_else(|| Declined::Invalid("the database is no SQLite file".to_owned()))?;
    // What SQLite left beside an earlier database would be read as a part of this one.
    for end in ["", "-wal", "-shm", "-journal"] {
        let there = with(&path, end);
        if there.exists() {
            return Err(Declined::Exists { what: "database file", name: there.display().to_string() });
        }
    }
    let aside = with(&path, ".restoring");
    let cannot = |error: io::Error| StoreError::Unusable(format!("{} to {}: {error}", file.display(), aside.display()));
    copy_privately(file, &aside).map_err(cannot)?;
    let put = async {
        let looked = look_over(&aside, vault).await?;
        put_in_place(&aside, &path).map_err(|error| StoreError::Unusable(format!("{}: {error}", path.display())))?;
        Ok(looked)
    };
    let outcome = put.await;
    forget(&aside);
    outcome
}

/// Gives a file its place: at once, and never over a database that somebody made meanwhile.
fn put_in_place(aside: &Path, path: &Path) -> io::Result<()> {
    match rename_to_nothing(aside, path) {
        // There are file systems that can do but one of the two: exFAT and SMB know no second name for a file, NFS no such
        // renaming.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => fs::hard_link(aside, path),
        outcome => outcome,
    }
}

/// Renames a file, unless there is another of that name.
fn rename_to_nothing(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

/// Opens a copy and looks whether it is whole, and whether the root key opens every secret in it.
async fn look_over(file: &Path, vault: &Vault) -> Result<Backup, Declined> {
    let store = Store::open(&Store::url_of(file), 0).await?;
    let looked = async {
        store.check_file().await?;
        let keys = vault.root_keys()?;
        let sealed = store.list_sealed_by_others("").await?;
        for row in &sealed {
            keys.unseal(row.purpose(), &row.id, &row.sealed)
                .map_err(|error| Declined::Secret(format!("{}: {error}", row.id)))?;
        }
        let bytes = fs::metadata(file).map_or(0, |metadata| metadata.len());
        Ok(Backup { bytes, secrets: sealed.len(), pending: store.pending_migrations().await? })
    };
    let outcome = looked.await;
    store.close().await;
    outcome
}

/// Removes a file, and what SQLite may have left beside one that it could not open.
fn forget(file: &Path) {
    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(with(file, end));
    }
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Copies a file into one that only its owner can read and that was not there.
fn copy_privately(from: &Path, to: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut source = fs::File::open(from)?;
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    let copied = io::copy(&mut source, &mut target).and_then(|_| target.sync_all());
    if copied.is_err() {
        forget(to);
    }
    copied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_replaced_in_either_way() {
        let folder = tempfile::tempdir().unwrap();
        let (aside, path) = (folder.path().join("aside"), folder.path().join("database"));
        let link = |from: &Path, to: &Path| fs::hard_link(from, to);
        for put in [put_in_place, rename_to_nothing, link] {
            let _ = fs::remove_file(&path);
            fs::write(&aside, "ours").unwrap();
            put(&aside, &path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), "ours");

            fs::write(&path, "theirs").unwrap();
            let _ = fs::remove_file(&aside);
            fs::write(&aside, "ours").unwrap();
            let again = put(&aside, &path);

            assert_eq!(again.map_err(|error| error.kind()), Err(io::ErrorKind::AlreadyExists));
            assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        }
    }
}

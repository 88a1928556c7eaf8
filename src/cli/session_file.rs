//! The file of who is signed in from this terminal: its owner's alone, and never half of one.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Failure;
use crate::flow::{beside, folder_of};

/// Who is signed in, and what proves it.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct SignedIn {
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) sub: String,
    pub(super) scope: String,
    pub(super) access_token: String,
    /// When that ends, in seconds since 1970.
    pub(super) expires_at: i64,
    pub(super) refresh_token: Option<String>,
}

/// Where the file is.
pub(super) struct SessionFile {
    path: PathBuf,
}

/// Room for a new file, taken before anything is spent that could not be written down then.
pub(super) struct Slot<'a> {
    file: &'a SessionFile,
    fresh: PathBuf,
    open: File,
}

impl SessionFile {
    /// `HALLPASS_SESSION_FILE`, else `hallpass/session.json` where this person's configuration is.
    pub(super) fn locate() -> Result<Self, Failure> {
        let variable =
            |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| !path.as_os_str().is_empty());
        if let Some(path) = variable("HALLPASS_SESSION_FILE") {
            return Ok(Self { path });
        }
        // A relative one says nothing (XDG Base Directory Specification).
        let config = variable("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
        let config = config.or_else(|| variable("HOME").map(|home| home.join(".config")));
        let words = "where is the session kept? set HALLPASS_SESSION_FILE, or HOME";
        let path = config.ok_or_else(|| Failure::usage(words))?.join("hallpass/session.json");
        Ok(Self { path })
    }

    /// Who is signed in, if anybody is.
    pub(super) fn read(&self) -> Result<Option<SignedIn>, Failure> {
        let mode = match fs::metadata(&self.path) {
            Ok(metadata) => metadata.permissions().mode(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(&error)),
        };
        if mode & 0o077 != 0 {
            let words = "it can be read by others: chmod 600 it, and sign out and in again if others use this machine";
            return Err(self.failed(&words));
        }
        let text = zeroize::Zeroizing::new(fs::read_to_string(&self.path).map_err(|error| self.failed(&error))?);
        let words = "this is no session: remove it, and sign in with `hallpass login`";
        serde_json::from_str(&text).map(Some).map_err(|_| self.failed(&words))
    }

    /// Waits until no other process of this machine reads and replaces the file; until it is dropped, none will.
    pub(super) async fn lock(&self) -> Result<File, Failure> {
        let path = beside(&self.path, "lock");
        self.make_folder()?;
        let lock = move || -> io::Result<File> {
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            file.lock()?;
            Ok(file)
        };
        let locked = tokio::task::spawn_blocking(lock).await.map_err(Failure::error)?;
        locked.map_err(|error| self.failed(&error))
    }

    /// Takes room for a new file; the caller holds the lock.
    pub(super) fn take_slot(&self) -> Result<Slot<'_>, Failure> {
        let fresh = beside(&self.path, "new");
        // Left behind by a process that was killed; whoever holds the lock is alone here.
        let _ = fs::remove_file(&fresh);
        let open = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&fresh);
        Ok(Slot { file: self, fresh, open: open.map_err(|error| self.failed(&error))? })
    }

    /// Forgets who is signed in.
    pub(super) fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(&error)),
            _ => Ok(()),
        }
    }

    /// Where it is, for people.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    fn make_folder(&self) -> Result<(), Failure> {
        let folder = folder_of(&self.path);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| self.failed(&error))
    }

    fn failed(&self, words: &dyn std::fmt::Display) -> Failure {
        Failure::error(format!("{}: {words}", self.path.display()))
    }
}

impl Slot<'_> {
    /// Writes it and moves it in place: a reader meets the old session or the new one.
    pub(super) fn fill(mut self, signed_in: &SignedIn) -> Result<(), Failure> {
        let mut text = serde_json::to_string_pretty(signed_in).map_err(Failure::error)?;
        let mut write = || -> io::Result<()> {
            writeln!(self.open, "{text}")?;
            self.open.sync_all()?;
            fs::rename(&self.fresh, &self.file.path)?;
            File::open(folder_of(&self.file.path))?.sync_all()
        };
        let written = write();
        text.zeroize();
        written.map_err(|error| self.file.failed(&error))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        // Gone when it was filled.
        let _ = fs::remove_file(&self.fresh);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_in(token: &str) -> SignedIn {
        SignedIn {
            issuer: "https://id.example".to_owned(),
            client_id: "hallpass-cli".to_owned(),
            sub: "usr_1".to_owned(),
            scope: "openid".to_owned(),
            access_token: token.to_owned(),
            expires_at: 1,
            refresh_token: None,
        }
    }

    #[tokio::test]
    async fn a_session_is_its_owners_alone_and_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let file = SessionFile { path: folder.path().join("hallpass/session.json") };
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;

        let lock = file.lock().await.unwrap();
        file.take_slot().unwrap().fill(&signed_in("one")).unwrap();
        drop(file.take_slot().unwrap());
        let kept = file.read().unwrap().unwrap().access_token.clone();
        file.take_slot().unwrap().fill(&signed_in("two")).unwrap();
        drop(lock);

        assert_eq!((kept.as_str(), file.read().unwrap().unwrap().access_token.as_str()), ("one", "two"));
        assert_eq!((mode(&file.path), mode(file.path.parent().unwrap())), (0o600, 0o700));
        assert!(!beside(&file.path, "new").exists());
    }

    #[tokio::test]
    async fn one_that_others_can_read_or_that_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = SessionFile { path: folder.path().join("session.json") };
        assert!(file.read().unwrap().is_none());
        file.take_slot().unwrap().fill(&signed_in("one")).unwrap();

        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o640)).unwrap();
        let exposed = file.read().map(drop).unwrap_err();
        fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&file.path, "{}").unwrap();
        let broken = file.read().map(drop).unwrap_err();

        assert!(format!("{exposed:?}").contains("chmod 600") && format!("{broken:?}").contains("hallpass login"));
    }
}

//! Where settings come from, gathered into one reading.

use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::{ConfigError, Settings};

/// Variables that are not settings: a caller's own key, token, session and secret, and where the file is.
const NOT_SETTINGS: [&str; 8] = [
    "API_KEY",
    "API_KEY_FILE",
    "CLIENT_SECRET",
    "CLIENT_SECRET_FILE",
    "CONFIG",
    "SESSION_FILE",
    "TOKEN",
    "TOKEN_EXPIRES_AT",
];
/// What Kubernetes says about a service called `hallpass`: not ours either.
const OF_KUBERNETES: [&str; 2] = ["SERVICE_", "PORT"];
const FILE: &str = "hallpass.toml";
const MARK: &str = "HALLPASS_";

/// Which file is read when none was named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FileChoice {
    /// `hallpass.toml`, if it is there.
    #[default]
    Usual,
    /// None.
    Named,
}

/// The file to read, the variables, and the flags.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The file that was named; it must be there.
    pub file: Option<PathBuf>,
    /// Whether `hallpass.toml` is read when none was named.
    pub choice: FileChoice,
    /// All variables of the environment.
    pub variables: Vec<(String, String)>,
    /// `name=value` from the command line.
    pub flags: Vec<(String, String)>,
}

impl Sources {
    /// Reads everything on top of `defaults` and checks that it fits together.
    pub fn read(&self, defaults: &Settings) -> Result<Settings, ConfigError> {
        let mut layers = Layers::new(defaults);
        if let Some((path, text)) = self.read_file()? {
            layers.overlay_file(&path.display().to_string(), &text)?;
        }
        for (name, value) in &self.variables {
            let is_ours = |name: &&str| {
                !NOT_SETTINGS.contains(name) && !OF_KUBERNETES.iter().any(|start| name.starts_with(start))
            };
            // Where the secret of a provider is may be called as an operator likes.
            let is_secret = layers.names_secret(name);
            if let Some(name) = name.strip_prefix(MARK).filter(is_ours).filter(|_| !is_secret) {
                layers.overlay_variable(name, value)?;
            }
        }
        for (name, value) in &self.flags {
            layers.overlay_flag(name, value)?;
        }
        let mut settings = layers.finish()?;
        if let Some(path) = &settings.database.url_file {
            let url = read(path)?.trim().to_owned();
            settings.database.url = url.into();
        }
        settings.check()?;
        Ok(settings)
    }

    fn read_file(&self) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let variable = self.variables.iter().find(|(name, _)| name == "HALLPASS_CONFIG").map(|(_, path)| path.into());
        match self.file.clone().or(variable) {
            Some(path) => read(&path).map(|text| Some((path, text))),
            None if self.choice == FileChoice::Usual && Path::new(FILE).exists() => {
                read(Path::new(FILE)).map(|text| Some((FILE.into(), text)))
            }
            None => Ok(None),
        }
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|cause| ConfigError::Unreadable { path: path.display().to_string(), cause })
}

//! Layers of settings: each overlays the one below, and each names what it does not know.

mod secrets;

use serde_json::{Map, Value};
use url::Url;

use super::Settings;

/// Lists of tables: they can stand in the file alone.
const LISTS: [&str; 3] = ["apps", "providers", "resources"];

/// What is wrong with what the operator said. It names the setting, never the value of a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file can't be read.
    #[error("{path} can't be read: {cause}")]
    Unreadable {
        /// Which file.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{path}: {message}")]
    Syntax {
        /// Which file.
        path: String,
        /// Where and what.
        message: String,
    },
    /// A name that is no setting's.
    #[error("{place}: there is no setting `{name}`{}", suggestion(nearest.as_deref()))]
    Unknown {
        /// Where it stands.
        place: String,
        /// The name.
        name: String,
        /// The setting that was probably meant.
        nearest: Option<String>,
    },
    /// A value that the setting can't have.
    #[error("{place}: `{name}`: {message}")]
    Invalid {
        /// Where it stands.
        place: String,
        /// Which setting.
        name: String,
        /// What is wrong.
        message: String,
    },
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The one of `names` that `name` was probably meant to be.
#[must_use]
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    names
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known.to_owned())
}

/// The settings so far, as a tree, beside the tree of defaults that says which names there are.
pub(super) struct Layers {
    known: Value,
    tree: Value,
}

impl Layers {
    pub(super) fn new(defaults: &Settings) -> Self {
        let known = serde_json::to_value(Settings::default()).expect("settings are plain data");
        let mut tree = serde_json::to_value(defaults).expect("settings are plain data");
        // Printing hides secrets, so they are put back as they are.
        tree["database"]["url"] = defaults.database.url.reveal().into();
        tree["root_key"] = defaults.root_key.reveal().into();
        tree["previous_root_key"] = defaults.previous_root_key.reveal().into();
        Self { known, tree }
    }

    /// Lays a file's table on top.
    pub(super) fn overlay_file(&mut self, path: &str, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = toml::from_str(text)
            .map_err(|error| ConfigError::Syntax { path: path.to_owned(), message: error.message().to_owned() })?;
        let table = serde_json::to_value(table)
            .map_err(|error| ConfigError::Syntax { path: path.to_owned(), message: error.to_string() })?;
        secrets::refuse_in_file(path, &table)?;
        let said: Vec<String> = paths(&table);
        let names = paths(&self.known);
        merge(&mut self.tree, &self.known, table, &mut Vec::new(), &|at| {
            let name = at.join(".");
            let nearest = nearest(&name, names.iter().map(String::as_str).chain(LISTS));
            ConfigError::Unknown { place: path.to_owned(), name, nearest }
        })?;
        for name in said {
            self.forget_other(&name);
        }
        Ok(())
    }

    /// Whether a provider that is declared has its secret in this variable.
    pub(super) fn names_secret(&self, variable: &str) -> bool {
        let providers = self.tree["providers"].as_array().into_iter().flatten();
        providers.into_iter().any(|provider| provider["client_secret_env"] == *variable)
    }

    /// Lays a variable on top: `SERVER_LISTEN` is `server.listen`.
    pub(super) fn overlay_variable(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let variable = |path: &str| path.replace('.', "_").to_uppercase();
        let names = paths(&self.known);
        let Some(path) = names.iter().find(|path| variable(path) == name) else {
            let variables: Vec<String> = names.iter().map(|path| variable(path)).collect();
            let nearest = nearest(name, variables.iter().map(String::as_str)).map(|name| format!("HALLPASS_{name}"));
            let (place, name) = ("environment".to_owned(), format!("HALLPASS_{name}"));
            return Err(ConfigError::Unknown { place, name, nearest });
        };
        self.set("environment", path, value)
    }

    /// Lays a flag on top, `server.listen=…`. A secret is refused: arguments are seen by everyone on the machine.
    pub(super) fn overlay_flag(&mut self, name: &str, value: &str) -> Result<(), ConfigError> {
        let names = paths(&self.known);
        let place = || "--set".to_owned();
        if ["root_key", "previous_root_key"].contains(&name) {
            let message = "no secret in an argument; set it in the environment".to_owned();
            return Err(ConfigError::Invalid { place: place(), name: name.to_owned(), message });
        }
        if name == "database.url" && Url::parse(value).is_ok_and(|url| url.password().is_some()) {
            let message = "no password in an argument; set HALLPASS_DATABASE_URL or database.url_file".to_owned();
            return Err(ConfigError::Invalid { place: place(), name: name.to_owned(), message });
        }
        if !names.iter().any(|known| known == name) {
            let nearest = nearest(name, names.iter().map(String::as_str));
            return Err(ConfigError::Unknown { place: place(), name: name.to_owned(), nearest });
        }
        self.set("--set", name, value)
    }

    /// The settings, if all values fit.
    pub(super) fn finish(self) -> Result<Settings, ConfigError> {
        serde_path_to_error::deserialize(self.tree).map_err(|error| ConfigError::Invalid {
            place: "configuration".to_owned(),
            name: error.path().to_string(),
            message: without_values(&error.into_inner().to_string()),
        })
    }

    fn set(&mut self, place: &str, path: &str, value: &str) -> Result<(), ConfigError> {
        let invalid = |message: &str| ConfigError::Invalid {
            place: place.to_owned(),
            name: path.to_owned(),
            message: message.to_owned(),
        };
        let pointer = format!("/{}", path.replace('.', "/"));
        let known = self.known.pointer(&pointer).unwrap_or(&Value::Null);
        let value = match known {
            Value::Bool(_) => Value::Bool(value.parse().map_err(|_| invalid("it is true or false"))?),
            Value::Number(_) => Value::from(value.parse::<u64>().map_err(|_| invalid("it is a whole number"))?),
            Value::Array(_) => {
                value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::from).collect()
            }
            _ => Value::from(value),
        };
        if let Some(slot) = self.tree.pointer_mut(&pointer) {
            *slot = value;
        }
        self.forget_other(path);
        Ok(())
    }

    /// Two names of one thing: the one that was said last counts.
    fn forget_other(&mut self, path: &str) {
        for (one, other, nothing) in [
            ("database.url", "/database/url_file", Value::Null),
            ("database.url_file", "/database/url", "".into()),
            ("root_key_file", "/root_key", "".into()),
            ("previous_root_key_file", "/previous_root_key", "".into()),
        ] {
            if path == one
                && let Some(slot) = self.tree.pointer_mut(other)
            {
                *slot = nothing;
            }
        }
    }
}

/// The parser's words without the values it quotes: one of them may be a password.
fn without_values(words: &str) -> String {
    match (words.find("string \""), words.rfind('"')) {
        (Some(begin), Some(end)) if begin + 8 <= end => {
            format!("{}a text{}", &words[..begin], &words[end + 1..])
        }
        _ => words.to_owned(),
    }
}

/// Names of all settings, `server.listen`; lists of tables can only stand in the file.
fn paths(known: &Value) -> Vec<String> {
    fn walk(value: &Value, at: &str, paths: &mut Vec<String>) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    walk(value, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") }, paths);
                }
            }
            _ if LISTS.contains(&at) => {}
            _ => paths.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    walk(known, "", &mut found);
    found
}

fn merge(
    tree: &mut Value,
    known: &Value,
    over: Value,
    at: &mut Vec<String>,
    unknown: &impl Fn(&[String]) -> ConfigError,
) -> Result<(), ConfigError> {
    match (known, over) {
        (Value::Object(names), Value::Object(over)) => {
            for (name, value) in over {
                at.push(name.clone());
                let Some(known) = names.get(&name) else {
                    return Err(unknown(at));
                };
                if !tree.is_object() {
                    *tree = Value::Object(Map::new());
                }
                merge(&mut tree[name.as_str()], known, value, at, unknown)?;
                at.pop();
            }
        }
        (_, value) => *tree = value,
    }
    Ok(())
}

#[cfg(test)]
mod tests;

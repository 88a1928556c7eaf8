//! Secrets that stand where they must not: a file is read by many, kept in many places, and sent around.

use serde_json::Value;

use super::ConfigError;

/// Refuses a file with a secret in it, and says where the secret belongs.
pub(super) fn refuse_in_file(path: &str, table: &Value) -> Result<(), ConfigError> {
    let refuse = |name: String, message: String| Err(ConfigError::Invalid { place: path.to_owned(), name, message });
    for name in ["root_key", "previous_root_key"] {
        if table.get(name).is_some() {
            let message = format!("a root key does not belong in a configuration file; set {name}_file");
            return refuse(name.to_owned(), message);
        }
    }
    let mut providers = table.get("providers").and_then(Value::as_array).into_iter().flatten();
    let Some(provider) = providers.find(|provider| provider.get("client_secret").is_some()) else { return Ok(()) };
    let name = provider["name"].as_str().unwrap_or("?");
    let message = "a client secret does not belong in a configuration file; set client_secret_file, or client_secret_env \
                   to the name of a variable";
    refuse(format!("providers.{name}.client_secret"), message.to_owned())
}

//! The settings, by their definition.

use hallpass::config::Settings;
use serde_json::Value;

use super::fields::{Field, fields};
use super::{Page, cell, code, table};

const FILE: &str = "src/config/mod.rs";
/// What stands in the file alone, in an example of its own.
const LISTS: [&str; 3] = ["resources", "apps", "providers"];

/// Each setting by its whole name.
fn settings() -> Vec<(String, Field)> {
    let sections = fields(FILE, "Settings").into_iter().filter(|field| !LISTS.contains(&&*field.name));
    sections
        .flat_map(|field| {
            let is_section = std::fs::read_to_string(super::root().join(FILE))
                .unwrap()
                .contains(&format!("\npub struct {} {{\n", field.kind));
            if is_section {
                let inner = fields(FILE, &field.kind).into_iter();
                inner.map(|inner| (format!("{}.{}", field.name, inner.name), inner)).collect()
            } else {
                vec![(field.name.clone(), field)]
            }
        })
        .collect()
}

/// What holds when nobody says otherwise, as it is written in a file.
fn default_of(name: &str, defaults: &Value) -> String {
    let pointer = format!("/{}", name.replace('.', "/"));
    match defaults.pointer(&pointer).unwrap_or_else(|| panic!("{name} is a setting")) {
        // Printing hides it: there may be a password in it.
        _ if name == "database.url" => Settings::default().database.url.reveal().to_owned(),
        Value::String(text) if !text.is_empty() => text.clone(),
        Value::Null | Value::String(_) => "-".to_owned(),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        other => other.to_string(),
    }
}

/// How many settings the program has.
fn count(defaults: &Value) -> usize {
    let members = defaults.as_object().unwrap().iter().filter(|(name, _)| !LISTS.contains(&name.as_str()));
    members.map(|(_, value)| value.as_object().map_or(1, serde_json::Map::len)).sum()
}

#[test]
fn the_settings_are_those_of_the_program() {
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let settings = settings();
    assert_eq!(settings.len(), count(&defaults));

    let rows = settings.iter().map(|(name, field)| {
        let variable = format!("HALLPASS_{}", name.replace('.', "_").to_uppercase());
        [code(name), code(&variable), code(&default_of(name, &defaults)), cell(&field.doc)]
    });

    Page::open("reference/configuration.md").with("settings", &table(["name", "variable", "default", ""], rows)).hold();
}

//! Fields of a struct with what their doc comments say, read from the source: no running program has them.

use std::fs;

use super::root;

/// A field as the source has it.
pub(super) struct Field {
    pub(super) name: String,
    /// Its type.
    pub(super) kind: String,
    /// Its doc comment, as one line.
    pub(super) doc: String,
}

/// The public fields of `name` in a file, as they come.
pub(super) fn fields(file: &str, name: &str) -> Vec<Field> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let (_, body) = text.split_once(&format!("\npub struct {name} {{\n")).unwrap_or_else(|| panic!("{name} in {file}"));
    let body = body.split_once("\n}\n").unwrap().0;
    let (mut found, mut doc) = (Vec::new(), Vec::new());
    for line in body.lines().map(str::trim) {
        if let Some(words) = line.strip_prefix("///") {
            doc.push(words.trim());
        } else if let Some((name, kind)) = line.strip_prefix("pub ").and_then(|field| field.split_once(": ")) {
            let doc = std::mem::take(&mut doc).join(" ");
            assert!(!doc.is_empty(), "{name} says what it is");
            found.push(Field { name: name.to_owned(), kind: kind.trim_end_matches(',').to_owned(), doc });
        }
    }
    found
}

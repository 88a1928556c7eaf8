//! What a source text names, read without a compiler.

use std::path::Path;

/// Names and signs of a source text, without comments, strings and characters.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    let is_name = |char: char| char.is_alphanumeric() || char == '_';
    while at < chars.len() {
        let rest = |count: usize| chars[at..].iter().take(count).collect::<String>();
        if rest(2) == "//" {
            at += chars[at..].iter().take_while(|char| **char != '\n').count();
        } else if rest(2) == "r#" && rest(3).ends_with('"') || rest(2) == "r\"" {
            let end = if rest(2) == "r\"" { "\"" } else { "\"#" };
            at += 3;
            while at < chars.len() && chars[at..].iter().take(end.len()).collect::<String>() != end {
                at += 1;
            }
            at += end.len();
        } else if chars[at] == '"' {
            at += 1;
            while at < chars.len() && chars[at] != '"' {
                at += if chars[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if chars[at] == '\'' && (chars.get(at + 1) == Some(&'\\') || chars.get(at + 2) == Some(&'\'')) {
            at += if chars[at + 1] == '\\' { 3 } else { 2 };
            while at < chars.len() && chars[at] != '\'' {
                at += 1;
            }
            at += 1;
        } else if is_name(chars[at]) {
            let name: String = chars[at..].iter().take_while(|char| is_name(**char)).collect();
            at += name.chars().count();
            tokens.push(name);
        } else if rest(2) == "::" {
            tokens.push("::".to_owned());
            at += 2;
        } else {
            if !chars[at].is_whitespace() {
                tokens.push(chars[at].to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// How many steps of `super` lead from the top of a file to the crate's root.
fn depth(path: &Path) -> usize {
    let parts = path.components().count();
    if path.ends_with("mod.rs") { parts - 1 } else { parts }
}

/// The names that a source text takes from the crate's root.
pub(super) fn rooms_named(path: &Path, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let (mut rooms, mut at, mut inner) = (Vec::new(), 0, 0);
    while at < tokens.len() {
        // A module within the file, as tests are: a step further from the root, to the file's end.
        if tokens[at] == "mod" && tokens.get(at + 2).is_some_and(|token| token == "{") {
            inner += 1;
        }
        let mut steps = 0;
        while tokens[at] == "super" && tokens.get(at + 1).is_some_and(|token| token == "::") {
            steps += 1;
            at += 2;
        }
        let is_root = steps > 0 && steps == depth(path) + inner;
        if tokens[at] == "crate" && tokens.get(at + 1).is_some_and(|token| token == "::") {
            at += 2;
            rooms.extend(first_names(&tokens[at..]));
        } else if is_root {
            rooms.extend(first_names(&tokens[at..]));
        }
        at += 1;
    }
    rooms
}

/// `store` of `store::Key`, or `store` and `clock` of `{store::{Key, App}, clock}`.
fn first_names(tokens: &[String]) -> Vec<String> {
    if tokens.first().is_none_or(|token| token != "{") {
        return tokens.first().cloned().into_iter().collect();
    }
    let (mut names, mut depth, mut is_first) = (Vec::new(), 0, true);
    for token in tokens {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," if depth == 1 => is_first = true,
            name if depth == 1 && is_first => {
                names.push(name.to_owned());
                is_first = false;
            }
            _ => {}
        }
    }
    names
}

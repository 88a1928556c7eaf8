//! What a command prints: JSON for programs, aligned lines for people.

use std::io::{IsTerminal, Write};

use chrono::DateTime;
use serde::Serialize;
use serde_json::{Value, json};

use super::Failure;

/// Where results go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    is_json: bool,
}

impl Output {
    pub(super) const fn new(is_json: bool) -> Self {
        Self { is_json }
    }

    pub(super) const fn is_json(self) -> bool {
        self.is_json
    }

    /// Prints `value` as JSON, or as `text` says for people.
    pub(super) fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let line = if self.is_json { serde_json::to_string(value).unwrap_or_default() } else { text() };
        line_out(&line)
    }

    /// Prints rows as a JSON list of objects, or as a table; `empty` is said when there are none.
    pub(super) fn print_table(self, columns: &[&str], rows: &[Value], empty: &str) -> Result<(), Failure> {
        if self.is_json {
            line_out(&Value::from(rows).to_string())
        } else if rows.is_empty() {
            note(empty);
            Ok(())
        } else {
            line_out(&table(columns, rows))
        }
    }

    /// Prints what was looked at, and what came of each; says whether all is well.
    pub(super) fn print_findings<'f>(
        self,
        findings: impl Iterator<Item = (&'f str, &'f Result<String, String>)>,
    ) -> Result<bool, Failure> {
        let findings: Vec<_> = findings.collect();
        let is_well = findings.iter().all(|(_, outcome)| outcome.is_ok());
        let words = |outcome: &'f Result<String, String>| outcome.as_ref().unwrap_or_else(|words| words);
        if self.is_json {
            let row = |(name, outcome)| json!({ "check": name, "ok": Result::is_ok(outcome), "words": words(outcome) });
            let rows: Vec<Value> = findings.into_iter().map(row).collect();
            line_out(&json!({ "ok": is_well, "checks": rows }).to_string())?;
        } else {
            for (name, outcome) in findings {
                let mark = if outcome.is_ok() { '✔' } else { '✘' };
                line_out(&format!("{mark} {name:15} {}", words(outcome)))?;
            }
        }
        Ok(is_well)
    }

    /// Prints the members of an object, one a line.
    pub(super) fn print_members(self, object: &Value) -> Result<(), Failure> {
        self.print(object, || {
            let members: Vec<(&String, &Value)> = object.as_object().into_iter().flatten().collect();
            let width = members.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
            let lines = members.iter().map(|(name, value)| format!("{name:width$}  {}", cell(value)));
            lines.collect::<Vec<_>>().join("\n")
        })
    }
}

/// Says something that is no result.
pub(super) fn note(words: &str) {
    // Nobody may be listening, and that is no reason to stop.
    let _ = writeln!(std::io::stderr(), "{words}");
}

/// Whether a person is likely to read what is printed.
pub(super) fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// A moment for people and programs: RFC 3339 in UTC.
pub(super) fn moment(at: i64) -> String {
    DateTime::from_timestamp(at, 0).map_or_else(|| at.to_string(), |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A moment that may be missing.
pub(super) fn maybe_moment(at: Option<i64>) -> Value {
    at.map_or(Value::Null, |at| moment(at).into())
}

/// A single-spaced list as JSON.
pub(super) fn list(words: &str) -> Value {
    words.split(' ').filter(|word| !word.is_empty()).collect()
}

fn table(columns: &[&str], rows: &[Value]) -> String {
    let mut lines: Vec<Vec<String>> =
        vec![columns.iter().map(|column| column.to_uppercase().replace('_', " ")).collect()];
    lines.extend(rows.iter().map(|row| columns.iter().map(|column| cell(&row[*column])).collect()));
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns.len()).map(width).collect();
    let print = |line: &Vec<String>| {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned()
    };
    lines.iter().map(print).collect::<Vec<_>>().join("\n")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) if text.is_empty() => "-".to_owned(),
        // A stranger may have chosen it: a browser its name, a provider a person's. A terminal must not obey it.
        Value::String(text) => text.replace(char::is_control, "\u{fffd}"),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Prints one result. One that can't be delivered (a new key, say) is a failure: nobody has it now.
pub(super) fn line_out(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::error(format!("standard output: {error}")))
}

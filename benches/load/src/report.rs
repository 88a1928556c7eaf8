//! The report: one line a figure, with its target and whether it was met.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::measure::Spread;
use crate::{Outcome, plot};

/// All figures of a run.
#[derive(Default)]
pub(crate) struct Report {
    figures: Vec<Figure>,
    /// Each with the name of its file.
    drawings: Vec<(&'static str, String)>,
}

struct Figure {
    name: String,
    unit: &'static str,
    value: Option<Spread>,
    at_most: Option<f64>,
}

impl Report {
    /// A figure, and what it may be at most.
    pub(crate) fn add(&mut self, name: impl Into<String>, unit: &'static str, value: Spread, at_most: Option<f64>) {
        self.figures.push(Figure { name: name.into(), unit, value: Some(value), at_most });
    }

    /// A figure that could not be had: a gap in the table.
    pub(crate) fn add_gap(&mut self, name: impl Into<String>, at_most: Option<f64>) {
        self.figures.push(Figure { name: name.into(), unit: "", value: None, at_most });
    }

    /// A drawing of what was measured.
    pub(crate) fn add_drawing(&mut self, name: &'static str, svg: String) {
        self.drawings.push((name, svg));
    }

    /// Writes the drawings into `folder`; that of the ratios says something only when all of them are there.
    pub(crate) fn draw(&self, folder: &Path, is_all: bool) -> Outcome<()> {
        fs::create_dir_all(folder)?;
        for (name, svg) in &self.drawings {
            fs::write(folder.join(name).with_extension("svg"), svg)?;
        }
        if is_all {
            let ratios = self.figures.iter().filter(|figure| figure.unit.is_empty() && figure.at_most > Some(0.0));
            let ratios: Vec<_> =
                ratios.filter_map(|figure| Some((&*figure.name, figure.value?, figure.at_most?))).collect();
            fs::write(folder.join("ratios.svg"), plot::ratios(&ratios))?;
        }
        Ok(())
    }

    /// The table, on standard output.
    pub(crate) fn print(&self) {
        println!("{:<58} {:>9} {:>19} {:>8}", "", "median", "lowest – highest", "at most");
        for Figure { name, unit, value, at_most } in &self.figures {
            let target = at_most.map_or_else(String::new, |most| format!("{most:.2}"));
            let name = format!("{name}{}", if unit.is_empty() { String::new() } else { format!(", {unit}") });
            match value {
                Some(Spread { low, median, high }) => {
                    let is_missed = at_most.is_some_and(|most| *median > most);
                    let spread = format!("{low:.2} – {high:.2}");
                    let verdict = if is_missed { "  missed" } else { "" };
                    println!("{name:<58} {median:>9.2} {spread:>19} {target:>8}{verdict}");
                }
                None => println!("{name:<58} {:>9} {:>19} {target:>8}  not measured", "–", "–"),
            }
        }
    }

    /// The same, for programs.
    pub(crate) fn json(&self) -> Outcome<String> {
        let figures: Vec<Value> = self
            .figures
            .iter()
            .map(|Figure { name, unit, value, at_most }| {
                json!({
                    "name": name,
                    "unit": unit,
                    "median": value.map(|value| value.median),
                    "low": value.map(|value| value.low),
                    "high": value.map(|value| value.high),
                    "at_most": at_most,
                })
            })
            .collect();
        Ok(serde_json::to_string_pretty(&json!({ "figures": figures }))?)
    }
}

//! The reference is made by the code that it is about. What stands in a page between `<!-- generated: NAME -->` and
//! `<!-- end of NAME -->` is what the code says; a page that says something else fails here, and is rewritten when
//! `TEST_WRITE_DOCS=1` is set.

mod claims;
mod command_line;
mod fields;
mod metrics;
mod settings;
mod time_line;

use std::fs;
use std::path::{Path, PathBuf};

/// Says that differences are written instead of told.
const WRITE: &str = "TEST_WRITE_DOCS";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A page, and what it should be.
struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    fn open(name: &str) -> Self {
        let path = root().join("docs").join(name);
        let text = fs::read_to_string(&path).unwrap_or_default();
        Self { path, text }
    }

    /// The names of its generated parts, as they come.
    fn parts(&self) -> Vec<String> {
        let opened = self.text.lines().filter_map(|line| line.strip_prefix("<!-- generated: "));
        opened.map(|line| line.trim_end_matches(" -->").to_owned()).collect()
    }

    /// Says what stands in one part.
    fn with(self, part: &str, lines: &str) -> Self {
        let (begin, end) = (format!("<!-- generated: {part} -->\n"), format!("<!-- end of {part} -->\n"));
        let (before, rest) =
            self.text.split_once(&begin).unwrap_or_else(|| panic!("no {begin} in {}", self.path.display()));
        let (_, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end} in {}", self.path.display()));
        let text = format!("{before}{begin}\n{}\n\n{end}{after}", lines.trim());
        Self { text, ..self }
    }

    /// Holds the page to it.
    fn hold(self) {
        let there = fs::read_to_string(&self.path).unwrap_or_default();
        if std::env::var_os(WRITE).is_some() {
            fs::write(&self.path, &self.text).unwrap();
        } else if there != self.text {
            let differs = there.lines().zip(self.text.lines()).find(|(one, other)| one != other);
            panic!(
                "{} is not what the code says: {differs:#?}. To rewrite it: {WRITE}=1 cargo nextest run --workspace \
                 --all-features -E 'test(/^reference::/)'",
                self.path.display()
            );
        }
    }
}

/// A table of Markdown.
fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| {
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | ")).replace("|  ", "| ")
    };
    let rule = format!("|{}\n", " --- |".repeat(N));
    let rows: String = rows.into_iter().map(line).collect();
    format!("{}{rule}{rows}", line(head.map(str::to_owned)))
}

/// In the type of code.
fn code(text: &str) -> String {
    format!("`{text}`")
}

/// A sentence as a cell has it.
fn cell(sentence: &str) -> String {
    sentence.trim().trim_end_matches('.').to_owned()
}

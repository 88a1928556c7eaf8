//! The sheet that is drawn on.

use std::fmt::Write as _;

/// Which end of a text is at its place.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) struct Canvas {
    width: f64,
    height: f64,
    title: String,
    body: String,
}

const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#2b2e33}.title{font-weight:600}.dim{fill:#63676e}\
    .paper{fill:#faf9f6;stroke:#dddad2}.grid{stroke:#e2dfd8}.axis{stroke:#8b8f96}.target{stroke:#b3361f;stroke-width:2}\
    text.target{fill:#b3361f;stroke:none}.a{stroke:#1f63b5}.b{stroke:#9a5b00}.a,.b{fill:none;stroke-width:2}\
    circle.a,text.a{fill:#1f63b5}circle.b,text.b{fill:#9a5b00}text.a,text.b{stroke:none}\
    @media(prefers-color-scheme:dark){text{fill:#e6e4df}.dim{fill:#a2a6ad}.paper{fill:#202226;stroke:#393c42}\
    .grid{stroke:#34373c}.axis{stroke:#7d8189}.target{stroke:#ee7d63}text.target{fill:#ee7d63}.a{stroke:#74b0f4}\
    .b{stroke:#e0a54a}circle.a,text.a{fill:#74b0f4}circle.b,text.b{fill:#e0a54a}}";

impl Canvas {
    /// An empty sheet with a title, which is also what it is called where it can't be seen.
    pub(super) fn new(width: f64, height: f64, title: &str) -> Self {
        let mut canvas = Self { width, height, title: title.to_owned(), body: String::new() };
        canvas.text(20.0, 28.0, "title", Anchor::Start, title);
        canvas
    }

    pub(super) fn text(&mut self, x: f64, y: f64, class: &str, anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escape(text);
        self.add(&format!(r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#));
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.add(&format!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    pub(super) fn dot(&mut self, class: &str, x: f64, y: f64) {
        self.add(&format!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="4"/>"#));
    }

    pub(super) fn path(&mut self, class: &str, points: impl IntoIterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in points {
            let _ = write!(path, "{}{x:.1} {y:.1}", if path.is_empty() { 'M' } else { 'L' });
        }
        self.add(&format!(r#"<path class="{class}" d="{path}"/>"#));
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        let Self { width, height, title, body } = self;
        let (title, right, bottom) = (escape(&title), width - 1.0, height - 1.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
             <rect class=\"paper\" x=\"0.5\" y=\"0.5\" width=\"{right}\" height=\"{bottom}\" rx=\"8\"/>\n{body}</svg>\n"
        )
    }

    fn add(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

//! HTML, as far as our own pages use it: enough to look for what must not be there.

/// A start or an end of an element.
#[derive(Debug)]
pub(super) struct Tag {
    pub name: String,
    pub is_end: bool,
    /// Whether it ends where it starts, as `<path/>` does.
    pub is_empty: bool,
    pub attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute.
    pub(super) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == attribute).map(|(_, value)| value.as_str())
    }
}

const VOID: [&str; 4] = ["meta", "link", "input", "br"];

/// All tags of a page, in order.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let (mut tags, mut rest) = (Vec::new(), html);
    while let Some(start) = rest.find('<') {
        let (tag, after) = read(&rest[start + 1..]);
        tags.push(tag);
        rest = after;
    }
    tags
}

/// What is open at the end, or closed out of turn.
pub(super) fn unclosed(tags: &[Tag]) -> Vec<String> {
    let mut open: Vec<String> = Vec::new();
    for tag in tags.iter().filter(|tag| !tag.is_empty && !VOID.contains(&tag.name.as_str()) && tag.name != "!doctype") {
        if !tag.is_end {
            open.push(tag.name.clone());
        } else if open.pop().as_deref() != Some(&tag.name) {
            return vec![format!("</{}>", tag.name)];
        }
    }
    open
}

/// What stands in the title.
pub(super) fn title(html: &str) -> &str {
    html.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).unwrap().0
}

fn read(text: &str) -> (Tag, &str) {
    let (is_end, text) = text.strip_prefix('/').map_or((false, text), |text| (true, text));
    let end = text.find(|char: char| char.is_whitespace() || matches!(char, '>' | '/')).unwrap();
    let mut tag = Tag { name: text[..end].to_lowercase(), is_end, is_empty: false, attributes: Vec::new() };
    let mut rest = text[end..].trim_start();
    loop {
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        if let Some(after) = rest.strip_prefix('/') {
            tag.is_empty = true;
            rest = after.trim_start();
            continue;
        }
        let end = rest.find(|char: char| char.is_whitespace() || matches!(char, '>' | '=' | '/')).unwrap();
        let name = rest[..end].to_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix('=') {
            let quoted = quoted.strip_prefix('"').expect("we quote every value");
            (value, rest) = quoted.split_once('"').unwrap();
        }
        tag.attributes.push((name, value.to_owned()));
        rest = rest.trim_start();
    }
}

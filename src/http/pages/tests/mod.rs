//! Every page, in both languages, with friendly, scarce and hostile text.

mod markup;
mod samples;

use std::collections::HashSet;

use super::asset::{ASSETS, Asset, STYLESHEET};
use super::words::{CODES, DE, EN};
use super::{Frame, Language, find_asset};
use markup::{Tag, tags};
use samples::{HOSTILE, Sample, Text};

const TEXTS: [Text; 3] = [Text::Friendly, Text::Scarce, Text::Hostile];

/// All pages there are.
fn samples() -> Vec<(Sample, Vec<Tag>)> {
    let frame = |language| Frame::new(language, "/id", "id.example", samples::NOW);
    let languages = [Language::English, Language::German];
    let all =
        languages.iter().flat_map(|language| TEXTS.iter().flat_map(|text| samples::pages(&frame(*language), *text)));
    all.map(|sample| {
        let tags = tags(&sample.html);
        (sample, tags)
    })
    .collect()
}

/// For `tests/browser/samples.test.mjs`, which looks at each in a real browser.
#[test]
fn every_page_can_be_looked_at() {
    let scratch = tempfile::tempdir().unwrap();
    let folder = std::env::var_os("HALLPASS_TEST_PAGES").map_or_else(|| scratch.path().to_owned(), Into::into);
    let assets = folder.join("id/assets");
    std::fs::create_dir_all(&assets).unwrap();
    for asset in ASSETS {
        std::fs::write(assets.join(asset.name), asset.body).unwrap();
    }
    for (Sample { name, html }, _) in samples().iter().filter(|(sample, _)| sample.name.contains("Friendly")) {
        std::fs::write(folder.join(format!("{}.html", name.replace([' ', '_'], "-"))), html).unwrap();
    }

    let pages = std::fs::read_dir(&folder).unwrap().count() - 1;
    assert_eq!(pages, samples().len() / TEXTS.len(), "each has a name of its own");
}

#[test]
fn no_text_of_others_becomes_markup() {
    let mut seen = 0;
    for (Sample { name, html }, tags) in samples() {
        assert!(!html.contains("<script>") && !html.contains("<img"), "{name}");
        assert!(!html.contains('\u{202e}'), "{name}: text that turns round");
        for Tag { name: tag, attributes, .. } in &tags {
            for (attribute, value) in attributes {
                assert!(!attribute.starts_with("on") && attribute != "style", "{name}: <{tag} {attribute}>");
                let is_address = ["href", "src", "action", "formaction"].contains(&attribute.as_str());
                let is_ours = value.starts_with("/id/") || value.starts_with('#') || value.starts_with("https://");
                assert!(!is_address || is_ours, "{name}: <{tag} {attribute}={value}>");
            }
        }
        seen += usize::from(html.contains("&#60;script&#62;"));
    }
    assert!(seen > 20, "the hostile text is on the pages");
    assert!(HOSTILE.contains("<script>"));
}

#[test]
fn no_page_holds_inline_script_or_style() {
    for (Sample { name, html }, tags) in samples() {
        assert!(!tags.iter().any(|tag| tag.name == "style"), "{name}");
        for script in tags.iter().filter(|tag| tag.name == "script" && !tag.is_end) {
            assert!(script.get("src").is_some_and(|src| src.starts_with("/id/assets/")), "{name}");
            assert!(html.contains("</script>"), "{name}");
        }
    }
}

#[test]
fn every_file_that_a_page_loads_is_there() {
    let mut loaded = HashSet::new();
    for (Sample { name, .. }, tags) in samples() {
        let files = tags.iter().filter(|tag| !tag.is_end).filter_map(|tag| match tag.name.as_str() {
            "link" => tag.get("href"),
            "script" => tag.get("src"),
            _ => None,
        });
        let files: Vec<&Asset> = files
            .map(|file| {
                find_asset(file.strip_prefix("/id/assets/").unwrap()).unwrap_or_else(|| panic!("{name}: {file}"))
            })
            .collect();
        assert!(files.contains(&&STYLESHEET), "{name}");
        loaded.extend(files.iter().map(|file| file.name));
    }
    assert_eq!(loaded.len(), ASSETS.len(), "and no other is");
}

#[test]
fn every_form_that_acts_has_a_csrf_token() {
    for (Sample { name, .. }, tags) in samples() {
        let mut form: Option<(&Tag, bool)> = None;
        for tag in &tags {
            match (tag.name.as_str(), tag.is_end) {
                ("form", false) => form = Some((tag, false)),
                ("form", true) => {
                    let (form, has_token) = form.take().unwrap();
                    assert_eq!(form.get("method"), Some("post"), "{name}");
                    let is_ours = form.get("action").unwrap().starts_with("/id/");
                    assert_eq!(is_ours, has_token, "{name}: {:?}", form.get("action"));
                }
                ("input", _) if tag.get("name") == Some("csrf") => {
                    assert_eq!(tag.get("type"), Some("hidden"), "{name}");
                    form = form.map(|(form, _)| (form, true));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_page_is_whole() {
    for (Sample { name, html }, tags) in samples() {
        let count = |tag: &str| tags.iter().filter(|other| other.name == tag && !other.is_end).count();
        for once in ["html", "head", "title", "body", "main", "h1"] {
            assert_eq!(count(once), 1, "{name}: {once}");
        }
        assert!(html.starts_with("<!doctype html>\n<html lang=\""), "{name}");
        let open = markup::unclosed(&tags);
        assert!(open.is_empty(), "{name}: {open:?}");
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{name}: an id twice");
        for tag in &tags {
            for reference in ["for", "aria-labelledby", "aria-describedby"] {
                let mut missing = tag.get(reference).unwrap_or_default().split(' ').filter(|id| !id.is_empty());
                assert_eq!(missing.find(|id| !ids.contains(id)), None, "{name}: {reference}");
            }
        }
    }
}

#[test]
fn every_code_has_its_own_words_in_both_languages() {
    let mut titles = HashSet::new();
    for code in CODES {
        for words in [&EN, &DE] {
            let error = words.errors.find(code);
            assert!([error.title, error.what, error.advice].iter().all(|text| !text.is_empty()), "{code}");
            assert!(titles.insert(error.title), "{code}");
        }
    }
    assert_eq!(EN.errors.find("unheard_of"), EN.errors.find("server_error"));
}

#[test]
fn every_page_says_another_thing_in_another_language() {
    let frame = |language| Frame::new(language, "", "id.example", samples::NOW);
    let english = samples::pages(&frame(Language::English), Text::Friendly);
    let german = samples::pages(&frame(Language::German), Text::Friendly);

    for (english, german) in english.iter().zip(&german) {
        assert_ne!(markup::title(&english.html), markup::title(&german.html), "{}", english.name);
        assert!(german.html.contains("<html lang=\"de\">"));
    }
}

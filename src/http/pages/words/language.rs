//! Which language a page speaks: the one that the app names, else the one that the browser asks for.

use super::{DE, EN, Words};

/// A language that all pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::http) enum Language {
    /// British English.
    #[default]
    English,
    /// German, with *Sie*.
    German,
}

impl Language {
    /// The first of `ui_locales` (OpenID Connect Core 3.1.2.1: tags with spaces between) that is spoken here; else the
    /// one that `accept_language` (RFC 9110 section 12.5.4) likes most; else English.
    pub(in crate::http) fn choose(ui_locales: Option<&str>, accept_language: Option<&str>) -> Self {
        let asked = ui_locales.and_then(|tags| tags.split(' ').find_map(Self::spoken));
        asked.or_else(|| accept_language.and_then(Self::liked)).unwrap_or_default()
    }

    /// The tag for `lang` and `Content-Language`.
    pub(in crate::http) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Its words.
    pub(in crate::http) const fn words(self) -> &'static Words {
        match self {
            Self::English => &EN,
            Self::German => &DE,
        }
    }

    /// `de-AT` is German; regions and scripts make no difference here.
    fn spoken(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        [Self::English, Self::German].into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    fn liked(header: &str) -> Option<Self> {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let Some(weight) = weight(parameters).filter(|weight| *weight > 0) else { continue };
            let Some(language) = Self::spoken(tag) else { continue };
            // Of two that are liked alike the first one wins.
            if best.is_none_or(|(most, _)| weight > most) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language)
    }
}

/// `q=0.8` in thousandths; 1 when it is absent, nothing when it can't be read.
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let value = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="))?;
    let (whole, part) = value.split_once('.').unwrap_or((value, ""));
    let is_digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || !is_digits(part, 3) {
        return None;
    }
    let thousandths = format!("{whole}{part:0<3}").parse().ok()?;
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::Language::{English, German};
    use super::*;

    #[test]
    fn the_app_is_heard_before_the_browser() {
        assert_eq!(Language::choose(Some("fr-CA de-AT en"), Some("en")), German);
        assert_eq!(Language::choose(Some("fr it"), Some("de")), German);
        assert_eq!(Language::choose(Some(""), Some("de")), German);
        assert_eq!(Language::choose(None, None), English);
    }

    #[test]
    fn the_browser_weighs() {
        for (header, language) in [
            ("de", German),
            ("DE-ch, en;q=0.9", German),
            ("en;q=0.5, de;q=0.8", German),
            ("en;q=0.8 , de;q=0.8", English),
            ("de;q=0, en;q=0.1", English),
            ("de;q=0", English),
            ("fr, de;q=0.3, en;q=0.2", German),
            ("fr, es;q=0.9, *;q=0.5", English),
            ("den, ende", English),
            ("de;q=2, en;q=0.1", English),
            ("de;q=1.001", English),
            ("de;q=-1", English),
            ("de;q=0.0001", English),
            ("de;level=1", English),
            ("", English),
            (",,;;q=,=;", English),
        ] {
            assert_eq!(Language::choose(None, Some(header)), language, "{header:?}");
        }
    }
}

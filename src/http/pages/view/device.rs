//! What a browser says of itself, in a few words that its owner recognises.

use crate::http::pages::words::Words;

/// A browser on a system, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Device {
    browser: Option<&'static str>,
    system: Option<&'static str>,
    /// Whether it fits into a hand.
    pub(super) is_handy: bool,
}

/// Everyone calls itself by the names of its ancestors too: the youngest comes first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
    ("X11", "Linux"),
];

impl Device {
    /// What `user_agent` (RFC 9110 section 10.1.5) tells; its owner may say anything.
    pub(in crate::http) fn read(user_agent: &str) -> Self {
        let find = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
        };
        let system = find(SYSTEMS);
        Self { browser: find(BROWSERS), system, is_handy: matches!(system, Some("iPhone" | "Android" | "iPad")) }
    }

    /// `Firefox on Linux`.
    pub(super) fn called(&self, words: &Words) -> String {
        let words = &words.devices;
        match (self.browser, self.system) {
            (browser, Some(system)) => (words.browser_on_system)(browser.unwrap_or(words.unknown_browser), system),
            (Some(browser), None) => browser.to_owned(),
            (None, None) => words.unknown.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::Language;

    #[test]
    fn a_browser_is_recognised() {
        for (user_agent, called) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            ("curl/8.14.1", "curl"),
            ("something (Windows)", "A browser on Windows"),
            ("<script>alert(1)</script>", "An unknown device"),
            ("", "An unknown device"),
        ] {
            assert_eq!(Device::read(user_agent).called(Language::English.words()), called);
        }
    }
}

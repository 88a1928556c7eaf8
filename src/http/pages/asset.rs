//! Files that pages load: the stylesheet, two small scripts, the icon. Each has the hash of its content in its name, so
//! browsers may keep it for ever, and all come from our own origin, since the pages' CSP allows no other.

/// A file as it is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Asset {
    /// The last segment of its path, below `{base}/assets/`.
    pub name: &'static str,
    /// Its `Content-Type`.
    pub media_type: &'static str,
    /// All of it.
    pub body: &'static str,
}

macro_rules! assets {
    ($($asset:ident = $stem:literal . $extension:literal, $media_type:literal;)*) => {
        $(
            pub(in crate::http) const $asset: Asset = {
                const BODY: &str = include_str!(concat!("assets/", $stem, ".", $extension));
                const NAME: [u8; $stem.len() + 18 + $extension.len()] = named($stem, BODY, $extension);
                let Ok(name) = str::from_utf8(&NAME) else { unreachable!() };
                Asset { name, media_type: $media_type, body: BODY }
            };
        )*
        /// All files.
        pub(in crate::http) const ASSETS: &[Asset] = &[$($asset),*];
    };
}

assets! {
    STYLESHEET = "hallpass"."css", "text/css; charset=utf-8";
    COPY_SCRIPT = "copy"."js", "text/javascript; charset=utf-8";
    SUBMIT_SCRIPT = "submit"."js", "text/javascript; charset=utf-8";
    ICON = "icon"."svg", "image/svg+xml";
}

/// The file called `name`.
pub(in crate::http) fn find_asset(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

/// `stem.<hash>.extension`, made by the compiler.
const fn named<const LENGTH: usize>(stem: &str, body: &str, extension: &str) -> [u8; LENGTH] {
    let (mut name, mut at) = ([b'.'; LENGTH], 0);
    while at < stem.len() {
        name[at] = stem.as_bytes()[at];
        at += 1;
    }
    let (hash, mut digit) = (fnv(body.as_bytes()).to_be_bytes(), 0);
    while digit < 16 {
        name[at + 1 + digit] = b"0123456789abcdef"[hash[digit / 2] as usize >> (4 - digit % 2 * 4) & 15];
        digit += 1;
    }
    let mut letter = 0;
    while letter < extension.len() {
        name[at + 18 + letter] = extension.as_bytes()[letter];
        letter += 1;
    }
    name
}

/// FNV-1a: it tells one version from the next, nothing else depends on it.
const fn fnv(bytes: &[u8]) -> u64 {
    let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x100_0000_01b3);
        at += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_content() {
        assert_eq!(fnv(b"foobar"), 0x8594_4171_f739_67e8, "the vector of its authors");
        let Asset { name, body, .. } = STYLESHEET;
        assert_eq!(name, format!("hallpass.{:016x}.css", fnv(body.as_bytes())));
        assert_eq!(find_asset(name), Some(&STYLESHEET));
        assert_eq!(find_asset("hallpass.css"), None);
    }

    #[test]
    fn no_file_loads_anything_from_elsewhere() {
        for Asset { name, body, .. } in ASSETS {
            let body = body.replace("http://www.w3.org/2000/svg", "");
            for word in ["//", "url(", "@import", "eval", "innerHTML"] {
                assert!(!body.contains(word), "{name}: {word}");
            }
        }
    }
}

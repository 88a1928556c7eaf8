//! Where people sign in.

use crate::http::pages::Shown;

/// A provider to choose.
#[derive(Clone)]
pub(in crate::http) struct Provider {
    /// Its name in forms.
    pub slug: String,
    /// What people call it.
    pub title: Shown,
    /// What stands beside the title.
    pub kind: ProviderKind,
}

/// A kind of provider, for its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum ProviderKind {
    Google,
    Microsoft,
    Okta,
    Keycloak,
    Gitlab,
    Github,
    Openid,
}

impl ProviderKind {
    const ALL: [Self; 7] =
        [Self::Google, Self::Microsoft, Self::Okta, Self::Keycloak, Self::Gitlab, Self::Github, Self::Openid];

    /// The kind called `word`; any other is some OpenID provider.
    pub(in crate::http) fn read(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).unwrap_or(Self::Openid)
    }

    /// Its word.
    pub(in crate::http) const fn as_str(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Okta => "okta",
            Self::Keycloak => "keycloak",
            Self::Gitlab => "gitlab",
            Self::Github => "github",
            Self::Openid => "openid",
        }
    }
}

//! Presets: what is known of a kind of provider before anyone asks it, so that an operator need not look it up.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

use super::{ClaimMapping, ProviderFault};

const GOOGLE: &str = "https://accounts.google.com";
const GITLAB: &str = "https://gitlab.com";
const GITHUB: &str = "https://github.com";

/// The kinds of providers that differ in something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// Any `OpenID` provider.
    OpenId,
    /// Google accounts and Workspace; one issuer for all.
    Google,
    /// Microsoft Entra ID: one tenant, named by its id.
    Microsoft,
    /// Okta, with its own or a custom authorization server.
    Okta,
    /// Keycloak: an issuer for each realm.
    Keycloak,
    /// GitLab, theirs or one's own.
    GitLab,
    /// GitHub, theirs or Enterprise: OAuth and an API, no `OpenID`.
    GitHub,
}

impl Preset {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::OpenId, Self::Google, Self::Microsoft, Self::Okta, Self::Keycloak, Self::GitLab, Self::GitHub];

    /// One word for settings and lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenId => "openid",
            Self::Google => "google",
            Self::Microsoft => "microsoft",
            Self::Okta => "okta",
            Self::Keycloak => "keycloak",
            Self::GitLab => "gitlab",
            Self::GitHub => "github",
        }
    }

    /// The issuer when the operator names none. For GitHub, the address that its own begin with.
    #[must_use]
    pub const fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Google => Some(GOOGLE),
            Self::GitLab => Some(GITLAB),
            Self::GitHub => Some(GITHUB),
            Self::OpenId | Self::Microsoft | Self::Okta | Self::Keycloak => None,
        }
    }

    /// How an issuer looks when the operator has to name it.
    #[must_use]
    pub const fn issuer_example(self) -> &'static str {
        match self {
            Self::OpenId => "https://id.example",
            Self::Google => GOOGLE,
            Self::Microsoft => "https://login.microsoftonline.com/<tenant id>/v2.0",
            Self::Okta => "https://<organization>.okta.com",
            Self::Keycloak => "https://<host>/realms/<realm>",
            Self::GitLab => GITLAB,
            Self::GitHub => GITHUB,
        }
    }

    /// What is asked for when the operator says nothing.
    #[must_use]
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::OpenId | Self::Google | Self::Microsoft | Self::Keycloak | Self::GitLab => {
                &["openid", "profile", "email"]
            }
            // Okta gives groups for a scope of their own, where the administrator made the claim.
            Self::Okta => &["openid", "profile", "email", "groups"],
            Self::GitHub => &["read:user", "user:email"],
        }
    }

    /// Which claims hold what we want to know.
    #[must_use]
    pub fn claims(self) -> ClaimMapping {
        let standard = ClaimMapping::default();
        match self {
            Self::OpenId | Self::Okta | Self::Keycloak | Self::GitLab => standard,
            // Google knows neither.
            Self::Google => ClaimMapping { preferred_username: None, groups: None, ..standard },
            // Entra's `email` may be any text that an administrator wrote; this optional claim says whose it is.
            Self::Microsoft => ClaimMapping { email_verified: Some("xms_edov".to_owned()), ..standard },
            Self::GitHub => ClaimMapping { preferred_username: Some("login".to_owned()), groups: None, ..standard },
        }
    }

    /// Whether it lets people choose an account when it is asked to, although it announces no such thing.
    pub(super) const fn offers_accounts(self) -> bool {
        matches!(self, Self::Google | Self::Microsoft | Self::GitHub)
    }

    /// Whether it speaks `OpenID` Connect: discovery, ID tokens, keys.
    #[must_use]
    pub const fn is_openid(self) -> bool {
        !matches!(self, Self::GitHub)
    }

    /// What this kind says about an issuer that has the right form: as text and as an address.
    pub(super) fn check_issuer(self, text: &str, issuer: &Url) -> Result<(), ProviderFault> {
        match self {
            Self::Google if text != GOOGLE => Err(ProviderFault::NotGoogle),
            Self::Microsoft if is_entra(issuer) && !names_a_tenant(issuer) => Err(ProviderFault::Tenant),
            _ => Ok(()),
        }
    }
}

/// Microsoft's own hosts, in all its clouds; a host of one's own (External ID) names its tenant otherwise.
fn is_entra(issuer: &Url) -> bool {
    let Some(Host::Domain(host)) = issuer.host() else { return false };
    host.starts_with("login.microsoftonline.") || host == "login.partner.microsoftonline.cn"
}

/// `common`, `organizations`, `consumers` and domain names are answered with metadata of another issuer: for several
/// tenants it is a template, which equals no `iss`.
fn names_a_tenant(issuer: &Url) -> bool {
    let tenant = issuer.path_segments().and_then(|mut segments| segments.next()).unwrap_or_default();
    let groups: Vec<&str> = tenant.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|byte| byte.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The word names no preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a preset is one of openid, google, microsoft, okta, keycloak, gitlab and github")]
pub struct UnknownPreset;

impl FromStr for Preset {
    type Err = UnknownPreset;

    fn from_str(word: &str) -> Result<Self, UnknownPreset> {
        Self::ALL.into_iter().find(|preset| preset.as_str() == word).ok_or(UnknownPreset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_reads_back_from_its_word() {
        for preset in Preset::ALL {
            assert_eq!(preset.as_str().parse(), Ok(preset));
        }
        assert_eq!("Google".parse::<Preset>(), Err(UnknownPreset));
    }

    #[test]
    fn each_preset_has_its_issuer_its_scopes_and_its_claims() {
        const OPENID: &[&str] = &["openid", "profile", "email"];
        const STANDARD: [Option<&str>; 5] =
            [Some("email"), Some("email_verified"), Some("name"), Some("preferred_username"), Some("groups")];
        let with = |at: usize, claim: Option<&'static str>| {
            let mut claims = STANDARD;
            claims[at] = claim;
            claims
        };
        let google = [Some("email"), Some("email_verified"), Some("name"), None, None];
        let github = [Some("email"), Some("email_verified"), Some("name"), Some("login"), None];
        let okta: &[&str] = &["openid", "profile", "email", "groups"];

        for (preset, issuer, scopes, claims, is_openid, offers_accounts) in [
            (Preset::OpenId, None, OPENID, STANDARD, true, false),
            (Preset::Google, Some("https://accounts.google.com"), OPENID, google, true, true),
            (Preset::Microsoft, None, OPENID, with(1, Some("xms_edov")), true, true),
            (Preset::Okta, None, okta, STANDARD, true, false),
            (Preset::Keycloak, None, OPENID, STANDARD, true, false),
            (Preset::GitLab, Some("https://gitlab.com"), OPENID, STANDARD, true, false),
            (Preset::GitHub, Some("https://github.com"), &["read:user", "user:email"], github, false, true),
        ] {
            assert_eq!((preset.issuer(), preset.scopes()), (issuer, scopes), "{preset}");
            assert_eq!(preset.claims().pairs().map(|(_, theirs)| theirs), claims, "{preset}");
            assert_eq!((preset.is_openid(), preset.offers_accounts()), (is_openid, offers_accounts), "{preset}");
        }
    }

    #[test]
    fn an_entra_tenant_is_named_by_its_id() {
        let check = |issuer: &str| Preset::Microsoft.check_issuer(issuer, &Url::parse(issuer).unwrap());

        for good in [
            "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "https://login.microsoftonline.us/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "https://contoso.ciamlogin.com/contoso.onmicrosoft.com/v2.0",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "common",
            "organizations",
            "consumers",
            "contoso.onmicrosoft.com",
            "",
            "9188040d-6c67-4c5b-b112-36a304b66dag",
        ] {
            let issuer = format!("https://login.microsoftonline.com/{bad}/v2.0");
            assert_eq!(check(&issuer), Err(ProviderFault::Tenant), "{bad}");
        }
    }
}

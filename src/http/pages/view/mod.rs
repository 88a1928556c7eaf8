//! One struct for each page; each holds everything that its page shows, and renders itself (`askama::Template`).

mod account;
mod allowed;
mod app;
mod connected_apps;
mod consent;
mod destination;
mod device;
mod error_page;
mod form_post;
mod key_made;
mod keys;
mod new_key;
mod person;
mod profile;
mod provider;
mod revoke_key;
mod sessions;
mod sign_in;
mod sign_out;

pub(in crate::http) use account::{Account, Notice};
pub(in crate::http) use allowed::Allowed;
pub(in crate::http) use app::App;
pub(in crate::http) use connected_apps::{ConnectedApp, ConnectedApps};
pub(in crate::http) use consent::{Consent, IdentityAsk, OfflineAsk, ResourceAsk, ScopeAsk};
pub(in crate::http) use destination::Destination;
pub(in crate::http) use device::Device;
pub(in crate::http) use error_page::{Back, ErrorPage};
pub(in crate::http) use form_post::FormPost;
pub(in crate::http) use key_made::{KeyMade, OldKey};
pub(in crate::http) use keys::{PersonalKey, PersonalKeys, Use};
pub(in crate::http) use new_key::{
    AppChoice, ExpiryChoice, Faults, KeyForm, NameFault, NewKey, ResourceChoice, ScopeChoice, ScopeFault,
};
pub(in crate::http) use person::Person;
pub(in crate::http) use profile::{Identity, Profile};
pub(in crate::http) use provider::{Provider, ProviderKind};
pub(in crate::http) use revoke_key::RevokeKey;
pub(in crate::http) use sessions::{Session, Sessions};
pub(in crate::http) use sign_in::{Current, SignIn, SignInNotice};
pub(in crate::http) use sign_out::{SignOut, SignedOut};

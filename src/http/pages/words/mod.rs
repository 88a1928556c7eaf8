//! Every word on the pages, in two languages. A language is one constant of one struct: a translation that is missing
//! does not compile.
//!
//! In:    what a browser or an app says of its languages; moments; names.
//! Out:   words and sentences, as plain text.
//! Never: holds markup; asks the time.

mod account;
mod de;
mod en;
mod enter;
mod errors;
mod keys;
mod language;
mod moment;
mod sentence;

pub(in crate::http) use de::DE;
pub(in crate::http) use en::EN;
#[cfg(test)]
pub(in crate::http) use errors::CODES;
pub(in crate::http) use errors::{ErrorWords, Errors};
pub(in crate::http) use language::Language;
pub(in crate::http) use moment::{Moments, stamp};

use account::{AccountWords, AppWords, DeviceWords, NoticeWords, ProfileWords, SessionWords};
use enter::{ClaimWords, ConsentWords, FormPostWords, SignInWords, SignOutWords};
use keys::{KeyMadeWords, KeyWords, NewKeyWords, RevokeKeyWords};
use sentence::{Count, Pair, Sentence};

/// All words of one language.
pub(in crate::http) struct Words {
    pub moments: Moments,
    pub frame: FrameWords,
    pub sign_in: SignInWords,
    pub consent: ConsentWords,
    pub claims: ClaimWords,
    pub sign_out: SignOutWords,
    pub form_post: FormPostWords,
    pub account: AccountWords,
    pub profile: ProfileWords,
    pub sessions: SessionWords,
    pub devices: DeviceWords,
    pub apps: AppWords,
    pub notices: NoticeWords,
    pub keys: KeyWords,
    pub new_key: NewKeyWords,
    pub key_made: KeyMadeWords,
    pub revoke_key: RevokeKeyWords,
    pub errors: Errors,
}

/// What is around every page.
pub(in crate::http) struct FrameWords {
    pub skip: &'static str,
    /// Before the host at the foot of a page.
    pub you_are_at: &'static str,
    /// Beside a link that leaves this place, for who can't see the sign.
    pub leaves: &'static str,
    pub back_to: Sentence,
}

//! The words of the pages on the way into an app and out again.

use super::{Pair, Sentence};

pub(in crate::http) struct SignInWords {
    pub to_app: Sentence,
    pub to_account: &'static str,
    pub choose: &'static str,
    pub providers: &'static str,
    pub with_provider: Sentence,
    pub continue_as: Sentence,
    pub or_another: &'static str,
    /// For apps of others: what they learn, and when.
    pub asks_first: Sentence,
    pub about_app: Sentence,
    pub signed_out: &'static str,
    pub fresh_for_app: Sentence,
    pub fresh: &'static str,
    pub nobody_title: &'static str,
    pub nobody: &'static str,
    pub nobody_operator: &'static str,
    pub nobody_others: &'static str,
    pub nobody_more: &'static str,
}

pub(in crate::http) struct ConsentWords {
    pub title: Sentence,
    pub title_identity: Sentence,
    pub signed_in_as: &'static str,
    pub through: Sentence,
    pub not_you: &'static str,
    pub marked_new: &'static str,
    pub new: &'static str,
    pub learns: Sentence,
    pub does: Sentence,
    pub openid: &'static str,
    pub openid_text: &'static str,
    pub profile: &'static str,
    pub email: &'static str,
    pub groups: &'static str,
    pub roles: &'static str,
    pub unknown: &'static str,
    pub and_more: super::Count,
    pub no_scopes: &'static str,
    pub resource_learns: Pair,
    pub offline: &'static str,
    pub offline_text: &'static str,
    pub warning: &'static str,
    pub warning_computer: Sentence,
    pub warning_scheme: Pair,
    pub goes_to: &'static str,
    pub this_computer: &'static str,
    pub scheme: Sentence,
    pub allow: &'static str,
    pub deny: &'static str,
    pub can_withdraw: &'static str,
}

impl ConsentWords {
    /// What an identity scope tells or allows; nothing when it is none of ours.
    pub(in crate::http) fn named(&self, scope: &str) -> Option<&'static str> {
        match scope {
            "openid" => Some(self.openid),
            "profile" => Some(self.profile),
            "email" => Some(self.email),
            "groups" => Some(self.groups),
            "roles" => Some(self.roles),
            "offline_access" => Some(self.offline),
            _ => None,
        }
    }
}

/// What an API learns of a person, in the middle of a sentence.
pub(in crate::http) struct ClaimWords {
    /// Between the last two.
    pub and: &'static str,
    pub email: &'static str,
    pub email_verified: &'static str,
    pub name: &'static str,
    pub preferred_username: &'static str,
    pub groups: &'static str,
    pub roles: &'static str,
}

impl ClaimWords {
    /// What a claim tells; its own name when it is none of ours.
    pub(in crate::http) fn named<'a>(&self, claim: &'a str) -> &'a str {
        match claim {
            "email" => self.email,
            "email_verified" => self.email_verified,
            "name" => self.name,
            "preferred_username" => self.preferred_username,
            "groups" => self.groups,
            "roles" => self.roles,
            other => other,
        }
    }

    /// All that `claims` tell, as part of a sentence.
    pub(in crate::http) fn listed(&self, claims: &[String]) -> String {
        let claims: Vec<&str> = claims.iter().map(|claim| self.named(claim)).collect();
        match claims.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} {} {last}", rest.join(", "), self.and),
            _ => claims.concat(),
        }
    }
}

pub(in crate::http) struct SignOutWords {
    pub title: &'static str,
    pub ask: &'static str,
    pub app_asks: Sentence,
    pub what_happens: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub done_title: &'static str,
    pub done: &'static str,
    pub sign_in_again: &'static str,
}

pub(in crate::http) struct FormPostWords {
    pub title: Sentence,
    pub text: &'static str,
    pub go_on: &'static str,
}

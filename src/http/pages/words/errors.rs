//! The words of the error page, by code.

/// What is said of one error.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::http) struct ErrorWords {
    /// In a few words.
    pub title: &'static str,
    /// What happened.
    pub what: &'static str,
    /// What the person can do.
    pub advice: &'static str,
}

macro_rules! errors {
    ($($code:ident),* $(,)?) => {
        /// Every error that a page can show, and what is around it.
        pub(in crate::http) struct Errors {
            $(pub(super) $code: ErrorWords,)*
            pub label: &'static str,
            pub code: &'static str,
            pub request_id: &'static str,
            pub catalogue: &'static str,
            pub again: &'static str,
        }

        impl Errors {
            /// The words for `code`; those of a trouble of our own when there are none.
            pub(in crate::http) fn find(&self, code: &str) -> &ErrorWords {
                match code {
                    $(stringify!($code) => &self.$code,)*
                    _ => &self.server_error,
                }
            }
        }

        /// Every code that has words.
        #[cfg(test)]
        pub(in crate::http) const CODES: &[&str] = &[$(stringify!($code)),*];
    };
}

errors!(
    invalid_request,
    unknown_app,
    unregistered_redirect,
    id_token_hint,
    login_state,
    request_expired,
    provider_error,
    provider_slow,
    provider_refused,
    no_provider,
    email_not_verified,
    domain_not_allowed,
    person_disabled,
    not_reauthenticated,
    csrf,
    cookies,
    not_found,
    method_not_allowed,
    temporarily_unavailable,
    server_error,
);

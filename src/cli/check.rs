//! What `serve` refuses to start on, each with how to mend it.

use crate::app::StartError;
use crate::config::Settings;
use crate::flow;
use crate::http::Certificate;

/// Refuses what is unsafe in production.
pub(super) fn may_serve(settings: &Settings) -> Result<(), StartError> {
    let refuse = |words: &str| Err(StartError::Unsafe(words.to_owned()));
    if settings.issuer.is_empty() {
        return refuse(
            "there is no issuer: set issuer in hallpass.toml (or HALLPASS_ISSUER) to the https address that apps and services know",
        );
    }
    let is_public = !settings.server.listen.ip().is_loopback();
    let is_plain = settings.tls.certificate_file.is_none();
    if is_public && is_plain && !settings.server.plain_http {
        return refuse(
            "plain http on a public address: set tls.certificate_file and tls.key_file, listen on 127.0.0.1 behind a proxy, \
             or say server.plain_http = true when something in front speaks TLS",
        );
    }
    if let (Some(chain), Some(key)) = (&settings.tls.certificate_file, &settings.tls.key_file)
        && let Err(error) = Certificate::read(chain, key)
    {
        return refuse(&format!("the TLS certificate: {error}"));
    }
    Ok(flow::check_declared(settings)?)
}

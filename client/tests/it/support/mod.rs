mod house;
mod issuer;
mod log;
#[cfg(feature = "middleware")]
mod service;
mod wire;

pub(crate) use house::{House, KEY, NEXT_KEY, NOW};
pub(crate) use issuer::Reply;
pub(crate) use log::Log;
#[cfg(feature = "middleware")]
pub(crate) use service::Service;

/// What a log or an error would show of `shown`.
pub(crate) fn debug(shown: &impl std::fmt::Debug) -> String {
    format!("{shown:?}")
}

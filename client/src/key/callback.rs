use std::error::Error;
use std::future::Future;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::{Key, KeyFuture, KeySource};
use crate::error::NoKey;

/// A key that the app gets from somewhere itself.
pub(crate) struct Callback<F>(pub(crate) F);

impl<F, Answer, Trouble> KeySource for Callback<F>
where
    F: Fn() -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<String, Trouble>> + Send + 'static,
    Trouble: Into<Box<dyn Error + Send + Sync>>,
{
    fn key(&self) -> KeyFuture<'_> {
        let answer = (self.0)();
        Box::pin(async {
            let text = answer.await.map_err(|trouble| NoKey::Callback(Arc::from(trouble.into())))?;
            Key::parse(&Zeroizing::new(text))
        })
    }
}

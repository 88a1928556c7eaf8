//! TLS by rustls: a certificate that is read again when its files change.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// A certificate and its key, in files.
#[derive(Debug)]
pub struct Certificate {
    chain_file: PathBuf,
    key_file: PathBuf,
    current: ArcSwap<CertifiedKey>,
    seen: Mutex<Stamp>,
}

/// When each file was last written.
type Stamp = (Option<SystemTime>, Option<SystemTime>);

impl Certificate {
    /// Reads the certificate chain and its private key, both PEM.
    pub fn read(chain_file: &Path, key_file: &Path) -> io::Result<Arc<Self>> {
        let seen = stamp(chain_file, key_file);
        let current = load(chain_file, key_file)?;
        Ok(Arc::new(Self {
            chain_file: chain_file.to_owned(),
            key_file: key_file.to_owned(),
            current: ArcSwap::from_pointee(current),
            seen: Mutex::new(seen),
        }))
    }

    /// Reads the files again if one was written since. An unusable pair leaves the old one in place.
    pub fn refresh(&self) -> io::Result<bool> {
        let now = stamp(&self.chain_file, &self.key_file);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return Ok(false);
        }
        self.current.store(load(&self.chain_file, &self.key_file)?.into());
        *seen = now;
        tracing::info!("the TLS certificate was read again");
        Ok(true)
    }

    /// What the listener needs: TLS 1.2 and 1.3, HTTP/1.1.
    #[must_use]
    pub fn server_config(self: &Arc<Self>) -> ServerConfig {
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        let mut config = ServerConfig::builder().with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

fn load(chain_file: &Path, key_file: &Path) -> io::Result<CertifiedKey> {
    let bad = |path: &Path, error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", path.display()));
    let chain = CertificateDer::pem_file_iter(chain_file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad(chain_file, &error))?;
    if chain.is_empty() {
        return Err(bad(chain_file, &"there is no certificate in it"));
    }
    if std::fs::metadata(key_file)?.permissions().mode() & 0o007 != 0 {
        return Err(bad(key_file, &"it can be used by everyone on this machine: chmod 640 it, or stricter"));
    }
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|error| bad(key_file, &error))?;
    let pair = CertifiedKey::new(chain, any_supported_type(&key).map_err(|error| bad(key_file, &error))?);
    pair.keys_match().map_err(|_| bad(key_file, &"it is not the key of the certificate"))?;
    Ok(pair)
}

fn stamp(chain_file: &Path, key_file: &Path) -> Stamp {
    let written = |path: &Path| std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    (written(chain_file), written(key_file))
}

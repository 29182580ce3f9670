//! The console's own certificate, for browsers of other machines. Made at the first start; whoever has one that browsers know
//! puts it in its place.

use crate::exit::{CliError, Exit, file_error};
use crate::home::TlsSettings;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sealdock_chain::Digest;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

/// Certificates, the station's own first.
pub const CERTIFICATE: &str = "certificate.pem";
/// Its key; nobody else may read it.
pub const KEY: &str = "key.pem";

/// What speaks TLS, and the SHA-256 of its certificate for people to compare.
pub struct Tls {
    pub acceptor: TlsAcceptor,
    pub fingerprint: String,
}

/// From `folder`; what is not there is made first.
///
/// # Errors
/// One of the two files is missing, unreadable, readable by others, or the two do not belong together.
pub fn acceptor(folder: &Path, settings: &TlsSettings) -> Result<Tls, CliError> {
    let [certificate, key] = [CERTIFICATE, KEY].map(|name| folder.join(name));
    if !certificate.exists() && !key.exists() {
        make(folder, settings)?;
    }
    let bad = |path: &Path, why: String| {
        let text = format!(
            "{} is not usable: {why}; put certificate and key there, or remove both and a new pair is made",
            path.display()
        );
        CliError::new(Exit::Refused, text)
    };
    let mode = std::fs::metadata(&key).map_err(|e| file_error("look at", &key, &e))?.permissions();
    if mode.mode() & 0o077 != 0 {
        return Err(bad(&key, format!("others may read it (mode {:03o})", mode.mode() & 0o777)));
    }
    let read = |path: &Path| std::fs::read(path).map_err(|e| file_error("read", path, &e));
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(&certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|e| bad(&certificate, e.to_string()))?;
    let Some(own) = chain.first() else {
        return Err(bad(&certificate, "no certificate stands in it".into()));
    };
    let fingerprint = Digest::of(own).to_string();
    let secret =
        PrivateKeyDer::from_pem_slice(&read(&key)?).map_err(|e| bad(&key, e.to_string()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(chain, secret));
    let mut config = config.map_err(|e| bad(&certificate, e.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), fingerprint })
}

/// A pair of our own. Whoever is interrupted between the two is told to remove the one that is there.
fn make(folder: &Path, settings: &TlsSettings) -> Result<(), CliError> {
    let failed = |e: String| {
        CliError::new(Exit::Failed, format!("a certificate for the console cannot be made: {e}"))
    };
    let hosts = settings.hosts().map_err(|why| CliError::new(Exit::Refused, why))?;
    let mut wanted = rcgen::CertificateParams::new(hosts).map_err(|e| failed(e.to_string()))?;
    wanted.distinguished_name = rcgen::DistinguishedName::new();
    wanted.distinguished_name.push(rcgen::DnType::CommonName, "sealdock console");
    wanted.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let pair = rcgen::KeyPair::generate().map_err(|e| failed(e.to_string()))?;
    let certificate = wanted.self_signed(&pair).map_err(|e| failed(e.to_string()))?;
    std::fs::create_dir_all(folder).map_err(|e| file_error("make", folder, &e))?;
    let put = |name: &str, mode: u32, text: &str| {
        let (path, unfinished) = (folder.join(name), folder.join(format!("{name}.new")));
        let mut how = std::fs::File::options();
        how.write(true).create(true).truncate(true).mode(mode);
        let written = how.open(&unfinished).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        let named = written.and_then(|()| std::fs::rename(&unfinished, &path));
        named.map_err(|e| file_error("write", &path, &e))
    };
    put(KEY, 0o600, &pair.serialize_pem())?;
    put(CERTIFICATE, 0o644, &certificate.pem())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> TlsSettings {
        TlsSettings { listen: "127.0.0.1:0".parse().unwrap(), names: vec!["seal.lan".into()] }
    }

    #[test]
    fn a_pair_is_made_once_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("console");
        let first = acceptor(&home, &settings()).unwrap().fingerprint;
        assert_eq!(acceptor(&home, &settings()).unwrap().fingerprint, first);
        let mode = std::fs::metadata(home.join(KEY)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_pair_that_is_none_is_refused_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (home, other) = (folder.path().join("console"), folder.path().join("other"));
        let refused = |says: &str| {
            let error = acceptor(&home, &settings()).err().expect("it was taken");
            assert!(error.message.contains(says), "{error}");
        };
        acceptor(&home, &settings()).unwrap();
        acceptor(&other, &settings()).unwrap();
        std::fs::copy(other.join(KEY), home.join(KEY)).unwrap();
        refused("is not usable");
        std::fs::set_permissions(home.join(KEY), PermissionsExt::from_mode(0o640)).unwrap();
        refused("others may read it");
        std::fs::remove_file(home.join(KEY)).unwrap();
        refused("key.pem");
        std::fs::copy(other.join(KEY), home.join(KEY)).unwrap();
        std::fs::write(home.join(CERTIFICATE), "no certificate").unwrap();
        refused("no certificate stands in it");
        std::fs::write(home.join(KEY), "no key").unwrap();
        refused("is not usable");
    }
}

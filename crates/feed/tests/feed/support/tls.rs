//! An authority for tests, with what it signs.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;

pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names are fine");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, "Feedscope test authority");
        let key = KeyPair::generate().expect("there is a random source");
        Authority(CertifiedIssuer::self_signed(params, key).expect("it can sign"))
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for this name, and its key.
    pub fn signs(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let params = CertificateParams::new([name.to_owned()]).expect("it is a name");
        let key = KeyPair::generate().expect("there is a random source");
        (params.signed_by(&key, &self.0).expect("it can sign"), key)
    }

    /// A server for `localhost`; `wants_client`: only for those with a certificate of ours.
    pub fn acceptor(&self, wants_client: bool) -> TlsAcceptor {
        let (certificate, key) = self.signs("localhost");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .expect("they fit");
        let builder = if wants_client {
            let mut roots = RootCertStore::empty();
            roots.add(self.0.der().clone()).expect("it is an authority");
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build();
            builder.with_client_cert_verifier(verifier.expect("it has a root"))
        } else {
            builder.with_no_client_auth()
        };
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = builder.with_single_cert(vec![certificate.der().clone()], key);
        TlsAcceptor::from(Arc::new(config.expect("they fit")))
    }
}

/// A folder of this test's own, removed when it is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("feedscope-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("there is a place for temporary files");
        Folder(path)
    }

    pub fn file(&self, name: &str, content: &str) {
        std::fs::write(self.0.join(name), content).expect("it is ours");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

//! TLS: whom we trust, who we are, and what the server's certificate says.

use super::target::Target;
use crate::Said;
use crate::profile::Tls;
use crate::record::Time;
use crate::said;
use crate::session::Failure;
use crate::session::close::Verdict;
use crate::trouble::{Step, Trouble};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use url::Host;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

/// As many of a certificate's names as are worth showing.
const NAMES_MAX: usize = 20;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The hosts that it is for.
    pub names: Vec<String>,
    /// Whom it belongs to.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// It is signed with its own key.
    pub self_signed: bool,
    pub valid_from: Time,
    pub valid_until: Time,
}

impl Certificate {
    fn read(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let time = |time: x509_parser::time::ASN1Time| {
            Time(time.timestamp().saturating_mul(1_000_000_000))
        };
        let names = certificate.subject_alternative_name().ok().flatten();
        let names = names.map_or(&[][..], |names| names.value.general_names.as_slice());
        let shown = names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(ip) => ip_of(ip),
            _ => None,
        });
        Some(Certificate {
            names: shown.take(NAMES_MAX).collect(),
            subject: certificate.subject().to_string(),
            issuer: certificate.issuer().to_string(),
            self_signed: certificate.subject().as_raw() == certificate.issuer().as_raw(),
            valid_from: time(certificate.validity().not_before),
            valid_until: time(certificate.validity().not_after),
        })
    }

    /// Whole days that it is still valid; negative once it has expired.
    pub fn days_left(&self, now: Time) -> i64 {
        const DAY_NANOS: i64 = 24 * 3_600 * 1_000_000_000;
        self.valid_until.0.saturating_sub(now.0).div_euclid(DAY_NANOS)
    }
}

fn ip_of(bytes: &[u8]) -> Option<String> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|ip| std::net::Ipv4Addr::from(ip).to_string());
    let v6 = || <[u8; 16]>::try_from(bytes).map(|ip| std::net::Ipv6Addr::from(ip).to_string());
    v4.or_else(|_| v6()).ok()
}

/// The certificate that the server showed, whether or not it was accepted.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown(Arc<Mutex<Option<CertificateDer<'static>>>>);

impl Shown {
    pub fn certificate(&self) -> Option<Certificate> {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shown.as_ref().and_then(|der| Certificate::read(der))
    }
}

/// To the feed's own server, by the profile. Reads files, which takes a while.
pub(super) fn config(
    tls: &Tls,
    folder: Option<&Path>,
    shown: &Shown,
) -> Result<Arc<ClientConfig>, Failure> {
    let file = |path: &Path| in_folder(folder, path);
    let judge = if tls.danger_accept_any_certificate { None } else { Some(verifier(tls, &file)?) };
    let builder = dangerous(judge, shown.clone())?;
    let config = match (&tls.client_certificate, &tls.client_key) {
        (None, None) => builder.with_no_client_auth(),
        (None, Some(_)) => {
            return Err(file_wrong(
                said!(
                    "trouble_tls_key_alone",
                    "The profile names a client_key, but no client_certificate."
                ),
                said!("advice_tls_key_alone", "Name the certificate that belongs to the key."),
            ));
        }
        (Some(certificate), key) => {
            let chain = certificates(&file(certificate), "client_certificate")?;
            // One file can hold both.
            let key = file(key.as_ref().unwrap_or(certificate));
            let secret = PrivateKeyDer::from_pem_file(&key).map_err(|error| {
                unreadable(&key, "client_key", said!("pem_key", "a private key"), error)
            })?;
            builder.with_client_auth_cert(chain, secret).map_err(|error| {
                file_wrong(
                    said!(
                        "trouble_tls_key",
                        "The client_key {path} does not fit its certificate.",
                        path = key.display().to_string(),
                    ),
                    said!(
                        "advice_tls_key",
                        "Name the key that the certificate was made with ({error}).",
                        error = error.to_string(),
                    ),
                )
            })?
        }
    };
    Ok(Arc::new(config))
}

/// To a proxy: trusted as any server is, or signed by the profile's authority. Reads files, which
/// takes a while.
pub(super) fn proxy_config(tls: &Tls, folder: Option<&Path>) -> Result<Arc<ClientConfig>, Failure> {
    let judge = verifier(tls, &|path| in_folder(folder, path))?;
    Ok(Arc::new(dangerous(Some(judge), Shown::default())?.with_no_client_auth()))
}

fn in_folder(folder: Option<&Path>, path: &Path) -> PathBuf {
    folder.map_or_else(|| path.to_owned(), |folder| folder.join(path))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

fn dangerous(judge: Option<Verifier>, shown: Shown) -> Result<Builder, Failure> {
    let provider = provider();
    let watch = Watch { judge, shown, provider: provider.clone() };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(no_roots)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(watch)))
}

fn verifier(tls: &Tls, file: &dyn Fn(&Path) -> PathBuf) -> Result<Verifier, Failure> {
    let Some(ca) = &tls.ca else {
        return Verifier::new(provider()).map_err(no_roots);
    };
    let path = file(ca);
    let own = certificates(&path, "ca")?;
    Verifier::new_with_extra_roots(own, provider()).map_err(|error| {
        file_wrong(
            said!(
                "trouble_tls_ca",
                "The ca {path} has a certificate in it that cannot be used.",
                path = path.display().to_string(),
            ),
            said!(
                "advice_tls_ca",
                "It must be that of an authority ({error}).",
                error = error.to_string(),
            ),
        )
    })
}

fn certificates(path: &Path, key: &str) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let all: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).and_then(|certificates| certificates.collect());
    match all {
        Ok(all) if all.is_empty() => Err(file_wrong(
            said!(
                "trouble_tls_no_certificate",
                "The {key} {path} has no certificate in it.",
                key,
                path = path.display().to_string(),
            ),
            said!(
                "advice_tls_no_certificate",
                "It must be a PEM file: it begins with -----BEGIN CERTIFICATE-----."
            ),
        )),
        Ok(all) => Ok(all),
        Err(error) => Err(unreadable(path, key, said!("pem_certificate", "a certificate"), error)),
    }
}

fn unreadable(
    path: &Path,
    key: &str,
    wanted: Said,
    error: rustls::pki_types::pem::Error,
) -> Failure {
    use rustls::pki_types::pem::Error;
    let path = path.display().to_string();
    match error {
        Error::Io(error) => file_wrong(
            said!(
                "trouble_tls_unreadable",
                "The {key} {path} cannot be read: {error}.",
                key,
                path,
                error = error.to_string(),
            ),
            said!(
                "advice_tls_unreadable",
                "Paths are found from the profile's folder; check the name, and who may read it."
            ),
        ),
        error => file_wrong(
            said!(
                "trouble_tls_holds",
                "The {key} {path} does not hold {wanted}.",
                key,
                path,
                wanted,
            ),
            said!(
                "advice_tls_holds",
                "It must be a PEM file ({error}).",
                error = format!("{error:?}"),
            ),
        ),
    }
}

fn file_wrong(what: Said, advice: Said) -> Failure {
    let trouble = Trouble { code: "tls-file", step: Step::Tls, what, answer: None, advice };
    Failure::new(trouble, Verdict::Stop)
}

fn no_roots(error: rustls::Error) -> Failure {
    let trouble = Trouble {
        code: "tls-roots",
        step: Step::Tls,
        what: said!(
            "trouble_tls_roots",
            "This computer's list of trusted certificate authorities cannot be read."
        ),
        answer: Some(error.to_string()),
        advice: said!("advice_tls_roots", "On Linux, install the package ca-certificates."),
    };
    Failure::new(trouble, Verdict::Stop)
}

/// Keeps the certificate that is shown, and leaves the judgement to the computer; or to nobody.
#[derive(Debug)]
struct Watch {
    judge: Option<Verifier>,
    shown: Shown,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Some(certificate.clone().into_owned());
        *self.shown.0.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        match &self.judge {
            Some(judge) => judge.verify_server_cert(certificate, chain, name, ocsp, now),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// The name that the certificate must be for.
pub(super) fn server_name(host: &Host<String>) -> Option<ServerName<'static>> {
    match host {
        Host::Domain(name) => ServerName::try_from(name.clone()).ok(),
        Host::Ipv4(ip) => Some(ServerName::IpAddress((*ip).into())),
        Host::Ipv6(ip) => Some(ServerName::IpAddress((*ip).into())),
    }
}

/// Why TLS with `host` failed.
pub(super) fn failed(
    host: &Host<String>,
    port: u16,
    certificate: Option<&Certificate>,
    error: &io::Error,
) -> Failure {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let (name, host) = (host, &*host.to_string());
    let Some(cause) = cause else {
        let trouble = Trouble {
            code: "tls-cut",
            step: Step::Tls,
            what: said!("trouble_tls_cut", "{host} cut the connection during TLS.", host),
            answer: Some(error.to_string()),
            advice: try_without(),
        };
        return Failure::new(trouble, Verdict::Retry);
    };
    let (code, what, advice) = match cause {
        rustls::Error::InvalidCertificate(reason) => match reason {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                "tls-expired",
                said!("trouble_tls_expired", "The certificate of {host} has expired.", host),
                said!(
                    "advice_tls_expired",
                    "Ask who runs it to renew it; check this computer's clock."
                ),
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "tls-not-yet",
                said!("trouble_tls_not_yet", "The certificate of {host} is not valid yet.", host),
                said!("advice_tls_not_yet", "Check this computer's clock."),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                (
                    "tls-name",
                    said!(
                        "trouble_tls_name",
                        "The certificate is for another name than {host}.",
                        host,
                    ),
                    said!("advice_tls_name", "Use the name that the certificate is for."),
                )
            }
            CertificateError::UnknownIssuer => (
                "tls-issuer",
                match certificate {
                    Some(certificate) if certificate.self_signed => said!(
                        "trouble_tls_self_signed",
                        "The certificate of {host} is signed by itself, not by an authority that \
                         this computer trusts.",
                        host,
                    ),
                    _ => said!(
                        "trouble_tls_issuer",
                        "The certificate of {host} is not from an authority that this computer \
                         trusts.",
                        host,
                    ),
                },
                said!(
                    "advice_tls_issuer",
                    "If it is your own server, name its authority's certificate in the profile \
                     (connection.tls.ca), or add it to those that this computer trusts."
                ),
            ),
            CertificateError::Revoked => (
                "tls-revoked",
                said!("trouble_tls_revoked", "The certificate of {host} has been revoked.", host),
                said!("advice_tls_revoked", "Ask who runs it."),
            ),
            _ => (
                "tls-certificate",
                said!(
                    "trouble_tls_certificate",
                    "The certificate of {host} is not acceptable.",
                    host,
                ),
                said!(
                    "advice_tls_certificate",
                    "If it is your own server, make a certificate that is signed by an authority."
                ),
            ),
        },
        rustls::Error::InvalidMessage(_) => (
            "tls-not-tls",
            said!("trouble_tls_not_tls", "{host} does not speak TLS on port {port}.", host, port,),
            said!("advice_try_ws", "Try ws:// instead of wss://."),
        ),
        rustls::Error::AlertReceived(alert) if wants_client_certificate(*alert) => {
            return client_refused(name, *alert);
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => (
            "tls-no-common",
            said!(
                "trouble_tls_no_common",
                "{host} and Feedscope have no version of TLS or cipher in common.",
                host,
            ),
            said!("advice_tls_no_common", "Ask who runs it to allow TLS 1.2 or 1.3."),
        ),
        _ => (
            "tls",
            said!("trouble_tls", "TLS with {host} failed.", host),
            said!("advice_tls", "Check the host and port."),
        ),
    };
    let mut answer = cause.to_string();
    if let Some(certificate) = certificate {
        answer += &format!(
            "\nIt is for {}; signed by {}; valid from {} until {}.",
            certificate.names.join(", "),
            certificate.issuer,
            date(certificate.valid_from),
            date(certificate.valid_until),
        );
    }
    let trouble = Trouble { code, step: Step::Tls, what, answer: Some(answer), advice };
    Failure::new(trouble, Verdict::Stop)
}

/// In TLS 1.3 a server says only after our part of TLS is over that it wanted to know us.
pub(super) fn late_alert(target: &Target, error: &io::Error) -> Option<Failure> {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::AlertReceived(alert)) if wants_client_certificate(*alert) => {
            Some(client_refused(&target.host, *alert))
        }
        _ => None,
    }
}

fn wants_client_certificate(alert: AlertDescription) -> bool {
    use AlertDescription::*;
    matches!(
        alert,
        CertificateRequired
            | BadCertificate
            | UnknownCA
            | CertificateUnknown
            | CertificateExpired
            | CertificateRevoked
            | UnsupportedCertificate
            | AccessDenied
    )
}

fn client_refused(host: &Host<String>, alert: AlertDescription) -> Failure {
    let trouble = Trouble {
        code: "tls-client",
        step: Step::Tls,
        what: said!(
            "trouble_tls_client",
            "{host} wants a certificate of ours that it trusts.",
            host = host.to_string(),
        ),
        answer: Some(format!("It ended TLS with the alert {alert:?}.")),
        advice: said!(
            "advice_tls_client",
            "Name the certificate and the key that you were given in the profile \
             (connection.tls.client_certificate and client_key)."
        ),
    };
    Failure::new(trouble, Verdict::Stop)
}

/// What to try where the server is silent in TLS.
pub(super) fn try_without() -> Said {
    said!("advice_try_without_tls", "If it does not speak TLS, try ws:// instead of wss://.")
}

/// A day, as `2026-01-31`.
pub(crate) fn date(time: Time) -> String {
    let since = time.since(Time(0));
    let text = humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + since).to_string();
    text.split('T').next().unwrap_or_default().to_owned()
}

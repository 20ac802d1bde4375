//! A throwaway certificate authority, and TLS servers that its clients trust.
//!
//! An [`Authority`] is generated at start, and its keys exist only in memory. A client that trusts
//! its certificate ([`Authority::pem`]) accepts the server certificates that it signs
//! ([`Authority::acceptor`]). Other clients are not affected.
//!
//! Certificates satisfy the strictest of the usual clients: names are subject alternative names (Go
//! ignores the common name), key identifiers and usages are present (Python 3.13 demands them), and
//! a certificate is valid for less than 398 days (Apple's limit).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, SanType, date_time_ymd,
};
use sha2::{Digest, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::rustls::{self, ServerConfig};

/// Days that a certificate is valid before it is drawn, for clients whose clock is behind.
const DAYS_BEFORE: i64 = 1;

/// Days that a certificate is valid after it is drawn; Apple's clients accept 398 days in all.
const DAYS_AFTER: i64 = 390;

/// Length of a fingerprint; few authorities are ever seen together.
const FINGERPRINT_BYTES: usize = 4;

/// The name in each server certificate, in addition to those that are asked for.
const LOCALHOST: &str = "localhost";

/// The addresses in each server certificate.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// Why a certificate or a TLS server could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate could not be drawn, usually for a name that is not ASCII.
    #[error("a certificate could not be drawn: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The TLS library rejects the settings.
    #[error("TLS could not be set up: {0}")]
    Settings(#[from] rustls::Error),
}

/// A certificate authority that exists until it is dropped. Clones share its keys.
#[derive(Clone)]
pub struct Authority {
    issuer: Arc<Issuer<'static, KeyPair>>,
    /// The key of all servers; a key for each would protect nothing more.
    server_key: Arc<KeyPair>,
    /// The number of certificates signed so far; clients reject two with one serial number.
    signed: Arc<AtomicU64>,
    drawn: Timestamp,
    pem: Arc<str>,
}

impl Authority {
    /// Draws an authority.
    ///
    /// # Errors
    /// [`TlsError`] if the system has no randomness.
    pub fn new() -> Result<Self, TlsError> {
        let drawn = Timestamp::now();
        let key = KeyPair::generate()?;
        // With one name for all, a client that trusts an older authority reports a forged signature
        // instead of an unknown authority.
        let mut params = params(&format!("lostkey throwaway CA {}", fingerprint(&key)), drawn);
        // It signs servers only, not further authorities.
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let pem = params.self_signed(&key)?.pem().into();
        let issuer = Arc::new(Issuer::new(params, key));
        let server_key = Arc::new(KeyPair::generate()?);
        Ok(Self { issuer, server_key, signed: Arc::default(), drawn, pem })
    }

    /// The certificate of the authority, for clients to trust; it holds no secret.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// A TLS server for `names`, `localhost` and the loopback addresses.
    ///
    /// # Errors
    /// [`TlsError`] if a name is not ASCII.
    pub fn acceptor(&self, names: &[&str]) -> Result<TlsAcceptor, TlsError> {
        Ok(Arc::new(self.server_config(names)?).into())
    }

    /// The settings of such a server; a protocol may add its own name to them.
    ///
    /// # Errors
    /// [`TlsError`] if a name is not ASCII.
    pub fn server_config(&self, names: &[&str]) -> Result<ServerConfig, TlsError> {
        let certificate = self.certificate(names)?.der().clone();
        let key = PrivatePkcs8KeyDer::from(self.server_key.serialize_der());
        // The provider is given, since a build with several of them has no default.
        Ok(ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key.into())?)
    }

    fn certificate(&self, names: &[&str]) -> Result<Certificate, TlsError> {
        let mut params = params("lostkey", self.drawn);
        for name in names.iter().chain([&LOCALHOST]) {
            params.subject_alt_names.push(match name.parse() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => SanType::DnsName((*name).try_into()?),
            });
        }
        params.subject_alt_names.extend(LOOPBACK.map(SanType::IpAddress));
        let serial = self.signed.fetch_add(1, Ordering::Relaxed) + 1;
        params.serial_number = Some(serial.into());
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Ok(params.signed_by(&*self.server_key, &self.issuer)?)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").field("drawn", &self.drawn).finish_non_exhaustive()
    }
}

/// The first digits of the hash of a public key, by which people tell keys apart.
fn fingerprint(key: &KeyPair) -> String {
    let hash = Sha256::digest(key.subject_public_key_info());
    hash.iter().take(FINGERPRINT_BYTES).map(|byte| format!("{byte:02x}")).collect()
}

/// What all certificates have in common: a subject, and days around `drawn`.
fn params(subject: &str, drawn: Timestamp) -> CertificateParams {
    let day = |days: i64| {
        let moved = drawn.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(drawn);
        let date = Offset::UTC.to_datetime(moved).date();
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject);
    (params.not_before, params.not_after) = (day(-DAYS_BEFORE), day(DAYS_AFTER));
    params
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io;

    use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    use super::*;

    /// Begins TLS as a client that trusts `authority` alone and asks for these protocols.
    pub(crate) async fn connect_as<S>(
        stream: S,
        authority: &Authority,
        name: &str,
        protocols: &[&str],
    ) -> io::Result<TlsStream<S>>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, stream).await
    }

    /// Whether a client that trusts `trusted` accepts a server of `server` for these names.
    async fn accepts(server: &Authority, names: &[&str], trusted: &Authority, name: &str) -> bool {
        let acceptor = server.acceptor(names).unwrap();
        let (near, far) = tokio::io::duplex(4_096);
        let serve = async {
            if let Ok(mut stream) = acceptor.accept(far).await {
                let _ = stream.write_all(b"hello").await;
                let _ = stream.shutdown().await;
            }
        };
        let ask = async {
            let mut stream = connect_as(near, trusted, name, &[]).await?;
            let mut said = String::new();
            stream.read_to_string(&mut said).await.map(|_| said)
        };
        tokio::join!(serve, ask).1.is_ok_and(|said| said == "hello")
    }

    #[tokio::test]
    async fn who_trusts_the_authority_accepts_its_servers_by_name() {
        let authority = Authority::new().unwrap();
        let names = ["api.twilio.com", "verify.dublin.ie1.twilio.com"];
        for name in ["api.twilio.com", "verify.dublin.ie1.twilio.com", "localhost", "127.0.0.1", "::1"] {
            assert!(accepts(&authority, &names, &authority, name).await, "{name}");
        }
        for name in ["verify.twilio.com", "twilio.com", "127.0.0.2"] {
            assert!(!accepts(&authority, &names, &authority, name).await, "{name}");
        }
    }

    #[tokio::test]
    async fn nobody_else_accepts_them() {
        let (one, other) = (Authority::new().unwrap(), Authority::new().unwrap());
        assert!(!accepts(&one, &[], &other, "localhost").await);
    }

    #[test]
    fn a_name_that_no_certificate_can_have_is_an_error() {
        let authority = Authority::new().unwrap();
        assert!(authority.acceptor(&["bücher.test"]).is_err());
        assert!(authority.acceptor(&["buecher.test"]).is_ok());
    }

    #[test]
    fn no_key_is_printed_or_exported() {
        let authority = Authority::new().unwrap();
        assert!(format!("{authority:?}").len() < 100, "{authority:?}");
        assert_eq!(authority.pem().matches("-----BEGIN ").count(), 1);
        assert!(authority.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }
}

//! Reaches the message centre, encrypted unless the settings say otherwise.

use super::settings::{Protection, Roots, Settings, SetupError};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A line, encrypted or not.
pub(super) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// What is needed to reach the centre.
pub(super) struct Connector {
    host: String,
    port: u16,
    loopback_only: bool,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Connector {
    pub fn new(settings: &Settings) -> Result<Self, SetupError> {
        let tls = match &settings.protection {
            Protection::Tls(roots) => {
                let name = ServerName::try_from(settings.host.clone()).map_err(|_| SetupError::Field("host"))?;
                Some((TlsConnector::from(Arc::new(tls(roots)?)), name))
            }
            Protection::Loopback | Protection::PrivateLine => None,
        };
        let loopback_only = settings.protection == Protection::Loopback;
        Ok(Self { host: settings.host.clone(), port: settings.port, loopback_only, tls })
    }

    pub async fn connect(&self) -> Result<Box<dyn Wire>, Error> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        if self.loopback_only && !stream.peer_addr()?.ip().is_loopback() {
            return Err(ErrorKind::AddrNotAvailable.into());
        }
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }
}

fn tls(roots: &Roots) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|_| SetupError::Tls)?;
    Ok(match roots {
        Roots::Platform => builder.with_platform_verifier().map_err(|_| SetupError::Tls)?.with_no_client_auth(),
        Roots::File(path) => {
            let mut store = RootCertStore::empty();
            for certificate in CertificateDer::pem_file_iter(path).map_err(|_| SetupError::Tls)? {
                store.add(certificate.map_err(|_| SetupError::Tls)?).map_err(|_| SetupError::Tls)?;
            }
            if store.is_empty() {
                return Err(SetupError::Tls);
            }
            builder.with_root_certificates(store).with_no_client_auth()
        }
    })
}

//! The proxy for applications that know only Twilio's address: its authority among the keys, its certificate in the data folder.

use crate::config::{Installation, TwilioProxy};
use jiff::Timestamp;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use wellsent_engine::Clock;
use wellsent_proxy::{Authority, AuthorityError, Limits, Listener, Proxy, Reach, Standing};

/// Why the proxy cannot start.
#[derive(Debug, thiserror::Error)]
pub enum FrontError {
    /// Its authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The certificate for applications.
    #[error("the proxy's certificate cannot be written to {path}: {reason}; applications need it to trust the proxy")]
    Certificate {
        /// Where to.
        path: PathBuf,
        /// Why not.
        reason: std::io::Error,
    },
    /// Its address.
    #[error("the proxy cannot listen at {at}: {reason}; choose another twilio_proxy.listen, or take the section away")]
    Listen {
        /// Where.
        at: SocketAddr,
        /// Why not.
        reason: std::io::Error,
    },
}

/// The proxy, listening and not yet serving.
pub struct Front {
    listener: Listener,
    authority: Authority,
}

impl Front {
    /// Reads the authority from the keys, or makes it the first time, writes the certificate that applications need, and listens.
    ///
    /// # Errors
    /// When the authority is damaged or has ended, the certificate cannot be written, or the address is not free or not allowed.
    pub async fn open(place: &Installation, settings: &TwilioProxy, now: Timestamp) -> Result<Self, FrontError> {
        let path = place.keys.join("twilio-proxy.pem");
        let authority = match Authority::load(&path) {
            Err(AuthorityError::Missing { .. }) => Authority::create(&path, now)?,
            other => other?,
        };
        match authority.standing(now) {
            Standing::Ended => return Err(AuthorityError::Ended.into()),
            Standing::Ending { .. } => tracing::warn!("{}", authority.standing(now)),
            Standing::Good => {}
        }
        let path = place.data.join("twilio-proxy-ca.pem");
        std::fs::write(&path, authority.certificate_pem()).map_err(|reason| FrontError::Certificate { path, reason })?;
        let reach = if settings.other_machines { Reach::OtherMachines } else { Reach::ThisMachine };
        let listening = Listener::bind(settings.listen, reach).await;
        let listener = listening.map_err(|reason| FrontError::Listen { at: settings.listen, reason })?;
        Ok(Self { listener, authority })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.listener.local_addr()
    }

    /// Puts it before a router. `clock` must be the machine's own, as clients check certificates by theirs.
    pub fn proxy(self, clock: Clock, router: axum::Router) -> Proxy {
        let Self { listener, authority } = self;
        Proxy { listener, authority, clock: Arc::new(move || clock.now()), router, limits: Limits::default() }
    }
}

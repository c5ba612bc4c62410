//! Where to connect and how.

use crate::{DbError, Options};
use std::{net::IpAddr, time::Duration};
use tokio_postgres::config::{Config, Host};

/// A checked address with the settings of every session.
#[derive(Clone)]
pub(crate) struct Target {
    pub(super) config: Config,
    /// Run once on each new connection.
    pub(super) settings: String,
    pub(super) connect_timeout: Duration,
}

impl Target {
    /// Reads the URL and refuses an unencrypted line to another machine.
    pub(crate) fn parse(url: &str, options: &Options) -> Result<Self, DbError> {
        let mut config: Config = url.parse().map_err(|_| DbError::Open { reason: "the PostgreSQL URL cannot be read".to_owned() })?;
        if !options.allow_plaintext {
            refuse_plaintext(&config)?;
        }
        config.application_name("wellsent");
        config.connect_timeout(options.connect_timeout);
        config.tcp_user_timeout(options.statement_timeout + Duration::from_secs(5));
        let mut settings = format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET client_min_messages = warning; \
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';",
            options.statement_timeout.as_millis(),
            options.lock_timeout.as_millis(),
            (options.statement_timeout * 2).as_millis(),
        );
        if let Some(schema) = &options.schema {
            settings.push_str(&format!("SET search_path TO \"{}\";", schema.replace('"', "\"\"")));
        }
        Ok(Self { config, settings, connect_timeout: options.connect_timeout })
    }
}

fn refuse_plaintext(config: &Config) -> Result<(), DbError> {
    let addresses = config.get_hostaddrs();
    for (index, host) in config.get_hosts().iter().enumerate() {
        // The numeric address, where given, is what is connected to, whatever the name says.
        let (name, local) = match (addresses.get(index), host) {
            (Some(address), _) => (address.to_string(), address.is_loopback()),
            (None, Host::Tcp(name)) => (name.clone(), name == "localhost" || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())),
            #[cfg(unix)]
            (None, Host::Unix(_)) => continue,
        };
        if !local {
            return Err(DbError::PlaintextRefused { host: name });
        }
    }
    if let Some(address) = addresses.iter().find(|address| !address.is_loopback()) {
        return Err(DbError::PlaintextRefused { host: address.to_string() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str) -> Result<(), DbError> {
        Target::parse(url, &Options::default()).map(drop)
    }

    #[test]
    fn another_machine_is_refused_without_encryption() {
        for url in [
            "postgres://u@db.example.com/x",
            "postgres://u@192.0.2.1/x",
            "postgres://u@localhost,db.example.com/x",
            "host=localhost hostaddr=192.0.2.1 user=u",
            "hostaddr=192.0.2.1 user=u",
        ] {
            assert!(matches!(open(url), Err(DbError::PlaintextRefused { .. })), "{url}");
        }
        let allowed = Options { allow_plaintext: true, ..Options::default() };
        assert!(Target::parse("postgres://u@db.example.com/x", &allowed).is_ok());
    }

    #[test]
    fn this_machine_is_allowed() {
        for url in ["postgres://u@localhost/x", "postgres://u@127.0.0.1:5433/x", "host=::1 user=u", "host=/run/pg user=u"] {
            assert_eq!(open(url), Ok(()), "{url}");
        }
    }
}

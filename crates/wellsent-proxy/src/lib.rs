//! A forward proxy for applications that speak to Twilio and cannot be given another address.
//!
//! Such an application is told by its environment to use this proxy and to trust its certificate authority. The proxy then ends TLS for Twilio's API
//! hosts, and hands each request to a router of the caller. It is a proxy in the eyes of the application only: it has no way on. **It opens no
//! connection, to anywhere**, so it cannot become an open proxy, and nothing that it takes can reach Twilio behind the router's back. This crate's
//! `clippy.toml` rules out every call that would connect.
//!
//! - [`Authority`]: issues the certificates. It is constrained to `twilio.com`, so that its key, if stolen, impersonates nothing else.
//! - [`Listener`]: where the proxy listens; on this machine only, unless told otherwise by a word of its own.
//! - [`Proxy`]: takes `CONNECT` for the hosts of [`HOSTS`], refuses everything else with a plain sentence, keeps [`Limits`].
//!
//! The log names a host of the list, a class of status and a reason. It never names a path, since Twilio's hold phone numbers, nor a host that a
//! client made up.

mod answer;
mod authority;
mod authority_file;
mod certificates;
mod connection;
mod exchange;
mod hosts;
mod limits;
mod listener;
mod proxy;

pub use authority::{AUTHORITY_DAYS, Authority, RENEW_BEFORE_DAYS, Standing};
pub use authority_file::AuthorityError;
pub use exchange::ThroughProxy;
pub use hosts::{HOSTS, Host, Serves};
pub use limits::Limits;
pub use listener::{Listener, Reach};
pub use proxy::{Clock, Proxy};

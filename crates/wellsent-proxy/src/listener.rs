//! Where the proxy listens.

use std::io;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

/// Who may reach a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Programs of this machine.
    ThisMachine,
    /// Whoever reaches the address. From another machine the `CONNECT` line crosses the network in the clear and names a Twilio host; what follows is
    /// inside TLS, and needs an application's credentials.
    OtherMachines,
}

/// An open port. There is no other way to make one, so that a proxy cannot listen more widely than was said.
#[derive(Debug)]
pub struct Listener {
    inner: TcpListener,
    at: SocketAddr,
}

impl Listener {
    /// Listens at `at`; port 0 takes any that is free.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] if `at` is no loopback address and `reach` does not say that other machines may come; whatever the system says
    /// otherwise.
    pub async fn bind(at: SocketAddr, reach: Reach) -> io::Result<Self> {
        // The canonical form shows an IPv4 address that is written as IPv6.
        if reach == Reach::ThisMachine && !at.ip().to_canonical().is_loopback() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!(
                    "{at} can be reached from other machines, and that was not asked for; listen at 127.0.0.1, or say that other machines may connect"
                ),
            ));
        }
        let inner = TcpListener::bind(at).await?;
        let at = inner.local_addr()?;
        Ok(Self { inner, at })
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.at
    }

    pub(crate) async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        self.inner.accept().await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn other_machines_come_in_only_by_a_word_of_its_own() {
        for wide in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
            let refused = Listener::bind(wide.parse().expect("an address"), Reach::ThisMachine).await.expect_err(wide);
            assert_eq!(refused.kind(), io::ErrorKind::InvalidInput, "{wide}");
        }
        let open = Listener::bind("0.0.0.0:0".parse().expect("an address"), Reach::OtherMachines).await.expect("a port");
        assert_ne!(open.local_addr().port(), 0);
    }

    #[tokio::test]
    async fn this_machine_needs_no_word() {
        let open = Listener::bind("127.0.0.1:0".parse().expect("an address"), Reach::ThisMachine).await.expect("a port");
        assert!(open.local_addr().ip().is_loopback());
    }
}

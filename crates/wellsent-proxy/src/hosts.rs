//! Which hosts are Twilio's, as far as this proxy goes.

/// A host for which the proxy ends TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// Its name, in lower case.
    pub name: &'static str,
    /// What is done with its requests.
    pub serves: Serves,
}

/// What is done with a host's requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// They go to the router.
    Api,
    /// They are answered with an error in Twilio's form that ends in this sentence. Ending TLS for them is worth it, because a library shows an answer's
    /// words to its user, and shows only "tunnel failed" for a refused `CONNECT`.
    Nothing(&'static str),
}

/// The closed list. A host stands here because applications that send texts ask it; every other host is refused before TLS begins.
pub const HOSTS: &[Host] = &[
    // Messages, and the checks of an account and its numbers that applications make before they send.
    Host { name: "api.twilio.com", serves: Serves::Api },
    Host { name: "accounts.twilio.com", serves: Serves::Nothing("Credentials of an application are made in the console.") },
    Host { name: "content.twilio.com", serves: Serves::Nothing("Templates are kept in the console; name one instead of a content sid.") },
    Host { name: "conversations.twilio.com", serves: Serves::Nothing("Send single messages instead.") },
    Host { name: "lookups.twilio.com", serves: Serves::Nothing("Numbers are checked when a message is created.") },
    Host { name: "messaging.twilio.com", serves: Serves::Nothing("Senders and their registration are kept in the console.") },
    Host { name: "notify.twilio.com", serves: Serves::Nothing("Send single messages instead.") },
    Host { name: "pricing.twilio.com", serves: Serves::Nothing("Prices are those of your own carrier.") },
    Host { name: "studio.twilio.com", serves: Serves::Nothing("Flows are not run here.") },
    Host { name: "verify.twilio.com", serves: Serves::Nothing("Codes are sent from the console, not through this interface.") },
    Host { name: "voice.twilio.com", serves: Serves::Nothing("Calls are not made here.") },
];

/// What was asked for, if it may not be had. The words go to the client, and the reason to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Not on the list.
    Host,
    /// On the list, and another port than 443.
    Port,
}

impl Refusal {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Host => "host not listed",
            Self::Port => "port is not 443",
        }
    }

    pub(crate) const fn sentence(self) -> &'static str {
        match self {
            Self::Host => {
                "This proxy stands in for Twilio's API and opens no connection to anywhere else. Name other hosts in NO_PROXY, or set the proxy only for \
                 the program that speaks to Twilio."
            }
            Self::Port => "This proxy takes port 443 only.",
        }
    }
}

/// The host that `CONNECT host:port` asks for. Names are taken as they are written, without a look-up: an address, a name with a final dot or with
/// user information before it is none of the list.
pub(crate) fn find(authority: &axum::http::uri::Authority) -> Result<&'static Host, Refusal> {
    // `host()` leaves user information out, so the whole is looked at.
    if authority.as_str().contains('@') {
        return Err(Refusal::Host);
    }
    let found = HOSTS.iter().find(|host| host.name.eq_ignore_ascii_case(authority.host())).ok_or(Refusal::Host)?;
    if authority.port_u16() == Some(443) { Ok(found) } else { Err(Refusal::Port) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Result<&'static str, Refusal> {
        find(&text.parse().expect("an authority")).map(|host| host.name)
    }

    #[test]
    fn a_listed_host_is_found_whatever_its_case() {
        assert_eq!(asked("api.twilio.com:443"), Ok("api.twilio.com"));
        assert_eq!(asked("API.Twilio.COM:443"), Ok("api.twilio.com"));
    }

    #[test]
    fn look_alikes_are_not_found() {
        for other in [
            "twilio.com:443",
            "api.twilio.com.:443",
            "api.twilio.com.example:443",
            "xapi.twilio.com:443",
            "api.dublin.ie1.twilio.com:443",
            "api.twilio.com@example.com:443",
            "example.com@api.twilio.com:443",
            "127.0.0.1:443",
            "[::1]:443",
            "example.com:443",
        ] {
            assert_eq!(asked(other), Err(Refusal::Host), "{other}");
        }
    }

    #[test]
    fn only_port_443_is_taken() {
        for other in ["api.twilio.com:80", "api.twilio.com:4430", "api.twilio.com", "api.twilio.com:"] {
            assert_eq!(asked(other), Err(Refusal::Port), "{other}");
        }
    }

    #[test]
    fn every_host_is_below_the_name_that_the_authority_may_sign() {
        for host in HOSTS {
            assert!(host.name.ends_with(".twilio.com"), "{}", host.name);
            assert_eq!(host.name, host.name.to_ascii_lowercase());
        }
        assert_eq!(HOSTS.iter().filter(|host| host.serves == Serves::Api).count(), 1);
    }
}

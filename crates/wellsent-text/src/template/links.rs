//! Links in texts: only the practice's own hosts, named plainly and encrypted (C-07).

/// Public shorteners; carriers block them whoever uses them.
const SHORTENERS: &[&str] = &[
    "bit.ly",
    "bitly.com",
    "j.mp",
    "tinyurl.com",
    "tiny.cc",
    "tiny.one",
    "t.ly",
    "t.co",
    "rb.gy",
    "rebrand.ly",
    "is.gd",
    "v.gd",
    "cutt.ly",
    "ow.ly",
    "owl.li",
    "lnkd.in",
    "goo.gl",
    "g.co",
    "buff.ly",
    "adf.ly",
    "shorturl.at",
    "short.io",
    "s.id",
    "bl.ink",
    "soo.gd",
    "clck.ru",
    "qr.ae",
    "shorte.st",
    "mcaf.ee",
    "dub.sh",
    "dub.co",
    "tr.im",
    "x.co",
    "twil.io",
    "fb.me",
    "youtu.be",
    "wp.me",
    "amzn.to",
    "rotf.lol",
    "chilp.it",
    "u.to",
    "da.gd",
    "hyperurl.co",
];

/// Endings that telephones turn into links even without `https://`.
const ENDINGS: &[&str] = &[
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "io",
    "co",
    "ly",
    "us",
    "health",
    "healthcare",
    "me",
    "info",
    "app",
    "link",
    "to",
    "gl",
    "gd",
    "gy",
    "cc",
    "tv",
    "ai",
    "dev",
    "xyz",
    "care",
    "clinic",
    "dental",
    "doctor",
    "biz",
    "page",
    "site",
    "online",
    "shop",
    "store",
    "top",
    "club",
    "live",
    "mx",
    "ca",
    "uk",
    "ru",
    "cn",
    "example",
];

/// What is wrong with a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LinkFault {
    Shortener(String),
    Foreign(String),
    Insecure(String),
    IpLiteral,
    Userinfo,
}

/// Whether a text could hold a link at all; spares the full scan on the sending path.
pub(super) fn may_hold_link(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.windows(2).any(|pair| pair[0] == b'.' && (pair[1].is_ascii_alphanumeric() || pair[1] >= 0x80)) || text.contains("://")
}

/// Whether a text holds a link that carriers block whoever sends it (C-07): one of a public shortener, or one with a name before its host.
pub fn holds_blocked_link(text: &str) -> bool {
    text.contains('.') && scan(text, &[]).iter().any(|fault| matches!(fault, LinkFault::Shortener(_) | LinkFault::Userinfo))
}

/// Whether a text holds a link to another host than one of `own_hosts` or below one (C-07).
pub fn holds_foreign_link(text: &str, own_hosts: &[String]) -> bool {
    may_hold_link(text) && !scan(text, own_hosts).is_empty()
}

/// Finds every link in a text and says what is wrong with it. A host is good when it is one of `own_hosts` or below one.
pub(super) fn scan(text: &str, own_hosts: &[String]) -> Vec<LinkFault> {
    let mut faults = Vec::new();
    for word in text.split_whitespace() {
        let word = word
            .trim_start_matches(['(', '[', '<', '"', '\'', '{', ',', ';'])
            .trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '>', '"', '\'', '}'])
            .to_lowercase();
        scan_word(&word, own_hosts, &mut faults);
    }
    faults
}

fn scan_word(word: &str, own_hosts: &[String], faults: &mut Vec<LinkFault>) {
    if word.contains("://") {
        // Every occurrence, since a link may carry another one as the place to go on to.
        for (at, mark) in word.match_indices("://") {
            let before = &word[..at];
            let scheme_start = before.rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |last| last + 1);
            let scheme = before.get(scheme_start..).unwrap_or("");
            full_link(scheme, &word[at + mark.len()..], own_hosts, faults);
        }
        return;
    }
    let end = word.find(['/', '?', '#', '\\']).unwrap_or(word.len());
    let (authority, has_path) = (&word[..end], end < word.len());
    if let Some((_, domain)) = authority.rsplit_once('@') {
        // An e-mail address, unless something follows that only a link can have.
        if has_path {
            faults.push(LinkFault::Userinfo);
        }
        if is_shortener(domain) {
            faults.push(LinkFault::Shortener(domain.to_owned()));
        }
        return;
    }
    let host = strip_port(authority);
    let ending = host.rsplit('.').next().unwrap_or("");
    let labels = host.split('.').count();
    let well_formed = labels >= 2
        && host.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || !c.is_ascii()));
    if !well_formed {
        return;
    }
    if labels == 4 && host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        judge_host(host, own_hosts, faults);
        return;
    }
    let named = ending.chars().count() >= 2 && ending.chars().all(|c| c.is_alphabetic() || c == '-');
    if named && (has_path || host.starts_with("www.") || ENDINGS.contains(&ending) || is_shortener(host)) {
        judge_host(host, own_hosts, faults);
    }
}

/// Judges one link, given its scheme and all that follows `://`.
fn full_link(scheme: &str, rest: &str, own_hosts: &[String], faults: &mut Vec<LinkFault>) {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let mut authority = &rest[..end];
    if let Some((_, after)) = authority.rsplit_once('@') {
        faults.push(LinkFault::Userinfo);
        authority = after;
    }
    let host = strip_port(authority);
    judge_host(host, own_hosts, faults);
    let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    if scheme != "https" && !(scheme == "http" && loopback) {
        faults.push(LinkFault::Insecure(host.to_owned()));
    }
}

fn judge_host(host: &str, own_hosts: &[String], faults: &mut Vec<LinkFault>) {
    let host = host.trim_end_matches('.');
    if is_shortener(host) {
        faults.push(LinkFault::Shortener(host.to_owned()));
        return;
    }
    // A look-alike letter of another script is shown as the practice's own name, so only ASCII can be ours.
    let own = host.is_ascii() && own_hosts.iter().any(|own| is_at_or_below(host, strip_port(own)));
    if own {
        return;
    }
    faults.push(if is_ip_literal(host) { LinkFault::IpLiteral } else { LinkFault::Foreign(host.to_owned()) });
}

fn strip_port(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.find(']').map_or(authority, |end| &authority[..=end]);
    }
    authority.split_once(':').map_or(authority, |(host, _)| host)
}

/// Whether `host` equals `own` or is a name under it, without regard to case.
fn is_at_or_below(host: &str, own: &str) -> bool {
    if own.is_empty() || host.len() < own.len() {
        return false;
    }
    let (head, tail) = host.split_at_checked(host.len() - own.len()).unwrap_or((host, ""));
    tail.eq_ignore_ascii_case(own) && (head.is_empty() || (head.ends_with('.') && !is_ip_literal(own)))
}

fn is_shortener(host: &str) -> bool {
    SHORTENERS.iter().any(|shortener| is_at_or_below(host, shortener))
}

/// Browsers take any host whose last label is a number as an IPv4 address, however it is written.
fn is_ip_literal(host: &str) -> bool {
    if host.starts_with('[') {
        return true;
    }
    let last = host.rsplit('.').next().unwrap_or("");
    let hex = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !last.is_empty() && (hex || last.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<LinkFault> {
        scan(text, &["elmst.example".to_owned()])
    }

    #[test]
    fn own_hosts_and_names_below_them_are_good() {
        for text in [
            "See https://elmst.example/a.",
            "See (https://go.elmst.example/k7Qm2xTz9b), please",
            "https://bit.ly.elmst.example/x",
            "https://GO.ElmSt.Example:8443/x?y#z",
            "elmst.example/visit",
            "write help@elmst.example or call 212-555-0123",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
    }

    #[test]
    fn ordinary_words_are_not_links() {
        for text in [
            "Tue 3/10 2:15 p.m. with Dr. Chen at St. Mary's",
            "9 a.m./2 p.m.",
            "212.555.0123",
            "3.10.2026",
            "today.Reply C",
            "and/or",
            "$40.00",
            "version 1.2.3",
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
    }

    #[test]
    fn shorteners_are_refused_in_every_dress() {
        for text in
            ["bit.ly/abc", "https://bit.ly/abc", "HTTPS://WWW.TinyURL.com/x", "elmst.example@bit.ly", "https://bit.ly./x", "rb.gy/x"]
        {
            assert!(faults(text).iter().any(|fault| matches!(fault, LinkFault::Shortener(_))), "{text}");
        }
    }

    #[test]
    fn hosts_that_only_look_like_ours_are_refused() {
        for text in [
            "https://elmst.example.evil.test/x",
            "https://notelmst.example/x",
            "https://elm\u{455}t.example/x",
            "https://xn--elmt-example.example/x",
            "www.other.example",
            "other.com",
            "https://elmst.example/go?to=https://evil.test/",
            "https://evil.test\\elmst.example/x",
            "elm\u{455}t.example",
        ] {
            assert!(faults(text).iter().any(|fault| matches!(fault, LinkFault::Foreign(_))), "{text}");
        }
    }

    #[test]
    fn bare_addresses_userinfo_and_plain_http_are_refused() {
        for text in ["https://192.0.2.7/x", "https://[2001:db8::1]/x", "https://3221225991/x", "https://0xC0000207/x", "192.0.2.7"] {
            assert_eq!(faults(text), [LinkFault::IpLiteral], "{text}");
        }
        assert!(faults("https://elmst.example@evil.test/x").contains(&LinkFault::Userinfo));
        assert!(faults("elmst.example@evil.test/x").contains(&LinkFault::Userinfo));
        assert_eq!(faults("http://elmst.example/x"), [LinkFault::Insecure("elmst.example".to_owned())]);
        assert_eq!(faults("ftp://elmst.example/x"), [LinkFault::Insecure("elmst.example".to_owned())]);
    }

    #[test]
    fn a_loopback_host_is_good_only_when_it_is_set_as_our_own() {
        let own = ["127.0.0.1:8080".to_owned()];
        assert_eq!(scan("http://127.0.0.1:8080/s/abc", &own), []);
        assert!(!scan("http://127.0.0.1:8080/s/abc", &[]).is_empty());
    }

    #[test]
    fn a_link_that_carriers_block_is_told_from_one_to_the_practices_website() {
        for text in ["Pay: bit.ly/x", "https://tinyurl.com/x.", "https://elmst.example@evil.test/x", "(HTTPS://BIT.LY/x)"] {
            assert!(holds_blocked_link(text), "{text}");
        }
        for text in ["See https://elmst.example/forms.", "Call 1.212.555.0123", "write help@elmst.example", "Dr. Chen", "bit late, sorry"] {
            assert!(!holds_blocked_link(text), "{text}");
        }
        let own = ["elmst.example".to_owned()];
        assert!(holds_foreign_link("Wed, see evil.com", &own) && !holds_foreign_link("Wed 3/10, 2:15 p.m.", &own));
    }

    #[test]
    fn the_quick_look_misses_no_link_that_the_scan_finds() {
        for text in ["bit.ly/x", "https://bit.ly/x", "www.other.example", "192.0.2.7", "elm\u{455}t.example", "https://[::1]/x"] {
            assert!(may_hold_link(text), "{text}");
        }
        assert!(!may_hold_link("Dr. Chen"));
    }
}

//! Where to go after a form: a page of this site and nothing else.

/// The path if it is one of this site; the day's page for anything else.
pub(crate) fn safe(path: &str) -> &str {
    let own = path.starts_with('/') && !path[1..].starts_with(['/', '\\']);
    let plain = path.len() <= 300 && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own && plain { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn only_a_path_of_this_site_is_gone_back_to() {
        assert_eq!(safe("/people/per_1?x=2"), "/people/per_1?x=2");
        for bad in ["", "people", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x", "/\u{e9}", "/a\\b"] {
            assert_eq!(safe(bad), "/", "{bad:?}");
        }
    }
}

//! That the proxy has no way out, by what it is built from.

use std::path::Path;

fn own(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The names below a heading of a manifest.
fn names(manifest: &str, heading: &str) -> Vec<String> {
    let part = manifest.split_once(&format!("[{heading}]\n")).expect(heading).1;
    let part = part.split_once("\n[").map_or(part, |(part, _)| part);
    part.lines().filter_map(|line| line.split_once(['.', ' '])).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn it_is_built_from_nothing_that_is_a_client() {
    let manifest = own("Cargo.toml");
    // Each of these was looked at: none connects by itself. A new one is looked at before it is entered here.
    assert_eq!(
        names(&manifest, "dependencies"),
        [
            "axum",
            "http-body-util",
            "hyper",
            "hyper-util",
            "jiff",
            "rcgen",
            "rustls",
            "serde_json",
            "thiserror",
            "time",
            "tokio",
            "tokio-rustls",
            "tracing",
            "x509-parser",
            "zeroize"
        ]
    );
    for line in own("../../Cargo.toml").lines().filter(|line| line.starts_with("hyper")) {
        assert!(line.contains("features") && !line.contains("client"), "{line}");
    }
}

/// What a program writes that connects, asks for an address or starts another program.
const WAYS_OUT: [&str; 8] =
    ["connect(", "connect_timeout(", "TcpSocket", "UdpSocket", "UnixStream", "lookup_host", "ToSocketAddrs", "Command::"];

fn ways_out(source: &str) -> Vec<&'static str> {
    let program = source.split("#[cfg(test)]").next().unwrap_or_default();
    WAYS_OUT.into_iter().filter(|way| program.contains(way)).collect()
}

#[test]
fn its_source_has_no_way_out() {
    let mut files = 0;
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let source = std::fs::read_to_string(&path).expect("a file");
        assert_eq!(ways_out(&source), [""; 0], "{}", path.display());
        files += 1;
    }
    assert!(files >= 10);
    assert_eq!(ways_out("TcpStream::connect(there)"), ["connect("], "the check must be able to find one");
}

//! Nothing that a log line could print of these types holds a secret (P6).

use wellsent_vault::{CredentialDirectory, Kek, KekSource as _, KeyFile, KeyVariable, Place, PracticeKeys};

/// The forms in which 32 secret bytes could show up in a `Debug` text.
fn traces(secret: &[u8]) -> Vec<String> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let spaced = format!("{secret:?}");
    vec![hex.to_uppercase(), hex, spaced.trim_matches(['[', ']']).to_owned()]
}

fn raw_key_of(file: &std::path::Path) -> (String, Vec<u8>) {
    let text = std::fs::read_to_string(file).unwrap();
    let line = text.lines().last().unwrap().to_owned();
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &line).unwrap();
    (line, bytes)
}

#[test]
fn debug_output_shows_no_key_and_no_sealed_value() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let kek = Kek::generate();
    kek.write_new(&path).unwrap();
    let (base64_text, bytes) = raw_key_of(&path);
    let (keys, wrapped) = PracticeKeys::create(&kek, [1; 16]);
    let place = Place { table: "person", column: "name", row: b"1" };
    let damage = keys.open(place, &[0; 64]).unwrap_err();
    let wrong = PracticeKeys::unwrap(&Kek::generate(), [1; 16], &wrapped).unwrap_err();
    let printed = [
        format!("{kek:?} {kek:#?}"),
        format!("{keys:?} {keys:#?}"),
        format!("{wrapped:?} {wrapped:#?}"),
        format!("{place:?} {damage:?} {damage} {wrong:?} {wrong}"),
        format!("{:?}", KeyFile::new(&path)),
        format!("{:?}", CredentialDirectory::new(folder.path(), "key")),
        format!("{:?}", KeyVariable::new("WELLSENT_KEY")),
        KeyFile::new(&path).describe(),
    ]
    .join("\n");

    let mut secrets = traces(&bytes);
    secrets.push(base64_text);
    secrets.extend(traces(wrapped.as_bytes()));
    for secret in &secrets {
        assert!(!printed.contains(secret.as_str()));
        assert!(!printed.contains(&secret[..12]));
    }
    assert_eq!(format!("{kek:?}"), "Kek(..)");
    assert_eq!(format!("{keys:?}"), "PracticeKeys(..)");
    assert_eq!(format!("{wrapped:?}"), "WrappedDek(..)");
}

#[test]
fn the_search_for_traces_would_find_a_printed_key() {
    let secret = [0xc4_u8; 32];
    let leak = format!("{:?}", secret.to_vec());
    assert!(traces(&secret).iter().any(|trace| leak.contains(trace)));
}

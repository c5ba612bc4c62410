//! `audit`: a ledger that is whole is called so, one that was touched is not.

use crate::place::{Place, path, silent};
use crate::program::wellsent;
use rusqlite::Connection;

/// A place with a ledger that is sequenced and signed.
fn signed() -> (Place, String) {
    let place = Place::with_patients();
    let note = place.run(&["audit", "checkpoint"]).good().out;
    (place, note)
}

#[test]
fn a_checkpoint_is_a_note_that_verify_accepts() {
    let (place, note) = signed();
    assert!(note.starts_with("wellsent-ledger-") && note.contains("\n\n\u{2014} "), "{note}");
    let kept = place.file("checkpoint.txt", &note);
    let alone = place.run(&["audit", "verify"]).good();
    let with = place.run(&["audit", "verify", "--checkpoint", &kept]).good();
    assert!(alone.out.contains("The ledger is whole.") && with.out.contains("The ledger is whole."));
    assert_ne!(alone.out.lines().last(), with.out.lines().last(), "without a kept checkpoint a rollback cannot be seen, and it says so");
    let json = place.run(&["audit", "verify", "--json", "--checkpoint", &kept]).good().json_lines().remove(0);
    assert_eq!((&json["sound"], &json["kept_elsewhere"]), (&true.into(), &json["size"]), "{json}");
    // The public key alone is enough, on a machine without the private one.
    let key = place.run(&["audit", "checkpoint", "--key"]);
    assert_eq!(key.code, 0);
    let hidden = place.folder().join("elsewhere.key");
    std::fs::rename(place.keys().join("ledger.key"), &hidden).unwrap();
    place.run(&["audit", "verify", "--key", key.err.trim()]).good();
    place.run(&["audit", "verify"]).failed(&["ledger key"]);
    place.run(&["audit", "verify", "--key", "nonsense"]).failed(&["key"]);
}

#[test]
fn checkpoints_that_are_none_or_foreign_are_not_accepted() {
    let (place, note) = signed();
    let (_, foreign) = signed();
    let mut flipped = note.clone().into_bytes();
    let digit = note.find('\n').unwrap() + 1;
    flipped[digit] = if flipped[digit] == b'9' { b'8' } else { flipped[digit] + 1 };
    for (name, content) in [("empty", Vec::new()), ("garbage", vec![0xff; 100]), ("foreign", foreign.into_bytes()), ("flipped", flipped)] {
        let kept = place.file(name, content);
        let ran = place.run(&["audit", "verify", "--checkpoint", &kept]);
        assert_eq!(ran.code, 1, "{name}: {ran:?}");
    }
    place.run(&["audit", "verify", "--checkpoint", "/nowhere/note"]).failed(&["/nowhere/note"]);
}

#[test]
fn one_flipped_byte_anywhere_in_the_ledger_is_found() {
    let (place, _) = signed();
    let flips = [
        ("ledger_bundle", "entries", 0),
        ("ledger_bundle", "entries", 7),
        ("ledger_bundle", "entries", -1),
        ("ledger_tile", "hashes", 0),
        ("ledger_tile", "hashes", -1),
        ("ledger_state", "frontier", -1),
    ];
    for (number, (table, column, at)) in flips.into_iter().enumerate() {
        let copy = place.copy_data(&format!("copy-{number}"));
        let db = Connection::open(copy.join("wellsent.db")).unwrap();
        let select = format!("SELECT {column} FROM {table} LIMIT 1");
        let Ok(mut bytes) = db.query_row(&select, [], |row| row.get::<_, Vec<u8>>(0)) else {
            assert_eq!(table, "ledger_tile", "{table} is empty");
            continue;
        };
        let index = if at < 0 { bytes.len() - 1 } else { at as usize };
        bytes[index] ^= 1;
        let only = format!("UPDATE {table} SET {column} = ?1 WHERE {column} = ({select})");
        assert_eq!(db.execute(&only, [bytes]).unwrap(), 1);
        drop(db);
        let ran = wellsent(&["audit", "verify", "--data", path(&copy)]);
        assert_eq!(ran.code, 1, "{table} {at}: {ran:?}");
        assert!(ran.out.contains("FOUND:") && ran.out.contains("NOT whole"), "{table} {at}: {}", ran.out);
        silent(&ran.out);
    }
    place.run(&["audit", "verify"]).good();
}

#[test]
fn a_ruling_or_an_entry_that_was_taken_away_is_found() {
    let (place, _) = signed();
    let copy = place.copy_data("copy");
    let db = Connection::open(copy.join("wellsent.db")).unwrap();
    db.execute("DELETE FROM ledger_bundle", []).unwrap();
    drop(db);
    assert_eq!(wellsent(&["audit", "verify", "--data", path(&copy)]).code, 1);
}

#[test]
fn a_rollback_is_found_by_a_checkpoint_that_was_kept_elsewhere() {
    let (place, _) = signed();
    let old = place.copy_data("old");
    let patients = place.file("more.csv", "patient_id,first_name,last_name,mobile_phone\nP9,Ada,Byron,2125550149\n");
    place.run(&["import", "patients", &patients]).good();
    let newer = place.run(&["audit", "checkpoint"]).good().out;
    let kept = place.file("newer.txt", newer);
    place.run(&["audit", "verify", "--checkpoint", &kept]).good();
    wellsent(&["audit", "verify", "--data", path(&old)]).good();
    let ran = wellsent(&["audit", "verify", "--data", path(&old), "--checkpoint", &kept]);
    assert!(ran.code == 1 && ran.out.contains("FOUND:"), "{ran:?}");
}

#[test]
fn exported_entries_are_json_lines_in_order_without_health_information() {
    let (place, _) = signed();
    let ran = place.run(&["audit", "export"]).good();
    silent(&ran.out);
    let lines = ran.json_lines();
    assert!(lines.len() > 4);
    for (number, line) in lines.iter().enumerate() {
        assert_eq!(line["index"], number, "{line}");
        assert!(line["entry"].is_object(), "{line}");
    }
    let later = place.run(&["audit", "export", "--from", "3"]).good().json_lines();
    assert_eq!(later[..], lines[3..]);
    assert_eq!(place.run(&["audit", "export", "--from", "100000"]).good().out, "");
    place.run(&["audit", "export", "--from", "-1"]).misused(&["Usage"]);
    assert!(place.run(&["audit", "export", "--from", "18446744073709551615"]).code < 2);
}

#[test]
fn while_the_server_runs_the_latest_checkpoint_is_printed() {
    let (place, _) = signed();
    let server = crate::http::Server::start(&place);
    let note = place.run(&["audit", "checkpoint"]).good().out;
    let kept = place.file("checkpoint.txt", note);
    place.run(&["audit", "verify", "--checkpoint", &kept]).good();
    assert_eq!(server.terminate().code, Some(0));
    place.run(&["audit", "verify", "--checkpoint", &kept]).good();
}

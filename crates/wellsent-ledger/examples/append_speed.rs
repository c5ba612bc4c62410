//! Prints how long it takes to append a million entries, and to verify them.

use std::time::Instant;

use wellsent_ledger::{Checkpoint, Claims, Frontier, MemoryTiles, SigningKey, leaf_hash, verify};

const ENTRIES: u32 = 1_000_000;
const ORIGIN: &str = "texts.example.com/ledger";

fn entry(number: u32) -> Vec<u8> {
    let mut entry = vec![0; 150];
    entry[..4].copy_from_slice(&number.to_be_bytes());
    entry
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let leaves: Vec<_> = (0..ENTRIES).map(|n| leaf_hash(&entry(n))).collect();
    println!("hash {ENTRIES} entries: {:?}", start.elapsed());

    let start = Instant::now();
    let mut frontier = Frontier::new();
    let appends = frontier.append_all(leaves);
    println!("append them: {:?}", start.elapsed());

    let mut tiles = MemoryTiles::new();
    tiles.apply(&appends);
    let key = SigningKey::generate(ORIGIN)?;
    let note = Checkpoint { origin: ORIGIN.to_owned(), size: frontier.size(), root: frontier.root() }.sign(&key)?;
    let claims = Claims { origin: ORIGIN, keys: &[key.verifying_key().clone()], current: Some(&note), earlier: &[] };
    let start = Instant::now();
    let report = verify((0..ENTRIES).map(|n| Ok(entry(n))), Some(&mut tiles), &claims);
    println!("verify them: {:?}, sound: {}", start.elapsed(), report.is_sound());
    Ok(())
}

//! Prints how long it takes to seal, open and index a value of 160 bytes.

use std::hint::black_box;
use std::time::Instant;

use wellsent_vault::{Kek, Place, PracticeKeys};

const ROUNDS: u32 = 200_000;

fn main() {
    let (keys, _) = PracticeKeys::create(&Kek::generate(), [1; 16]);
    let place = Place { table: "message", column: "body", row: &[7; 16] };
    let plaintext = [b'x'; 160];
    let sealed = keys.seal(place, &plaintext);
    report("seal", || {
        black_box(keys.seal(place, black_box(&plaintext)));
    });
    report("open", || {
        black_box(keys.open(place, black_box(&sealed)).is_ok());
    });
    report("index", || {
        black_box(keys.index("number", black_box(b"+12125550123")));
    });
}

fn report(what: &str, work: impl Fn()) {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        work();
    }
    println!("{what}: {:?}", start.elapsed() / ROUNDS);
}

//! How long the guard takes.

use super::corpus;
use std::time::{Duration, Instant};
use wellsent_text::guard::{Known, check};

const TEXTS: [&str; 3] =
    ["crates/wellsent-text/tests/phi/dev.txt", "crates/wellsent-text/tests/phi/held_a.txt", "crates/wellsent-text/tests/phi/held_b.txt"];
const ROUNDS: usize = 20;

/// Prints the time of the first check, which opens the lexicon, and of checks after it.
pub fn run(paths: &[&str]) -> Result<(), String> {
    let mut examples = Vec::new();
    for path in if paths.is_empty() { &TEXTS } else { paths } {
        examples.extend(corpus::read(path)?);
    }
    let known = Known::default();
    let begin = Instant::now();
    check("Your visit is at 3", &known);
    let start = begin.elapsed();
    // The fastest of several rounds is the time of the work itself; what else the machine does is left out.
    let mut times: Vec<Duration> = examples
        .iter()
        .map(|example| {
            let once = |_| {
                let begin = Instant::now();
                std::hint::black_box(check(std::hint::black_box(&example.text), &known));
                begin.elapsed()
            };
            (0..ROUNDS).map(once).min().unwrap_or_default()
        })
        .collect();
    times.sort_unstable();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let part = |share: usize| times.get(times.len() * share / 100).copied().map_or(0.0, micros);
    let mean = times.iter().copied().map(micros).sum::<f64>() / times.len().max(1) as f64;
    println!(
        "{} texts, the fastest of {ROUNDS} rounds of each: mean {mean:.1} us, p50 {:.1} us, p99 {:.1} us, longest {:.1} us; the first check {:.1} ms",
        times.len(),
        part(50),
        part(99),
        times.last().copied().map_or(0.0, micros),
        micros(start) / 1000.0
    );
    Ok(())
}

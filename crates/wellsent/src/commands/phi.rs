//! `phi check`: what a stranger would learn from a text (M-01).

use super::{Outcome, Usage};
use clap::Subcommand;
use serde_json::{Value, json};
use std::io::{BufRead, Read, Write};
use std::process::ExitCode;
use std::time::Instant;
use wellsent_text::guard::{Known, Report, check};

/// The longest text, and the longest line of JSON, that is read, in bytes.
const INPUT_MAX: usize = 64 * 1024;

/// What `phi` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Phi,
}

#[derive(Debug, Subcommand)]
enum Phi {
    /// Find health content and identifiers in a text
    #[command(
        after_help = "Examples:\n  wellsent phi check \"Your refill is ready\"\n  wellsent phi check --json < text.txt\n  wellsent phi check --jsonl < texts.jsonl"
    )]
    Check {
        /// The text; "-" or nothing reads standard input
        text: Option<String>,
        /// Print {"id","class","spans","ms"}
        #[arg(long)]
        json: bool,
        /// Read lines {"id","text"} from standard input and print one line for each
        #[arg(long)]
        jsonl: bool,
    },
}

/// Runs `phi`.
pub fn run(args: Args) -> Outcome {
    let Phi::Check { text, json, jsonl } = args.command;
    if jsonl {
        if text.is_some_and(|text| text != "-") {
            return Err(Usage("--jsonl reads standard input and takes no text".to_owned()).into());
        }
        return lines(std::io::stdin().lock(), &mut std::io::stdout().lock());
    }
    let text = match text {
        Some(text) if text != "-" => text,
        _ => {
            let mut bytes = Vec::new();
            std::io::stdin().take(INPUT_MAX as u64 + 1).read_to_end(&mut bytes)?;
            if bytes.len() > INPUT_MAX {
                return Err("the text is longer than 64 KiB; no carrier takes more than 1,600 characters".into());
            }
            let text = String::from_utf8(bytes).map_err(|_| "the text is not UTF-8; convert it first")?;
            text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
        }
    };
    let (report, ms) = timed(&text);
    if json {
        say!("{}", answer(&Value::Null, &report, ms));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{}", report.class.as_str());
    for span in &report.spans {
        let words: String = text.chars().skip(span.start as usize).take((span.end - span.start) as usize).collect();
        let special = span.special.map(|special| format!(", {}", special.as_str())).unwrap_or_default();
        say!("  {words:?}: {} ({}{special})", span.why, span.category.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

fn timed(text: &str) -> (Report, f64) {
    let begin = Instant::now();
    let report = check(text, &Known::default());
    (report, begin.elapsed().as_secs_f64() * 1000.0)
}

fn answer(id: &Value, report: &Report, ms: f64) -> Value {
    let spans: Vec<Value> = report
        .spans
        .iter()
        .map(|span| {
            json!({
                "start": span.start,
                "end": span.end,
                "category": span.category.as_str(),
                "special": span.special.map(|special| special.as_str()),
                "why": span.why,
            })
        })
        .collect();
    json!({ "id": id, "class": report.class.as_str(), "spans": spans, "ms": (ms * 10_000.0).round() / 10_000.0 })
}

/// Answers every line. A line that cannot be read is told by its number, never by what stands in it; the others are answered all the same.
fn lines(mut input: impl BufRead, output: &mut impl Write) -> Outcome {
    // The lexicon is opened before the first measurement.
    timed("");
    let mut broken = 0;
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input.by_ref().take(INPUT_MAX as u64 + 1).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        number += 1;
        let whole = line.last() == Some(&b'\n') || read <= INPUT_MAX;
        if !whole {
            input.skip_until(b'\n')?;
        }
        match if whole { parse(&line) } else { Err("it is longer than 64 KiB") } {
            Ok(None) => {}
            Ok(Some((id, text))) => {
                let (report, ms) = timed(&text);
                writeln!(output, "{}", answer(&id, &report, ms))?;
            }
            Err(reason) => {
                broken += 1;
                eprintln!("wellsent: line {number}: {reason}");
            }
        }
    }
    output.flush()?;
    if broken == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    Err(format!("{broken} of {number} lines could not be read; every line must be like {{\"id\":\"1\",\"text\":\"...\"}}").into())
}

/// The id and the text of a line; nothing for an empty line.
fn parse(line: &[u8]) -> Result<Option<(Value, String)>, &'static str> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let mut value: Value = serde_json::from_slice(line).map_err(|_| "it is not JSON")?;
    let fields = value.as_object_mut().ok_or("it is not a JSON object")?;
    let id = fields.remove("id").ok_or("it has no \"id\"")?;
    if !matches!(id, Value::String(_) | Value::Number(_)) {
        return Err("its \"id\" is neither a string nor a number");
    }
    match fields.remove("text") {
        Some(Value::String(text)) => Ok(Some((id, text))),
        Some(_) => Err("its \"text\" is not a string"),
        None => Err("it has no \"text\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(input: &[u8]) -> (Vec<Value>, Result<(), String>) {
        let mut output = Vec::new();
        let outcome = lines(input, &mut output).map(drop).map_err(|error| error.to_string());
        let text = String::from_utf8(output).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), outcome)
    }

    #[test]
    fn every_line_is_answered_under_its_id() {
        let (answers, outcome) = answered(b"{\"id\":\"a\",\"text\":\"see you at 3\"}\n\n{\"id\":7,\"text\":\"call 212-555-0123\"}");
        assert_eq!(outcome, Ok(()));
        assert_eq!(answers.iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(), [json!("a"), json!(7)]);
        assert_eq!(answers[0]["class"], "none");
        assert!(answers[1]["ms"].is_number());
    }

    #[test]
    fn a_broken_line_stops_nothing_and_is_told_at_the_end() {
        let long = vec![b'x'; INPUT_MAX + 10];
        let input = [b"{\"id\":1,\"text\":\n".as_slice(), &long, b"\n{\"id\":2,\"text\":\"ok\"}\n{\"id\":3}\n"].concat();
        let (answers, outcome) = answered(&input);
        assert_eq!(answers.iter().map(|answer| answer["id"].clone()).collect::<Vec<_>>(), [json!(2)]);
        assert!(outcome.unwrap_err().starts_with("3 of 4 lines"));
    }

    #[test]
    fn what_is_wrong_with_a_line_is_said_without_its_words() {
        for (line, reason) in [
            (b"nope".as_slice(), "it is not JSON"),
            (b"[1]", "it is not a JSON object"),
            (b"{\"text\":\"x\"}", "it has no \"id\""),
            (b"{\"id\":null,\"text\":\"x\"}", "its \"id\" is neither a string nor a number"),
            (b"{\"id\":1,\"text\":2}", "its \"text\" is not a string"),
        ] {
            assert_eq!(parse(line), Err(reason));
        }
    }
}

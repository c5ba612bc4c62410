//! `sms parts`: how many parts a text takes, and why.

use super::Outcome;
use clap::Subcommand;
use std::io::Read;
use std::process::ExitCode;
use wellsent_text::sms::{measure, normalise, ucs2_causes};

/// The longest text that is read from standard input, in bytes.
const INPUT_MAX: u64 = 64 * 1024;

/// What `sms` takes.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Sms,
}

#[derive(Debug, Subcommand)]
enum Sms {
    /// Count the parts of a text, exactly as carriers bill them
    #[command(after_help = "Examples:\n  wellsent sms parts \"Elm St Clinic: see you at 9:30 AM\"\n  wellsent sms parts --json < text.txt")]
    Parts {
        /// The text; "-" or nothing reads standard input
        text: Option<String>,
        /// Print {"encoding","units","parts"}
        #[arg(long)]
        json: bool,
    },
}

/// Runs `sms`.
pub fn run(args: Args) -> Outcome {
    let Sms::Parts { text, json } = args.command;
    let text = match text {
        Some(text) if text != "-" => text,
        _ => {
            let mut bytes = Vec::new();
            std::io::stdin().take(INPUT_MAX + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > INPUT_MAX {
                return Err("the text is longer than 64 KiB; no carrier takes more than 1,600 characters".into());
            }
            let text = String::from_utf8(bytes).map_err(|_| "the text is not UTF-8; convert it first")?;
            text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
        }
    };
    let counted = measure(&text);
    if json {
        say!("{}", serde_json::json!({ "encoding": counted.encoding.as_str(), "units": counted.units, "parts": counted.parts }));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} {}, {} {}", counted.units, counted.encoding.as_str(), counted.parts, if counted.parts == 1 { "part" } else { "parts" });
    for cause in ucs2_causes(&text) {
        match cause.suggestion {
            Some(better) => say!("  character {}: '{}' makes the text UCS-2; '{better}' would not", cause.index + 1, cause.ch),
            None => say!("  character {}: '{}' makes the text UCS-2", cause.index + 1, cause.ch),
        }
    }
    let better = normalise(&text);
    let then = measure(&better);
    if then.parts < counted.parts {
        say!("Wellsent sends look-alike punctuation instead: {} {}, {} part(s)", then.units, then.encoding.as_str(), then.parts);
    }
    Ok(ExitCode::SUCCESS)
}

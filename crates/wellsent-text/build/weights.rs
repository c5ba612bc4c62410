//! The weights: one feature a line, its name and its weights separated by tabs.

use crate::table::{SEED, hash, lay_out};
use crate::{read, write};
use std::path::Path;

/// The models and how many weights a feature has in each.
const MODELS: [(&str, usize); 5] = [("token", 1), ("category", 6), ("special", 5), ("message", 1), ("name", 1)];

pub fn compile(folder: &Path, out: &Path) -> Result<(), String> {
    for (name, width) in MODELS {
        let path = folder.join(format!("weights/{name}.tsv"));
        let text = if path.exists() { read(&path)? } else { String::new() };
        let mut rows = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let feature = fields.next().unwrap_or_default();
            let weights: Result<Vec<f32>, _> = fields.map(|field| if field.is_empty() { Ok(0.0) } else { field.parse() }).collect();
            let weights = weights.map_err(|error| format!("{}: {line:?}: {error}", path.display()))?;
            if weights.len() != width {
                return Err(format!("{}: {line:?} has not {width} weights", path.display()));
            }
            rows.push((hash(SEED, feature.as_bytes()), weights));
        }
        write(out.join(format!("guard_{name}.bin")), &lay_out(&rows, width))?;
    }
    Ok(())
}

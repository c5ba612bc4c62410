//! The key file: text, one header line and one base64 line for each key, the current one first.
//!
//! ```text
//! # Comments and empty lines are allowed.
//! wellsent-key-v1 0123456789abcdef
//! q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=
//! ```

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::kek::{KEY_LEN, Kek, KekEntry, KekId};

const HEADER: &str = "wellsent-key-v1";
/// A key file of a hundred rotations is below this.
const LONGEST_FILE: u64 = 64 * 1024;

/// Why the key-encryption key could not be had, and what to do about it. No variant holds key
/// material.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error(
        "there is no key file at {}; run `wellsent init` to make one, or put the key that this \
         database was made with there", path.display()
    )]
    Missing {
        /// Where the file was looked for.
        path: PathBuf,
    },
    /// Others than its owner may read or change the file (H-39).
    #[error(
        "the key file {} can be read by others (mode {mode:04o}); run `chmod 600 {}`",
        path.display(), path.display()
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// There is a file already.
    #[error(
        "there is a file at {} already and a key is never overwritten; choose another path, or \
         use `wellsent key rotate` to add a key", path.display()
    )]
    AlreadyExists {
        /// The file.
        path: PathBuf,
    },
    /// A line is not what it should be.
    #[error(
        "line {line} of the key file {} is not understood: {expected}; restore the file from your \
         copy of it", path.display()
    )]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What should stand there.
        expected: &'static str,
    },
    /// A key does not belong to the name in its header: one of the two was changed.
    #[error(
        "the key below line {line} of the key file {} is not the key {named}; it was mistyped or \
         changed, restore the file from your copy of it", path.display()
    )]
    WrongKey {
        /// The file.
        path: PathBuf,
        /// The header's line, counted from 1.
        line: usize,
        /// The name in the header.
        named: KekId,
    },
    /// The file holds no key.
    #[error("the key file {} holds no key; restore it from your copy of it", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Replacing the file would lose a key.
    #[error(
        "the key file {} holds the key {lost}, which would be lost; load the file again and rotate \
         from there", path.display()
    )]
    WouldLoseKey {
        /// The file.
        path: PathBuf,
        /// The key that would be lost.
        lost: KekId,
    },
    /// An environment variable or credential that should name or hold the key is not set.
    #[error("{name} is not set; set it, or name a key file in the settings")]
    NotSet {
        /// The variable.
        name: String,
    },
    /// The operating system refused.
    #[error("the key file {} could not be {action}; check the path and who may use it", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was tried: `read`, `written`.
        action: &'static str,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
}

/// Whose reading of the file is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Mode `0600` or stricter.
    OwnerOnly,
    /// The file of a credential manager: it grants our user access by an access list, whose mask
    /// shows as group permission.
    OwnerOrAccessList,
}

impl Access {
    fn forbidden(self) -> u32 {
        match self {
            Access::OwnerOnly => 0o077,
            Access::OwnerOrAccessList => 0o037,
        }
    }
}

pub(crate) fn load(path: &Path, access: Access) -> Result<Kek, KeyFileError> {
    let file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { path: path.to_owned() },
        _ => unusable(path, "read", source),
    })?;
    // The opened file is asked, not the path, so that nobody can exchange it in between.
    check_mode(&file, path, access)?;
    let mut text = Zeroizing::new(String::new());
    file.take(LONGEST_FILE).read_to_string(&mut text).map_err(|source| match source.kind() {
        io::ErrorKind::InvalidData => KeyFileError::Malformed { path: path.to_owned(), line: 1, expected: "a key file is plain text" },
        _ => unusable(path, "read", source),
    })?;
    parse(&text, path)
}

pub(crate) fn write_new(kek: &Kek, path: &Path) -> Result<(), KeyFileError> {
    write_owner_only(kek, path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::AlreadyExists { path: path.to_owned() },
        _ => unusable(path, "written", source),
    })?;
    sync_folder(path).map_err(|source| unusable(path, "written", source))
}

pub(crate) fn replace(kek: &Kek, path: &Path) -> Result<(), KeyFileError> {
    let old = load(path, Access::OwnerOnly)?;
    if let Some(lost) = old.ids().into_iter().find(|id| !kek.holds(*id)) {
        return Err(KeyFileError::WouldLoseKey { path: path.to_owned(), lost });
    }
    overwrite(kek, path)
}

pub(crate) fn retire(path: &Path) -> Result<Kek, KeyFileError> {
    let kept = load(path, Access::OwnerOnly)?.current_only();
    overwrite(&kept, path)?;
    Ok(kept)
}

/// Reads the text of a key file that came from `path`, which is only named in errors.
pub(crate) fn parse(text: &str, path: &Path) -> Result<Kek, KeyFileError> {
    let malformed = |line, expected| KeyFileError::Malformed { path: path.to_owned(), line, expected };
    let mut entries: Vec<KekEntry> = Vec::new();
    let mut header: Option<(usize, KekId)> = None;
    let mut last_line = 0;
    for (number, line) in (1..).zip(text.lines()) {
        last_line = number;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((header_line, named)) = header.take() {
            let entry = decode(line).ok_or_else(|| malformed(number, "here stand 32 bytes in base64"))?;
            if entry.id() != named {
                return Err(KeyFileError::WrongKey { path: path.to_owned(), line: header_line, named });
            }
            if entries.iter().any(|known| known.id() == named) {
                return Err(malformed(header_line, "a key stands in the file once"));
            }
            entries.push(entry);
        } else {
            let named = line
                .strip_prefix(HEADER)
                .and_then(|rest| rest.strip_prefix(' '))
                .and_then(|id| KekId::parse(id.trim()))
                .ok_or_else(|| malformed(number, "here stands `wellsent-key-v1` and a name of 16 hexadecimal digits"))?;
            header = Some((number, named));
        }
    }
    if header.is_some() {
        return Err(malformed(last_line + 1, "here stand 32 bytes in base64"));
    }
    Kek::from_entries(entries).ok_or_else(|| KeyFileError::Empty { path: path.to_owned() })
}

fn decode(line: &str) -> Option<KekEntry> {
    let bytes = Zeroizing::new(STANDARD.decode(line).ok()?);
    let mut key = Zeroizing::new([0; KEY_LEN]);
    if bytes.len() != KEY_LEN {
        return None;
    }
    key.copy_from_slice(&bytes);
    Some(KekEntry::new(key))
}

fn render(kek: &Kek) -> Zeroizing<String> {
    // Sized at once, so that no grown-out copy of the keys stays behind in memory.
    let mut text = Zeroizing::new(String::with_capacity(512 + kek.ids().len() * 128));
    text.push_str(
        "# The key-encryption key of this Wellsent installation. Whoever has it and the database\n\
         # can read everything. Keep a copy of it in a safe place, away from the backups.\n\
         # The first key is current; the others still open what they sealed.\n",
    );
    for entry in kek.entries() {
        text.push_str(HEADER);
        text.push(' ');
        text.push_str(&entry.id().to_string());
        text.push('\n');
        STANDARD.encode_string(entry.bytes(), &mut text);
        text.push('\n');
    }
    text
}

fn write_owner_only(kek: &Kek, path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(render(kek).as_bytes())?;
    file.sync_all()
}

fn overwrite(kek: &Kek, path: &Path) -> Result<(), KeyFileError> {
    // A symbolic link is followed, so that the file is replaced and not the link.
    let real = path.canonicalize().map_err(|source| unusable(path, "written", source))?;
    let mut name = real.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let done = (|| {
        // What is there was left by a crash before the rename and was never in use.
        if beside.exists() {
            std::fs::remove_file(&beside)?;
        }
        write_owner_only(kek, &beside)?;
        keep_owner(&real, &beside)?;
        std::fs::rename(&beside, &real)?;
        sync_folder(&real)
    })();
    done.map_err(|source| unusable(path, "written", source))
}

/// Gives the new file to the owner of the old one: an administrator rotates the key, and the
/// service's user goes on reading it.
fn keep_owner(old: &Path, new: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let (old, made) = (old.metadata()?, new.metadata()?);
        if (old.uid(), old.gid()) != (made.uid(), made.gid()) {
            chown(new, Some(old.uid()), Some(old.gid()))?;
        }
    }
    #[cfg(not(unix))]
    let _ = (old, new);
    Ok(())
}

/// Makes the file's name durable, not only its content.
fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn check_mode(file: &File, path: &Path, access: Access) -> Result<(), KeyFileError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata().map_err(|source| unusable(path, "read", source))?;
        let mode = metadata.permissions().mode() & 0o7777;
        if mode & access.forbidden() != 0 {
            return Err(KeyFileError::TooOpen { path: path.to_owned(), mode });
        }
    }
    #[cfg(not(unix))]
    let _ = (file, path, access);
    Ok(())
}

fn unusable(path: &Path, action: &'static str, source: io::Error) -> KeyFileError {
    KeyFileError::Unusable { path: path.to_owned(), action, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Kek, KeyFileError> {
        parse(text, Path::new("key"))
    }

    #[test]
    fn a_written_file_loads_with_the_same_keys_in_the_same_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let kek = Kek::generate().rotated().rotated();
        kek.write_new(&path).unwrap();
        assert_eq!(Kek::load(&path).unwrap().ids(), kek.ids());
    }

    #[test]
    fn a_missing_file_is_named_and_the_way_out_is_told() {
        let error = Kek::load("/nonexistent/wellsent.key").unwrap_err();
        assert!(matches!(&error, KeyFileError::Missing { .. }));
        assert!(error.to_string().contains("wellsent init"));
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = Kek::generate();
        first.write_new(&path).unwrap();
        let error = Kek::generate().write_new(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::AlreadyExists { .. }));
        assert_eq!(Kek::load(&path).unwrap().ids(), first.ids());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_command_to_run() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        Kek::generate().write_new(&path).unwrap();
        let mode_of = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode_of(&path), 0o600);
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o660, 0o610, 0o601] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = Kek::load(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::TooOpen { mode: found, .. } if found == mode));
            assert!(error.to_string().contains("chmod 600"));
        }
        for mode in [0o600, 0o400] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert!(Kek::load(&path).is_ok());
        }
    }

    #[test]
    fn replacing_keeps_every_key_and_retiring_keeps_the_current_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = Kek::generate();
        first.write_new(&path).unwrap();
        let second = first.rotated();
        // What a crash between writing and renaming leaves behind must not stop the next try.
        std::fs::write(folder.path().join("key.new"), "half a file").unwrap();
        second.replace_file(&path).unwrap();
        assert_eq!(Kek::load(&path).unwrap().ids(), second.ids());

        let stranger = Kek::generate();
        let error = stranger.replace_file(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::WouldLoseKey { lost, .. } if lost == second.current_id()));
        assert_eq!(Kek::load(&path).unwrap().ids(), second.ids());

        let kept = Kek::retire_old_keys(&path).unwrap();
        assert_eq!(kept.ids(), vec![second.current_id()]);
        assert_eq!(Kek::load(&path).unwrap().ids(), kept.ids());
    }

    #[cfg(unix)]
    #[test]
    fn a_rotation_by_an_administrator_leaves_the_file_to_its_owner() {
        use std::os::unix::fs::{MetadataExt as _, chown};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let kek = Kek::generate();
        kek.write_new(&path).unwrap();
        // Only an administrator can give a file away; for others owner and rotator are the same.
        let given_away = chown(&path, Some(4_711), Some(4_712)).is_ok();
        kek.rotated().replace_file(&path).unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o777, 0o600);
        if given_away {
            assert_eq!((metadata.uid(), metadata.gid()), (4_711, 4_712));
        }
    }

    #[test]
    fn comments_empty_lines_and_line_ends_of_windows_are_accepted() {
        let kek = Kek::generate();
        let text = format!("\n# note\n\n{}\n", render(&kek).as_str()).replace('\n', "\r\n");
        assert_eq!(read(&text).unwrap().ids(), kek.ids());
    }

    #[test]
    fn a_malformed_line_is_named_by_its_number() {
        let cases = [
            ("hello\n", 1),
            ("# fine\nwellsent-key-v2 0123456789abcdef\n", 2),
            ("wellsent-key-v1 0123\n", 1),
            ("wellsent-key-v1\n", 1),
            ("wellsent-key-v1 0123456789abcdef\nAAAA\n", 2),
            ("wellsent-key-v1 0123456789abcdef\n\n!!!\n", 3),
            ("wellsent-key-v1 0123456789abcdef\n", 2),
        ];
        for (text, wanted) in cases {
            let error = read(text).unwrap_err();
            assert!(matches!(error, KeyFileError::Malformed { line, .. } if line == wanted), "{text:?} gave {error:?}");
        }
        assert!(matches!(read("# only\n"), Err(KeyFileError::Empty { .. })));
        assert!(matches!(read(""), Err(KeyFileError::Empty { .. })));
    }

    #[test]
    fn a_key_stands_in_the_file_once() {
        let text = render(&Kek::generate());
        let twice = format!("{}{}", text.as_str(), text.as_str());
        assert!(matches!(read(&twice), Err(KeyFileError::Malformed { .. })));
    }

    #[test]
    fn a_mistyped_key_does_not_pass_for_another() {
        let text = render(&Kek::generate());
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let last = lines.last_mut().unwrap();
        let swapped = if last.starts_with('A') { "B" } else { "A" };
        last.replace_range(0..1, swapped);
        let error = read(&lines.join("\n")).unwrap_err();
        assert!(matches!(error, KeyFileError::WrongKey { line: 4, .. }));
    }

    #[test]
    fn errors_do_not_repeat_what_stands_in_the_file() {
        let secret = STANDARD.encode([0xc3; 32]);
        let texts = [format!("{secret}\n"), format!("wellsent-key-v1 0123456789abcdef\n{secret}\n"), format!("wellsent-key-v1 {secret}\n")];
        for text in texts {
            let error = read(&text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(&secret[..16]));
        }
    }
}

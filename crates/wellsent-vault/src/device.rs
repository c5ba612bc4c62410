//! Whether the key lies apart from the data it opens (H-39).

use std::io;
use std::path::{Component, Path, PathBuf};

/// Whether two paths lie on the same mounted file system. A path that does not exist yet counts
/// as its nearest folder that does.
///
/// Different file systems can still share a disk, so `false` is a good sign and no proof; `true`
/// means that the safe harbour of H-39 is not available. On systems other than Unix the answer is
/// `true`, the careful one.
///
/// # Errors
/// When the operating system does not let us look at one of the paths.
pub fn same_device(first: impl AsRef<Path>, second: impl AsRef<Path>) -> io::Result<bool> {
    let first = nearest(first.as_ref())?;
    let second = nearest(second.as_ref())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok(first.existing.metadata()?.dev() == second.existing.metadata()?.dev())
    }
    #[cfg(not(unix))]
    {
        let _ = (first, second);
        Ok(true)
    }
}

/// Whether `path` lies in `folder` or below, symbolic links followed. A key in the data folder
/// goes into every copy of that folder.
///
/// # Errors
/// As [`same_device`].
pub fn is_inside(path: impl AsRef<Path>, folder: impl AsRef<Path>) -> io::Result<bool> {
    let path = nearest(path.as_ref())?;
    let folder = nearest(folder.as_ref())?;
    Ok(path.whole().starts_with(folder.whole()))
}

/// A path split into the part that exists, resolved, and the rest that does not.
struct Nearest {
    existing: PathBuf,
    missing: PathBuf,
}

impl Nearest {
    /// The whole path. What does not exist holds no symbolic links, so `..` takes back the part
    /// before it.
    fn whole(&self) -> PathBuf {
        let mut whole = self.existing.clone();
        for component in self.missing.components() {
            match component {
                Component::ParentDir => {
                    whole.pop();
                }
                other => whole.push(other),
            }
        }
        whole
    }
}

fn nearest(path: &Path) -> io::Result<Nearest> {
    let absolute = std::path::absolute(path)?;
    let mut existing = absolute.as_path();
    loop {
        match existing.canonicalize() {
            Ok(resolved) => {
                let missing = absolute.strip_prefix(existing).unwrap_or(Path::new(""));
                return Ok(Nearest { existing: resolved, missing: missing.to_owned() });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => match existing.parent() {
                Some(parent) => existing = parent,
                None => return Err(error),
            },
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_folder_share_their_device() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key");
        std::fs::write(&key, "k").unwrap();
        assert!(same_device(&key, folder.path().join("data/not/yet/there")).unwrap());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_system_of_its_own_is_another_device() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!same_device(folder.path(), "/proc/self/status").unwrap());
    }

    #[test]
    fn a_key_in_the_data_folder_is_found_there() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        assert!(is_inside(data.join("wellsent.key"), &data).unwrap());
        assert!(is_inside(data.join("a/b/wellsent.key"), &data).unwrap());
        assert!(!is_inside(folder.path().join("wellsent.key"), &data).unwrap());
        assert!(!is_inside(folder.path().join("data-keys/k"), &data).unwrap());
        assert!(!is_inside(data.join("none/../../k"), &data).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_data_folder_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let keys = folder.path().join("keys");
        std::fs::create_dir(&data).unwrap();
        std::fs::create_dir(&keys).unwrap();
        std::fs::write(data.join("key"), "k").unwrap();
        std::os::unix::fs::symlink(data.join("key"), keys.join("key")).unwrap();
        assert!(is_inside(keys.join("key"), &data).unwrap());
    }
}

//! The database file: its lock, its permissions, its copies.

use super::connection::raw;
use crate::{DbError, Options};
use rusqlite::{OpenFlags, config::DbConfig};
use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn failed(what: &str, error: &std::io::Error) -> DbError {
    DbError::Open { reason: format!("{what}: {}", error.kind()) }
}

/// A file that only its owner may read: even sealed data is nobody else's business.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Takes the lock that keeps a second instance out (I18). The system drops it with the process, so a
/// crash leaves nothing to clean up.
pub(crate) fn lock(path: &Path) -> Result<File, DbError> {
    let file = private()
        .create(true)
        .truncate(false)
        .open(beside(path, ".lock"))
        .map_err(|error| failed("the lock file beside the database", &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(DbError::InUse { path: path.to_path_buf() }),
        Err(TryLockError::Error(error)) => Err(failed("locking the database", &error)),
    }
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Creates the file with its permissions before SQLite would with the process's defaults; the log and
/// the shared memory beside it inherit them.
pub(super) fn create_private(path: &Path) -> Result<(), DbError> {
    match private().create_new(true).open(path) {
        Ok(_) => sync_folder(path).map_err(|error| failed("syncing the data folder", &error)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(failed("creating the database file", &error)),
    }
}

/// Writes the log that a former process left once more, byte for byte, and syncs it.
///
/// After a failed sync the system forgets that pages were never written: they read back well and every later
/// sync succeeds, until the power goes. Such pages in the middle of the log would take everything after them
/// along, commits that were acknowledged since included. Written again they are new to the system (P5).
pub(super) fn rewrite_log(path: &Path) -> Result<(), DbError> {
    let log = OpenOptions::new().read(true).write(true).open(beside(path, "-wal"));
    let mut log = match log {
        Ok(log) => log,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("opening the log beside the database", &error)),
    };
    let mut rewrite = || -> std::io::Result<()> {
        let mut piece = vec![0; 1 << 20];
        let mut at = 0;
        loop {
            log.seek(SeekFrom::Start(at))?;
            let size = log.read(&mut piece)?;
            if size == 0 {
                return log.sync_all();
            }
            log.seek(SeekFrom::Start(at))?;
            log.write_all(&piece[..size])?;
            at += size as u64;
        }
    };
    rewrite().map_err(|error| failed("writing the log beside the database again", &error))
}

/// Copies the database as of one moment into a new file and syncs it. It reads beside the writer, so
/// work goes on.
pub(crate) fn snapshot(path: &Path, options: &Options, target: &Path) -> Result<(), DbError> {
    if target.exists() {
        return Err(DbError::Open { reason: "the target of the copy exists already".to_owned() });
    }
    let target_text = target.to_str().ok_or_else(|| DbError::Open { reason: "the target's path is not Unicode".to_owned() })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = raw(path, flags, options)?;
    // The last connection to close would otherwise fold the log into the file that is being copied.
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        .map_err(|error| super::error::translate("snapshot", &error))?;
    create_private(target)?;
    let copied =
        connection.execute("VACUUM INTO ?1", [target_text]).map_err(|error| super::error::translate("snapshot", &error)).and_then(|_| {
            let synced = File::open(target).and_then(|file| file.sync_all()).and_then(|()| sync_folder(target));
            synced.map_err(|error| failed("syncing the copy", &error))
        });
    if copied.is_err() {
        // Half a copy must not be mistaken for a backup.
        let _ = std::fs::remove_file(target);
    }
    copied
}

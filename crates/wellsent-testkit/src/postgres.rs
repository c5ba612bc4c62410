//! A private PostgreSQL server for tests.
//!
//! `WELLSENT_TEST_POSTGRES` names a running server instead (a URL of a superuser), so that one server
//! can serve many test processes. Without PostgreSQL on the machine the tests that need it say so
//! loudly and pass; `WELLSENT_REQUIRE_POSTGRES=1` makes them fail instead.

use std::{
    io::Read,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

/// How the server writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writes {
    /// Every commit is synced, as in production.
    #[default]
    Durable,
    /// Nothing is synced; for tests that do not pull plugs.
    Fast,
}

/// A running server; dropping it stops the server and removes its data.
///
/// The server also ends with the test process, however that ends: a shell holds a pipe from it and
/// stops the server when the pipe closes.
#[derive(Debug)]
pub struct Postgres {
    /// `postgres://user@127.0.0.1:port`, without a database.
    base: String,
    keeper: Option<Child>,
}

/// Waits for the pipe to close, then stops the server and removes the data. `$1` is the server, `$2`
/// the folder, the rest are the server's arguments.
const KEEPER: &str = r#"
server=$1; folder=$2; shift 2
"$server" -D "$folder/data" "$@" </dev/null >>"$folder/server.log" 2>&1 &
pid=$!
cat >/dev/null
kill -INT "$pid" 2>/dev/null
wait "$pid"
cd / && rm -rf "$folder"
"#;

impl Postgres {
    /// The server that all tests of this process share, started at first use without syncs; `None` if
    /// PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SHARED: OnceLock<Option<Postgres>> = OnceLock::new();
        SHARED
            .get_or_init(|| match std::env::var("WELLSENT_TEST_POSTGRES") {
                Ok(url) if !url.is_empty() => Some(Self { base: without_database(&url), keeper: None }),
                _ => Self::start(Writes::Fast),
            })
            .as_ref()
    }

    /// Starts a server of its own; `None` if PostgreSQL is not installed.
    ///
    /// # Panics
    /// If it is installed and does not start, or is missing though `WELLSENT_REQUIRE_POSTGRES=1`.
    pub fn start(writes: Writes) -> Option<Self> {
        let Some(programs) = programs() else {
            let required = std::env::var("WELLSENT_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
            assert!(!required, "PostgreSQL is required for these tests and is not installed");
            eprintln!("*** PostgreSQL is not installed: its half of this test is SKIPPED ***");
            return None;
        };
        // Another process may take the free port before the server does, so try a few.
        let mut last = String::new();
        for _ in 0..5 {
            match Self::try_start(&programs, writes) {
                Ok(server) => return Some(server),
                Err(error) => last = error,
            }
        }
        panic!("PostgreSQL did not start: {last}");
    }

    fn try_start(programs: &Path, writes: Writes) -> Result<Self, String> {
        let text = |error: std::io::Error| error.to_string();
        let owner = owner()?;
        let folder = tempfile::Builder::new().prefix("wellsent-pg-").tempdir().map_err(text)?;
        if let Some((uid, gid)) = owner {
            std::os::unix::fs::chown(folder.path(), Some(uid), Some(gid)).map_err(text)?;
        }
        let data = folder.path().join("data");
        let run_as = |command: &mut Command| {
            if let Some((uid, gid)) = owner {
                command.uid(uid).gid(gid);
            }
            command.current_dir(folder.path()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        };

        let mut initdb = Command::new(programs.join("initdb"));
        run_as(&mut initdb);
        let output = initdb
            .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .map_err(text)?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }

        let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).map_err(text)?.port();
        let mut keeper = Command::new("sh");
        run_as(&mut keeper);
        keeper.args(["-c", KEEPER, "keeper"]).arg(programs.join("postgres")).arg(folder.path());
        let sockets = format!("unix_socket_directories={}", folder.path().display());
        let mut settings = vec![
            format!("port={port}"),
            sockets,
            "listen_addresses=127.0.0.1".to_owned(),
            "max_connections=200".to_owned(),
            "shared_buffers=64MB".to_owned(),
            "max_wal_size=512MB".to_owned(),
        ];
        if writes == Writes::Fast {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
        }
        for setting in settings {
            keeper.args(["-c", &setting]);
        }
        // A group of its own: Ctrl-C in the terminal reaches the tests first and the pipe does the rest.
        let keeper = keeper.stdin(Stdio::piped()).process_group(0).spawn().map_err(text)?;
        let server = Self { base: format!("postgres://postgres@127.0.0.1:{port}"), keeper: Some(keeper) };

        let until = Instant::now() + Duration::from_secs(60);
        let mut last = String::new();
        while Instant::now() < until {
            match server.run("postgres", "SELECT 1") {
                Ok(()) => {
                    // From here the keeper removes the folder.
                    let _ = folder.keep();
                    return Ok(server);
                }
                Err(error) => last = error,
            }
            if log_says_port_taken(folder.path()) {
                return Err("the port was taken".to_owned());
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        Err(last)
    }

    /// Creates an empty database and answers its URL; the role is a superuser.
    ///
    /// # Panics
    /// If the server is gone.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("t_{}", random_hex());
        if let Err(error) = self.run("postgres", &format!("CREATE DATABASE {name}")) {
            panic!("a test database could not be created: {error}");
        }
        self.url(&name)
    }

    /// The URL of a database of this server.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("{}/{database}", self.base)
    }

    /// Runs statements outside a transaction, as the superuser.
    ///
    /// # Errors
    /// What the server or the connection says.
    pub fn run(&self, database: &str, text: &str) -> Result<(), String> {
        let url = self.url(database);
        let text = text.to_owned();
        // A thread of its own, because a test may be inside a runtime already.
        let work = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
            runtime.block_on(async {
                let (client, line) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.map_err(|e| e.to_string())?;
                let line = tokio::spawn(line);
                let outcome = client.batch_execute(&text).await.map_err(|e| format!("{e}: {:?}", e.code()));
                drop(client);
                let _ = line.await;
                outcome
            })
        });
        work.join().unwrap_or_else(|_| Err("the connecting thread panicked".to_owned()))
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

fn log_says_port_taken(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("server.log")).is_ok_and(|log| log.contains("could not create any TCP/IP sockets"))
}

/// The newest installed server's programs.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    found.sort();
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    found
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(on_path)
        .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
}

/// The user and group to run as: PostgreSQL refuses root.
fn owner() -> Result<Option<(u32, u32)>, String> {
    let id = |args: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(args).output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"]) != Some(0) {
        return Ok(None);
    }
    ["postgres", "nobody"]
        .iter()
        .find_map(|user| Some((id(&["-u", user])?, id(&["-g", user])?)))
        .map(Some)
        .ok_or_else(|| "no user but root to run PostgreSQL as".to_owned())
}

/// Drops the path of a URL.
fn without_database(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.split('/').next().unwrap_or(rest)),
        None => url.to_owned(),
    }
}

fn random_hex() -> String {
    let mut bytes = [0_u8; 8];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    if let Err(error) = read {
        panic!("no random numbers: {error}");
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_is_new_and_the_server_ends_with_its_handle() {
        let Some(server) = Postgres::start(Writes::Fast) else {
            return;
        };
        let (one, two) = (server.database(), server.database());
        assert_ne!(one, two);
        let name = one.rsplit('/').next().unwrap_or_default().to_owned();
        assert_eq!(server.run(&name, "CREATE TABLE t (x INT)"), Ok(()));
        let base = server.base.clone();
        drop(server);
        let gone = Postgres { base, keeper: None };
        assert!(gone.run("postgres", "SELECT 1").is_err());
    }

    #[test]
    fn a_given_url_loses_its_database() {
        assert_eq!(without_database("postgres://u:p@h:1/x"), "postgres://u:p@h:1");
        assert_eq!(without_database("postgres://u@h"), "postgres://u@h");
    }
}

//! Power loss: what a disk could hold if the power had failed at any moment of a run.
//!
//! A test runs itself again as a child process under a shim (`power_shim.c`, loaded with `LD_PRELOAD`), which keeps a journal of every write,
//! sync, truncation, creation and removal in one folder, and of the child's acknowledgements among them. From the journal [`Recording::cuts`]
//! builds disks: what was synced is there; of what was not synced nothing, all, or any part survives, down to single sectors of 512 bytes; a
//! new file whose folder was not synced may be gone as a whole. Only Linux, and only a C compiler besides, which building SQLite needs anyway.
//!
//! After a failing sync the kernel forgets that the pages were never written (the pages read back well until the power goes). The model does
//! the same: such writes are lost or kept by chance, and a later sync that succeeds says nothing about them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

const SHIM: &str = include_str!("power_shim.c");
const SECTOR: u64 = 512;
/// The file in the folder to which the child writes its acknowledgements.
const ACKNOWLEDGEMENTS: &str = "acknowledgements";

/// Random numbers that a seed repeats (SplitMix64).
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() % bound.max(1) as u64) as usize
    }

    /// True in one of two cases.
    pub fn coin(&mut self) -> bool {
        self.number() & 1 == 1
    }
}

/// What goes wrong while the child runs.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Which call fails.
    pub call: FailingCall,
    /// On files whose names end so.
    pub suffix: &'static str,
    /// At which such call it begins, from 1.
    pub from: u64,
    /// How often.
    pub count: u64,
}

/// Which call fails, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailingCall {
    /// A sync, with EIO.
    Sync,
    /// A write, with ENOSPC: the disk is full.
    Space,
    /// A write, with EIO.
    Write,
}

/// The child's side.
#[derive(Debug)]
pub struct Child {
    /// The folder whose files are journalled.
    pub folder: PathBuf,
    acknowledgements: Mutex<std::fs::File>,
}

impl Child {
    /// The child that this process is, if it was started as one.
    pub fn of_this_process() -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os("WELLSENT_POWER_FOLDER")?);
        let file = std::fs::OpenOptions::new().create(true).append(true).open(folder.join(ACKNOWLEDGEMENTS)).expect("a file");
        Some(Self { folder, acknowledgements: Mutex::new(file) })
    }

    /// Tells the world something: from here on it may not be lost.
    pub fn acknowledge(&self, line: &str) {
        let mut file = self.acknowledgements.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(format!("{line}\n").as_bytes()).expect("an acknowledgement");
    }
}

#[derive(Debug)]
enum Op {
    Create(usize),
    Write(usize, u64, Vec<u8>),
    Truncate(usize, u64),
    Sync(usize, bool),
    SyncFolder,
    Unlink(usize),
    Acknowledge(String),
}

/// Everything that a child did to its folder, in order.
#[derive(Debug)]
pub struct Recording {
    ops: Vec<Op>,
    names: Vec<String>,
}

/// How much of what was not synced is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Survivors {
    /// Nothing.
    None,
    /// Everything.
    All,
    /// Each write or not.
    Writes,
    /// Each sector of each write or not.
    Sectors,
    /// Writes from some moment on, and none before: a cache that wrote backwards.
    Late,
}

impl Survivors {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::None, Self::All, Self::Writes, Self::Sectors, Self::Late];
}

/// A disk after a power cut.
#[derive(Debug)]
pub struct Disk {
    /// Before which operation the power failed.
    pub at: usize,
    /// What survived.
    pub survivors: Survivors,
    /// The files.
    pub files: BTreeMap<String, Vec<u8>>,
    /// How many of the run's acknowledgements had been given.
    pub acknowledged: usize,
}

impl Disk {
    /// Writes the files into a folder.
    pub fn write_to(&self, folder: &Path) {
        for (name, bytes) in &self.files {
            std::fs::write(folder.join(name), bytes).expect("a file of the disk");
        }
    }
}

/// Runs a test of this very test binary as a child under the shim and reads what it did. The test sees [`Child::of_this_process`].
///
/// # Panics
/// If the child fails, or did something that the journal has no word for.
pub fn record(test: &str, folder: &Path, variables: &[(&str, &str)], fault: Option<Fault>) -> Recording {
    let tools = tempfile::tempdir().expect("a folder");
    let (source, shim, journal) = (tools.path().join("shim.c"), tools.path().join("shim.so"), tools.path().join("journal"));
    std::fs::write(&source, SHIM).expect("the shim's source");
    let compiler = Command::new("cc").args(["-shared", "-fPIC", "-O2", "-o"]).arg(&shim).arg(&source).status();
    assert!(
        compiler.is_ok_and(|status| status.success()),
        "the C compiler `cc`, which building SQLite needs too, did not compile the shim"
    );
    let folder = folder.canonicalize().expect("a folder");
    let mut child = Command::new(std::env::current_exe().expect("this binary"));
    child.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    child.env("LD_PRELOAD", &shim).env("WELLSENT_POWER_JOURNAL", &journal).env("WELLSENT_POWER_FOLDER", &folder);
    child.envs(variables.iter().copied());
    if let Some(Fault { call, suffix, from, count }) = fault {
        let call = match call {
            FailingCall::Sync => "sync",
            FailingCall::Space => "space",
            FailingCall::Write => "write",
        };
        child.env("WELLSENT_POWER_FAULT", format!("{call}:{from}:{count}:{suffix}"));
    }
    let output = child.output().expect("a child");
    let said = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the child failed:\n{}", said());
    assert!(said().contains("1 passed"), "the child ran no test:\n{}", said());
    Recording::read(&std::fs::read(&journal).expect("the journal"))
}

impl Recording {
    fn read(mut journal: &[u8]) -> Self {
        let (mut ops, mut names): (Vec<Op>, Vec<String>) = (Vec::new(), Vec::new());
        let number = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        while let Some((head, rest)) = journal.split_at_checked(19) {
            let (kind, length) = (head[0], usize::from(u16::from_le_bytes([head[1], head[2]])));
            let (a, b) = (number(&head[3..11]), number(&head[11..19]));
            let (name, rest) = rest.split_at(length);
            let name = String::from_utf8(name.to_vec()).expect("a name");
            let (data, rest) = rest.split_at(if kind == b'W' { b as usize } else { 0 });
            journal = rest;
            assert_ne!(kind, b'!', "the child changed a file by `{name}`, which the journal has no word for");
            if name == ACKNOWLEDGEMENTS {
                if kind == b'W' {
                    ops.push(Op::Acknowledge(String::from_utf8_lossy(data).trim_end().to_owned()));
                }
                continue;
            }
            if name.is_empty() {
                assert_eq!(kind, b'S', "only a sync is known of a folder");
                ops.push(Op::SyncFolder);
                continue;
            }
            let file = names.iter().position(|known| *known == name).unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            });
            ops.push(match kind {
                b'C' => Op::Create(file),
                b'W' => Op::Write(file, a, data.to_vec()),
                b'T' => Op::Truncate(file, a),
                b'S' => Op::Sync(file, a == 1),
                b'U' => Op::Unlink(file),
                other => panic!("an unknown record {other}"),
            });
        }
        Self { ops, names }
    }

    /// How many operations there are.
    pub fn len(&self) -> usize {
        self.ops.len()
    }

    /// Whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// How many syncs of files whose names end so.
    pub fn syncs(&self, suffix: &str) -> usize {
        self.ops.iter().filter(|op| matches!(op, Op::Sync(file, _) if self.names[*file].ends_with(suffix))).count()
    }

    /// What the child acknowledged, in order.
    pub fn acknowledgements(&self) -> Vec<&str> {
        self.ops.iter().filter_map(|op| if let Op::Acknowledge(line) = op { Some(line.as_str()) } else { None }).collect()
    }

    /// Moments to cut the power: right before and right after every sync and every acknowledgement, thinned to `most`, and as many again by
    /// chance.
    pub fn moments(&self, most: usize, chance: &mut Chance) -> Vec<usize> {
        let telling = |op: &Op| matches!(op, Op::Sync(..) | Op::SyncFolder | Op::Acknowledge(_));
        let mut all: Vec<usize> = (0..self.ops.len()).filter(|at| telling(&self.ops[*at])).flat_map(|at| [at, at + 1]).collect();
        all.dedup();
        while all.len() > most {
            all.remove(chance.below(all.len()));
        }
        all.extend((0..most).map(|_| chance.below(self.ops.len() + 1)));
        all.push(self.ops.len());
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Cuts the power at these moments, which ascend, and shows for each the disk with nothing that was not synced and two others by chance.
    pub fn cuts(&self, moments: &[usize], chance: &mut Chance, mut see: impl FnMut(&Disk)) {
        let mut folder = Folder::new(self.names.len());
        let mut done = 0;
        for &at in moments {
            for op in &self.ops[done..at] {
                folder.apply(op, chance);
            }
            done = at;
            let (one, other) = (1 + chance.below(4), 1 + chance.below(4));
            for survivors in [Survivors::None, Survivors::ALL[one], Survivors::ALL[other]] {
                let files = folder.after_power_cut(survivors, chance);
                let files = files.into_iter().map(|(file, bytes)| (self.names[file].clone(), bytes)).collect();
                see(&Disk { at, survivors, files, acknowledged: folder.acknowledged });
            }
        }
    }
}

/// The folder as the platters and the cache have it.
struct Folder<'r> {
    files: Vec<File<'r>>,
    acknowledged: usize,
}

#[derive(Clone, Default)]
struct File<'r> {
    platters: Vec<u8>,
    cache: Vec<Change<'r>>,
    /// Whether the folder on the platters has its name.
    named: bool,
    /// Whether the folder in the cache has its name.
    there: bool,
}

#[derive(Clone, Copy)]
enum Change<'r> {
    Write(u64, &'r [u8]),
    Truncate(u64),
}

impl<'r> Folder<'r> {
    fn new(files: usize) -> Self {
        Self { files: vec![File::default(); files], acknowledged: 0 }
    }

    fn apply(&mut self, op: &'r Op, chance: &mut Chance) {
        match op {
            Op::Create(file) => {
                let file = &mut self.files[*file];
                // A name that was removed and is not forgotten yet may lead to the old contents or to none: the harder of the two is kept.
                *file = File { there: true, named: file.named, ..File::default() };
            }
            Op::Write(file, at, data) => self.files[*file].cache.push(Change::Write(*at, data)),
            Op::Truncate(file, size) => self.files[*file].cache.push(Change::Truncate(*size)),
            Op::Sync(file, true) => self.files[*file].write_back(|_| true),
            Op::Sync(file, false) => self.files[*file].write_back(|_| chance.coin()),
            Op::SyncFolder => {
                for file in &mut self.files {
                    file.named = file.there;
                    if !file.there {
                        *file = File::default();
                    }
                }
            }
            Op::Unlink(file) => self.files[*file].there = false,
            Op::Acknowledge(_) => self.acknowledged += 1,
        }
    }

    fn after_power_cut(&self, survivors: Survivors, chance: &mut Chance) -> Vec<(usize, Vec<u8>)> {
        let mut disk = Vec::new();
        for (number, file) in self.files.iter().enumerate() {
            let exists = match survivors {
                Survivors::None => file.named,
                Survivors::All => file.there,
                _ if file.named == file.there => file.there,
                _ => chance.coin(),
            };
            if exists {
                let mut file = file.clone();
                let from = chance.below(file.cache.len() + 1);
                let mut change = 0;
                let mut whole = chance.coin();
                let kept = |begins: bool| {
                    if begins {
                        change += 1;
                        whole = chance.coin();
                    }
                    match survivors {
                        Survivors::None => false,
                        Survivors::All => true,
                        Survivors::Writes => whole,
                        Survivors::Sectors => chance.coin(),
                        Survivors::Late => change > from,
                    }
                };
                file.write_back(kept);
                disk.push((number, file.platters));
            }
        }
        disk
    }
}

impl File<'_> {
    /// Moves the cache to the platters, as far as `kept` says, which is asked for each sector and told where a change begins.
    fn write_back(&mut self, mut kept: impl FnMut(bool) -> bool) {
        for change in std::mem::take(&mut self.cache) {
            match change {
                Change::Truncate(size) => {
                    if kept(true) {
                        self.platters.resize(size as usize, 0);
                    }
                }
                Change::Write(at, data) => {
                    let end = at + data.len() as u64;
                    let mut from = at;
                    while from < end {
                        let to = end.min((from / SECTOR + 1) * SECTOR);
                        if kept(from == at) {
                            if (self.platters.len() as u64) < to {
                                self.platters.resize(to as usize, 0);
                            }
                            self.platters[from as usize..to as usize].copy_from_slice(&data[(from - at) as usize..(to - at) as usize]);
                        }
                        from = to;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u8, name: &str, a: u64, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend(a.to_le_bytes());
        bytes.extend((data.len() as u64).to_le_bytes());
        bytes.extend(name.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn disks(journal: &[Vec<u8>]) -> Vec<(usize, Survivors, Option<Vec<u8>>)> {
        let recording = Recording::read(&journal.concat());
        let moments: Vec<usize> = (0..=recording.len()).collect();
        let mut seen = Vec::new();
        recording.cuts(&moments, &mut Chance::new(1), |disk| seen.push((disk.at, disk.survivors, disk.files.get("f").cloned())));
        seen
    }

    #[test]
    fn what_was_synced_is_always_there_and_what_was_not_only_perhaps() {
        let journal = [
            record(b'C', "f", 0, b""),
            record(b'S', "", 1, b""),
            record(b'W', "f", 0, b"abc"),
            record(b'S', "f", 1, b""),
            record(b'W', "f", 3, b"d"),
        ];
        for (at, survivors, file) in disks(&journal) {
            let file = file.unwrap_or_default();
            match (at, survivors) {
                (4, _) | (5, Survivors::None) => assert_eq!(file, b"abc"),
                (5, Survivors::All) => assert_eq!(file, b"abcd"),
                (5, _) => assert!(file == b"abc" || file == b"abcd"),
                (3, Survivors::None) => assert!(file.is_empty()),
                _ => assert!(file.len() <= 3),
            }
        }
    }

    #[test]
    fn a_new_file_is_only_certain_when_its_folder_is_synced() {
        let journal = [record(b'C', "f", 0, b""), record(b'W', "f", 0, b"a"), record(b'S', "f", 1, b""), record(b'S', "", 1, b"")];
        let disks = disks(&journal);
        let none = |at: usize| disks.iter().find(|disk| disk.0 == at && disk.1 == Survivors::None).and_then(|disk| disk.2.clone());
        assert_eq!(none(3), None);
        assert_eq!(none(4).as_deref(), Some(&b"a"[..]));
    }

    #[test]
    fn a_sync_after_a_failed_one_says_nothing_about_what_came_before() {
        let data = vec![7; 64 * SECTOR as usize];
        let journal = [
            record(b'C', "f", 0, b""),
            record(b'S', "", 1, b""),
            record(b'W', "f", 0, &data),
            record(b'S', "f", 0, b""),
            record(b'S', "f", 1, b""),
        ];
        let disks = disks(&journal);
        let last = disks.last().and_then(|disk| disk.2.clone()).unwrap_or_default();
        assert!(last.contains(&0) && last.contains(&7), "some sectors of the failed sync are lost, some not");
    }
}

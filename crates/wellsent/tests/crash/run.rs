//! A run: start, load, kill, again; then peace, and the check.

use crate::beside::{Beside, Listens};
use crate::check::{Evidence, check};
use crate::child::{Process, Said};
use crate::journal::Journal;
use crate::ledger;
use crate::load::Load;
use crate::phones::Phones;
use crate::role::{Control, PhonesPlan, ServerPlan};
use crate::stage::{self, Ground, Patient};
use crate::verdict::Verdict;
use crate::weather;
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use wellsent_db::Options;

/// Patients that are there from the beginning.
const PATIENTS: usize = 250;

/// Requests in one life of a server: more would only wait, and make the kills matter less.
const REQUESTS_MAX: usize = 120;

/// How long a server may take until it sends something.
const PATIENCE_TO_SEND: Duration = Duration::from_secs(3);

/// How a run is made.
pub struct Course {
    pub beside: Beside,
    pub engine: &'static str,
    /// The database's address, for PostgreSQL.
    pub database: Option<String>,
    pub cycles: u64,
    /// Servers at the same database.
    pub nodes: usize,
    pub control: Control,
    /// How many milliseconds a server lives under load.
    pub life_ms: (u64, u64),
    /// The longest pause of the loader, in milliseconds.
    pub pause_ms: u64,
    /// How long it may take until less is unfinished than before.
    pub patience: Duration,
    pub seed: u64,
}

impl Course {
    pub fn new(engine: &'static str, cycles: u64) -> Self {
        let seed = std::env::var("WELLSENT_CRASH_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_270_301);
        Self {
            beside: Beside::Simulator,
            engine,
            database: None,
            cycles,
            nodes: 1,
            control: Control::None,
            life_ms: (20, 400),
            pause_ms: 15,
            patience: Duration::from_secs(40),
            seed,
        }
    }
}

/// A run that has ended, with its folder and database as they were left.
pub struct Ended {
    pub verdict: Verdict,
    pub ground: Ground,
    /// Checkpoints that were given away while it went on.
    pub checkpoints: Vec<String>,
    _folder: TempDir,
}

struct Run {
    course: Course,
    ground: Ground,
    phones: Phones,
    _network: Process,
    ports: Vec<u16>,
    servers: Vec<Option<Process>>,
    ready: Vec<bool>,
    said: Receiver<Said>,
    say: Sender<Said>,
    load: Load,
    /// Requests in this cycle.
    asked: usize,
}

/// Drives a run to its end and checks it.
pub fn run(course: Course) -> Ended {
    let mut folder = tempfile::Builder::new().prefix("wellsent-crash-").tempdir().expect("a folder");
    folder.disable_cleanup(std::env::var_os("WELLSENT_CRASH_KEEP").is_some());
    let (ground, patients) = stage::furnish(folder.path(), course.beside, course.database.clone(), PATIENTS);
    let mut run = Run::begin(course, ground, patients);
    for cycle in 0..run.course.cycles {
        run.cycle(cycle);
    }
    let under_fire = Journal::read(&run.ground.journal(), run.course.beside).taken.len();
    run.settle();
    let Run { course, ground, load, .. } = run;
    let journal = Journal::read(&ground.journal(), course.beside);
    let opened = ground.open(Options::default());
    let evidence = Evidence {
        beside: course.beside,
        offset_us: ground.offset_us,
        book: &load.book,
        journal: &journal,
        look: &stage::look(&opened),
        store: &opened.store,
        access: ground.access(),
        now: ground.clock().now(),
    };
    let mut verdict =
        Verdict { beside: course.beside.name(), engine: course.engine, cycles: course.cycles, under_fire, ..Verdict::default() };
    check(&evidence, &mut verdict);
    ledger::check(&opened, ground.access().practice, &load.book.checkpoints, &mut verdict);
    opened.store.db().close();
    if std::env::var_os("WELLSENT_CRASH_KEEP").is_some() {
        println!("the folder of this run: {}", ground.folder.display());
    }
    Ended { verdict, ground, checkpoints: load.book.checkpoints, _folder: folder }
}

impl Run {
    fn begin(course: Course, ground: Ground, patients: Vec<Patient>) -> Self {
        let (say, said) = channel();
        let mut behaviour = weather::stormy(course.beside, course.seed);
        if matches!(course.control, Control::RetriesBlindly | Control::RetriesServerErrors) {
            // A receipt that comes before the retry proves that the text has left, and hides what is broken.
            behaviour = weather::without_receipts(course.beside, behaviour);
        }
        let plan = PhonesPlan { ground: ground.clone(), behaviour };
        let network = Process::start("phones", &plan, &ground.folder.join("phones.log"), usize::MAX, say.clone());
        let at: Listens = loop {
            let (_, line) = said.recv_timeout(Duration::from_secs(60)).expect("the phones begin");
            let line = line.expect("the phones run");
            if let Some(at) = line.strip_prefix("ready ") {
                break serde_json::from_str(at).expect("addresses");
            }
        };
        let phones = Phones { beside: course.beside, at };
        let ports: Vec<u16> = (0..course.nodes).map(|_| free_port()).collect();
        phones.register(&ground.sender_to_phones(), &ground.sender, &format!("http://127.0.0.1:{}", ports[0]));
        let load = Load::new(&ground, course.seed, patients);
        let servers = (0..course.nodes).map(|_| None).collect();
        Self { ready: vec![false; course.nodes], course, ground, phones, _network: network, ports, servers, said, say, load, asked: 0 }
    }

    fn start(&mut self, node: usize) {
        let plan = ServerPlan {
            ground: self.ground.clone(),
            port: self.ports[node],
            phones: self.phones.at,
            control: self.course.control,
            // Where two nodes live at once, a lease that is shorter than a stall of this machine would let both route.
            role_lease_ms: if self.course.nodes == 1 { 500 } else { 4_000 },
        };
        self.ready[node] = false;
        let log = self.ground.folder.join(format!("server{node}.log"));
        self.servers[node] = Some(Process::start("server", &plan, &log, node, self.say.clone()));
    }

    /// Takes in what the processes have said until now.
    fn hear(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        while let Ok((node, line)) = self.said.recv_timeout(until.saturating_duration_since(Instant::now())) {
            match line.as_deref() {
                Some("ready") => self.ready[node] = true,
                Some(line) => self.load.heard(line),
                None => {}
            }
        }
    }

    fn wait_ready(&mut self, node: usize) {
        let until = Instant::now() + Duration::from_secs(60);
        while !self.ready[node] {
            assert!(Instant::now() < until, "the server does not begin; its log: {}", self.log(node));
            self.hear(Duration::from_millis(5));
        }
    }

    fn log(&self, node: usize) -> String {
        let text = std::fs::read_to_string(self.ground.folder.join(format!("server{node}.log"))).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(20).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    fn ask(&mut self, line: &str) {
        let up: Vec<usize> = (0..self.servers.len()).filter(|node| self.ready[*node] && self.servers[*node].is_some()).collect();
        if up.is_empty() {
            return;
        }
        let node = *self.load.dice().pick(&up);
        if let Some(server) = &mut self.servers[node] {
            server.ask(line);
        }
    }

    fn cycle(&mut self, cycle: u64) {
        for node in 0..self.servers.len() {
            if self.servers[node].is_none() {
                self.start(node);
            }
        }
        let victim = self.load.dice().below(self.servers.len() as u64) as usize;
        // Now and then it is killed while it begins.
        if self.load.dice().percent(8) {
            let life = self.load.dice().within(0, 250);
            self.phone_texts_sometimes();
            self.hear(Duration::from_millis(life));
        } else {
            self.wait_ready(victim);
            self.asked = 0;
            for line in self.load.again() {
                self.ask(&line);
            }
            if cycle % 2 == 1 {
                let line = self.load.checkpoint();
                self.ask(&line);
            }
            // Mostly it is killed at a random moment of sending, else at a random moment of whatever it does first. A slow machine takes
            // longer until something is sent.
            if self.load.dice().percent(75) {
                let (before, until) = (self.phones.stats().accepted, Instant::now() + PATIENCE_TO_SEND);
                while self.phones.stats().accepted == before && Instant::now() < until {
                    self.load_until(Instant::now() + Duration::from_millis(15));
                }
            }
            let (shortest, longest) = self.course.life_ms;
            let life = Duration::from_millis(self.load.dice().within(shortest, longest));
            self.load_until(Instant::now() + life);
        }
        if let Some(mut server) = self.servers[victim].take() {
            server.kill();
        }
        self.ready[victim] = false;
        self.hear(Duration::ZERO);
        // Phones do not know that the server is gone.
        self.phone_texts_sometimes();
    }

    fn load_until(&mut self, until: Instant) {
        while Instant::now() < until {
            if self.asked < REQUESTS_MAX {
                for line in self.load.some() {
                    self.ask(&line);
                    self.asked += 1;
                }
            }
            self.phone_texts_sometimes();
            let pause = Duration::from_millis(self.load.dice().within(0, self.course.pause_ms));
            self.hear(pause.min(until.saturating_duration_since(Instant::now())));
        }
    }

    fn phone_texts_sometimes(&mut self) {
        if self.load.dice().percent(25) {
            self.load.phone_texts(&self.phones);
        }
    }

    /// The network behaves, a server lives, and everything comes to its end.
    fn settle(&mut self) {
        self.phones.behave(&weather::calm(self.course.beside));
        for node in 0..self.servers.len() {
            if self.servers[node].is_none() {
                self.start(node);
            }
            self.wait_ready(node);
        }
        for line in self.load.again() {
            self.ask(&line);
        }
        // A long run leaves more to do than a short one; what counts is that it becomes less.
        let (mut least, mut until) = (i64::MAX, Instant::now() + self.course.patience);
        while Instant::now() < until {
            let line = self.load.unfinished();
            self.ask(&line);
            self.hear(Duration::from_millis(250));
            let stats = self.phones.stats();
            let Some((unfinished, stored)) = self.load.book.unfinished else { continue };
            // Texts whose callbacks Twilio lost are fetched from its log.
            let missing = if self.course.beside == Beside::Twilio { stats.texts.cast_signed() - stored } else { 0 };
            if unfinished == [0; 5] && missing <= 0 && stats.at_rest() {
                break;
            }
            let left = unfinished.iter().sum::<i64>() + missing;
            if left < least {
                (least, until) = (left, Instant::now() + self.course.patience);
            }
        }
        for server in self.servers.iter_mut().flatten() {
            server.ask("stop");
        }
        for node in 0..self.servers.len() {
            let ended = self.servers[node].as_mut().is_some_and(|server| server.ended(Duration::from_secs(60)));
            assert!(ended, "the server does not end in order; its log: {}", self.log(node));
        }
        self.hear(Duration::ZERO);
    }
}

/// A port that is free now, and outside the range from which the system gives ports away by itself, so that it stays free between two lives
/// of the server.
fn free_port() -> u16 {
    let mut random = [0; 2];
    for _ in 0..200 {
        random.copy_from_slice(&wellsent_vault::random_bytes::<2>());
        let port = 12_000 + u16::from_le_bytes(random) % 18_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

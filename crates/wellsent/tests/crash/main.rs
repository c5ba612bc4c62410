//! The crash test of the whole server: `kill -9` at random moments, under load, until nothing can be hidden.
//!
//! The server and the phones (the simulator's, Twilio's or an SMPP centre's, see [`beside`]) are processes of their own; this program starts itself again for each (see [`role`]). A loader asks
//! the server for texts and visits and keeps what was acknowledged; phones get texts, answer, and text STOP; the network drops lines, answers
//! 500, throttles, and repeats, reorders and loses receipts. Again and again the server is killed. In the end it is left to settle, and a
//! checker that shares no code with the engine compares three witnesses: the phones' own journal, the database, and the ledger. What it
//! counts is explained in [`check`]; each count has a test that breaks the property on purpose and must see it rise.
//!
//! The long form: `WELLSENT_CRASH_CYCLES=1000 cargo test --release -p wellsent --test crash -- --nocapture`. `WELLSENT_CRASH_SEED` repeats the
//! dice of a run (the moments themselves are the machine's), `WELLSENT_CRASH_KEEP=1` keeps its folder.

mod beside;
mod broken;
mod check;
mod child;
mod dice;
mod join;
mod journal;
mod ledger;
mod load;
mod look;
mod phones;
mod role;
mod run;
mod runs;
mod stage;
mod verdict;
mod weather;

/// Not a test of its own: the way in for the server and the phones, which this program starts as processes. Without the variable that asks
/// for a role it returns at once.
#[test]
fn role() {
    role::play();
}

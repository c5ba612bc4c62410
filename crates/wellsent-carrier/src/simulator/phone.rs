//! One phone: its conversation, and what the network remembers of it.

use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::Arc;
use wellsent_domain::Phi;

/// How many lines of a conversation, and how many texts of a phone's log, are kept.
const KEPT_MAX: usize = 200;

/// One line of a phone's conversation.
#[derive(Debug, Clone)]
pub struct ConversationLine {
    /// The text's id.
    pub id: String,
    /// When it arrived or was written, by the clock that phones show.
    pub at: Timestamp,
    /// Whether the phone's owner wrote it.
    pub from_phone: bool,
    /// The sender that it came from or went to.
    pub sender: Arc<str>,
    /// What it says.
    pub body: Phi<Arc<str>>,
    pub(super) seq: Option<u64>,
}

/// A phone, from the first submission to its number on.
#[derive(Default)]
pub(super) struct Phone {
    pub lines: VecDeque<ConversationLine>,
    /// How many texts really arrived.
    pub got: u64,
    /// How many submissions there were, taken or not.
    pub submissions: u64,
    /// The newest texts that were taken for it, oldest first.
    pub recent: VecDeque<u64>,
    pub last_sender: Option<Arc<str>>,
}

impl Phone {
    /// Adds a line to the conversation.
    pub fn add(&mut self, line: ConversationLine) {
        push_bounded(&mut self.lines, line);
    }

    /// A text to this phone was taken.
    pub fn sent(&mut self, seq: u64, sender: &Arc<str>) {
        push_bounded(&mut self.recent, seq);
        self.last_sender = Some(sender.clone());
    }

    /// The network forgets its oldest text, which was to this phone.
    pub fn forget(&mut self, seq: u64) {
        if self.recent.front() == Some(&seq) {
            self.recent.pop_front();
        }
        if self.lines.front().is_some_and(|line| line.seq == Some(seq)) {
            self.lines.pop_front();
        }
    }
}

fn push_bounded<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == KEPT_MAX {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_keeps_its_newest_lines() {
        let mut phone = Phone::default();
        for seq in 0..250 {
            phone.sent(seq, &"snd_test".into());
        }
        assert_eq!(phone.recent.len(), KEPT_MAX);
        assert_eq!(phone.recent.back(), Some(&249));
    }
}

//! Finds the word that a misspelling stands for.

use std::collections::HashMap;

/// Words in groups of equal first letter and length, with a signature of their letters.
pub(super) struct Index {
    groups: Vec<Vec<(u64, &'static str)>>,
    /// The words by the hash of how they sound.
    sounds: HashMap<u64, Vec<&'static str>>,
}

const LENGTHS: usize = 24;

impl Index {
    /// Takes words of lower-case letters, one a line.
    pub(super) fn new(words: &'static str) -> Self {
        let mut groups = vec![Vec::new(); 26 * LENGTHS];
        let mut sounds: HashMap<u64, Vec<&'static str>> = HashMap::new();
        for word in words.lines() {
            if let Some(sound) = sound(word.as_bytes()) {
                sounds.entry(sound).or_default().push(word);
            }
            if let Some(group) = group_of(word.as_bytes(), word.len()) {
                groups[group].push((signature(word.as_bytes()), word));
            }
        }
        Self { groups, sounds }
    }

    /// The nearest word: one edit apart for words of 5 letters and more, two for 10 and more; else one that sounds the same.
    pub(super) fn nearest(&self, word: &str) -> Option<&'static str> {
        let bytes = word.as_bytes();
        if bytes.len() < 5 || !bytes.iter().all(u8::is_ascii_lowercase) {
            return None;
        }
        let allowed = if bytes.len() >= 10 { 2 } else { 1 };
        let mine = signature(bytes);
        let mut best: Option<(usize, &'static str)> = None;
        for length in bytes.len() - allowed..=bytes.len() + allowed {
            let Some(group) = group_of(bytes, length).filter(|_| length >= 6) else { continue };
            for (signature, candidate) in &self.groups[group] {
                if (signature ^ mine).count_ones() as usize > 2 * allowed {
                    continue;
                }
                let distance = distance(bytes, candidate.as_bytes(), allowed);
                if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                    best = Some((distance, candidate));
                }
            }
        }
        best.map(|(_, word)| word).or_else(|| self.same_sound(bytes))
    }

    /// A word of the same consonants that is at most three edits apart.
    fn same_sound(&self, word: &[u8]) -> Option<&'static str> {
        let candidates = self.sounds.get(&sound(word)?)?;
        candidates
            .iter()
            .filter(|candidate| candidate.len().abs_diff(word.len()) <= 2)
            .map(|candidate| (distance(word, candidate.as_bytes(), 3), *candidate))
            .filter(|(distance, _)| *distance <= 3)
            .min()
            .map(|(_, word)| word)
    }
}

/// A hash of the consonants of a word as they sound in English or Spanish; nothing where there are too few to tell words apart.
fn sound(word: &[u8]) -> Option<u64> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let (mut count, mut last) = (0, 0);
    for (at, letter) in word.iter().enumerate() {
        let next = word.get(at + 1).copied().unwrap_or(0);
        let said = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' | b'h' | b'w' if at > 0 => continue,
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y' => b'a',
            b'c' if matches!(next, b'e' | b'i' | b'y') => b's',
            b'c' | b'q' => b'k',
            b'p' if next == b'h' => b'f',
            b'v' => b'b',
            b'z' => b's',
            b'j' => b'g',
            other => *other,
        };
        if said != last {
            hash = (hash ^ u64::from(said)).wrapping_mul(0x0000_0100_0000_01b3);
            count += 1;
        }
        last = said;
    }
    (count >= 4).then_some(hash)
}

impl Index {
    /// The only word that fits where a star stands for one letter, as in `h*rpes`.
    pub(super) fn starred(&self, word: &str) -> Option<&'static str> {
        let bytes = word.as_bytes();
        let group = group_of(bytes, bytes.len()).filter(|_| bytes.len() >= 5)?;
        let fits = |candidate: &str| candidate.bytes().zip(bytes).all(|(letter, wanted)| *wanted == b'*' || *wanted == letter);
        self.groups[group].iter().map(|(_, candidate)| *candidate).find(|candidate| fits(candidate))
    }
}

fn group_of(word: &[u8], length: usize) -> Option<usize> {
    let first = word.first().filter(|byte| byte.is_ascii_lowercase())?;
    (length < LENGTHS).then(|| usize::from(first - b'a') * LENGTHS + length)
}

/// A bit for every letter, and another for a letter that stands there twice.
fn signature(word: &[u8]) -> u64 {
    let mut bits = 0;
    for byte in word.iter().filter(|byte| byte.is_ascii_lowercase()) {
        let bit = 1 << (byte - b'a');
        bits |= if bits & bit == 0 { bit } else { bit << 26 };
    }
    bits
}

/// Insertions, deletions, replacements and swaps of neighbours; more than `most` may be any larger number.
fn distance(a: &[u8], b: &[u8], most: usize) -> usize {
    let mut rows = [[0usize; 32]; 3];
    if a.len() >= 31 || b.len() >= 31 {
        return most + 1;
    }
    for (j, cell) in rows[0].iter_mut().enumerate().take(b.len() + 1) {
        *cell = j;
    }
    for i in 1..=a.len() {
        let (now, before, earlier) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = i;
        let mut least = i;
        for j in 1..=b.len() {
            let mut cost = (rows[before][j] + 1).min(rows[now][j - 1] + 1).min(rows[before][j - 1] + usize::from(a[i - 1] != b[j - 1]));
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                cost = cost.min(rows[earlier][j - 2] + 1);
            }
            rows[now][j] = cost;
            least = least.min(cost);
        }
        if least > most {
            return most + 1;
        }
    }
    rows[a.len() % 3][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_does_not() {
        let index = Index::new("migraine\ncolonoscopy\ndiabetes\nseizure");
        assert_eq!(index.nearest("migrane"), Some("migraine"));
        assert_eq!(index.nearest("colonskapy"), Some("colonoscopy"));
        assert_eq!(index.nearest("diabeteez"), Some("diabetes"));
        assert_eq!(index.nearest("colonoscpoy"), Some("colonoscopy"));
        assert_eq!(index.nearest("siezure"), Some("seizure"));
        assert_eq!(index.nearest("leisure"), None);
    }
}

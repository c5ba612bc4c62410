//! Finds the word that a misspelling stands for.

/// Words in groups of equal first letter and length, with a signature of their letters.
pub(super) struct Index {
    groups: Vec<Vec<(u64, &'static str)>>,
}

const LENGTHS: usize = 24;

impl Index {
    /// Takes words of lower-case letters, one a line.
    pub(super) fn new(words: &'static str) -> Self {
        let mut groups = vec![Vec::new(); 26 * LENGTHS];
        for word in words.lines() {
            if let Some(group) = group_of(word.as_bytes(), word.len()) {
                groups[group].push((signature(word.as_bytes()), word));
            }
        }
        Self { groups }
    }

    /// The nearest word: one edit apart for words of 6 letters and more, two for 10 and more.
    pub(super) fn nearest(&self, word: &str) -> Option<&'static str> {
        let bytes = word.as_bytes();
        if bytes.len() < 6 || !bytes.iter().all(u8::is_ascii_lowercase) {
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
        best.map(|(_, word)| word)
    }
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
        assert_eq!(index.nearest("colonscpy"), None);
        assert_eq!(index.nearest("colonoscpoy"), Some("colonoscopy"));
        assert_eq!(index.nearest("siezure"), Some("seizure"));
        assert_eq!(index.nearest("leisure"), None);
    }
}

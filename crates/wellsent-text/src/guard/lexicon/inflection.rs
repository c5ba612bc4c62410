//! Other forms of a word under which it may stand in the lexicon.

/// Calls `push` with the forms that a word may be an inflection of; not with the word itself.
pub(super) fn bases(word: &str, mut push: impl FnMut(&str)) {
    if word.len() < 4 || !word.is_ascii() || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return;
    }
    let with = |stem: &str, ending: &str, push: &mut dyn FnMut(&str)| push(&[stem, ending].concat());
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() >= 3) {
        with(stem, "y", &mut push);
    }
    if let Some(stem) = word.strip_suffix('s').filter(|stem| !stem.ends_with('s') && !stem.ends_with('u')) {
        push(stem);
        swap_gender(stem, &mut push);
        if let Some(shorter) = stem.strip_suffix('e').filter(|shorter| shorter.len() >= 3) {
            push(shorter);
        }
    }
    for ending in ["ing", "ed", "in", "er", "ers"] {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 3) {
            if ending != "er" && ending != "ers" {
                push(stem);
                with(stem, "e", &mut push);
            }
            let bytes = stem.as_bytes();
            if stem.len() >= 4 && bytes[bytes.len() - 1] == bytes[bytes.len() - 2] && ending != "er" && ending != "ers" {
                push(&stem[..stem.len() - 1]);
            }
        }
    }
    swap_gender(word, &mut push);
    for (ending, base) in [("ito", "o"), ("ita", "a"), ("itos", "o"), ("itas", "a"), ("ando", "ar"), ("iendo", "er"), ("iendo", "ir")] {
        if let Some(stem) = word.strip_suffix(ending).filter(|stem| stem.len() >= 3) {
            with(stem, base, &mut push);
        }
    }
    with(word, "s", &mut push);
}

fn swap_gender(word: &str, push: &mut impl FnMut(&str)) {
    if word.len() < 5 {
        return;
    }
    if let Some(stem) = word.strip_suffix('a') {
        push(&[stem, "o"].concat());
    } else if let Some(stem) = word.strip_suffix('o') {
        push(&[stem, "a"].concat());
    }
}

/// Shortens every run of three or more equal letters to `keep` of them, where there is one.
pub(super) fn shorten_runs(word: &str, keep: usize) -> Option<String> {
    if !word.as_bytes().windows(3).any(|three| three[0] == three[1] && three[1] == three[2]) {
        return None;
    }
    let mut short = String::with_capacity(word.len());
    let (mut last, mut run) = ('\0', 0);
    let long_run = |at: usize, ch: char| word[at..].chars().take_while(|next| *next == ch).count() >= 3;
    let mut in_long = false;
    for (at, ch) in word.char_indices() {
        if ch == last {
            run += 1;
        } else {
            run = 1;
            last = ch;
            in_long = long_run(at, ch);
        }
        if !in_long || run <= keep {
            short.push(ch);
        }
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(word: &str) -> Vec<String> {
        let mut found = Vec::new();
        bases(word, |base| found.push(base.to_owned()));
        found
    }

    #[test]
    fn an_inflected_word_leads_to_its_base() {
        for (word, base) in [
            ("allergies", "allergy"),
            ("rashes", "rash"),
            ("fillings", "filling"),
            ("throwing", "throw"),
            ("vaping", "vape"),
            ("embarazado", "embarazada"),
            ("alergicos", "alergica"),
            ("cramp", "cramps"),
            ("stopped", "stop"),
        ] {
            assert!(all(word).iter().any(|found| found == base), "{word}: {:?}", all(word));
        }
    }

    #[test]
    fn a_stretched_word_is_shortened() {
        assert_eq!(shorten_runs("feeeever", 1).as_deref(), Some("fever"));
        assert_eq!(shorten_runs("pillll", 2).as_deref(), Some("pill"));
        assert_eq!(shorten_runs("pill", 1), None);
    }
}

//! Names reduced to what people type when they look for them.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Lower-case letters and digits without accents; apostrophes vanish, everything else becomes a space between words.
pub fn fold_letters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for ch in text.nfkd().filter(|ch| !is_combining_mark(*ch)) {
        if ch.is_alphanumeric() {
            out.extend(ch.to_lowercase());
        } else if !matches!(ch, '\'' | '\u{2019}') && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_apostrophes_and_hyphens_do_not_stand_in_the_way() {
        assert_eq!(fold_letters("  José O’Neill-Díaz "), "jose oneill diaz");
    }
}

//! The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038).

/// Septets of each ASCII character: 0 where it is in neither table.
const ASCII: [u8; 128] = {
    let mut table = [0; 128];
    let basic = b"@$_ !\"#%&'()*+,-./:;<=>?\n\r";
    let mut i = 0;
    while i < basic.len() {
        table[basic[i] as usize] = 1;
        i += 1;
    }
    let mut alphanumeric = 0;
    while alphanumeric < 128u8 {
        if alphanumeric.is_ascii_alphanumeric() {
            table[alphanumeric as usize] = 1;
        }
        alphanumeric += 1;
    }
    let extension = b"\x0C^{}\\[~]|";
    let mut i = 0;
    while i < extension.len() {
        table[extension[i] as usize] = 2;
        i += 1;
    }
    table
};

/// Septets that a character takes: 1 in the basic table, 2 behind an escape, 0 if GSM-7 does not have it.
pub(super) const fn septets(ch: char) -> usize {
    if ch.is_ascii() {
        return ASCII[ch as usize] as usize;
    }
    match ch {
        '£' | '¥' | 'è' | 'é' | 'ù' | 'ì' | 'ò' | 'Ç' | 'Ø' | 'ø' | 'Å' | 'å' | 'Δ' | 'Φ' | 'Γ' | 'Λ' | 'Ω' | 'Π' | 'Ψ' | 'Σ' | 'Θ'
        | 'Ξ' | 'Æ' | 'æ' | 'ß' | 'É' | '¤' | '¡' | 'Ä' | 'Ö' | 'Ñ' | 'Ü' | '§' | '¿' | 'ä' | 'ö' | 'ñ' | 'ü' | 'à' => 1,
        '€' => 2,
        _ => 0,
    }
}

/// Whether GSM-7 has the character, in either table.
pub(super) const fn contains(ch: char) -> bool {
    septets(ch) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_table_has_127_characters_and_the_extension_ten() {
        let with = |n| (0..=char::MAX as u32).filter_map(char::from_u32).filter(|&ch| septets(ch) == n).count();
        assert_eq!(with(1), 127);
        assert_eq!(with(2), 10);
    }

    #[test]
    fn the_escape_is_a_code_and_not_a_character() {
        assert!(!contains('\u{1B}'));
    }
}

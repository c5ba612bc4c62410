//! Reads a corpus: a line a text, fields parted by tabs, `#` for comments.

/// One line of a corpus.
pub struct Line {
    pub number: usize,
    pub class: String,
    /// The field between class and text, if the corpus has one.
    pub second: String,
    pub text: String,
}

/// The lines of a corpus with `fields` fields before the text. `\n` and `\u{...}` in a text are escapes.
pub fn lines(corpus: &str, fields: usize) -> Vec<Line> {
    corpus
        .split('\n')
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with("# "))
        .map(|(index, line)| {
            let mut parts = line.splitn(fields + 1, '\t');
            let mut next = || parts.next().unwrap_or_else(|| panic!("line {} lacks a field: {line:?}", index + 1)).to_owned();
            let class = next();
            let second = if fields == 2 { next() } else { String::new() };
            Line { number: index + 1, class, second, text: unescape(&next()) }
        })
        .collect()
}

/// Fails with every misread line of the corpus. `misread` tells what was read in place of the right class.
pub fn check(corpus: &str, fields: usize, misread: impl Fn(&Line) -> Option<String>) {
    let lines = lines(corpus, fields);
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|line| {
            misread(line).map(|got| format!("line {}: wanted {} {}, got {got}: {:?}", line.number, line.class, line.second, line.text))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {} lines misread:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('n') {
            plain.push('\n');
            rest = tail;
        } else if let Some((code, tail)) = after.strip_prefix("u{").and_then(|code| code.split_once('}')) {
            let code = u32::from_str_radix(code, 16).expect("an escape holds a hexadecimal number");
            plain.push(char::from_u32(code).expect("an escape names a character"));
            rest = tail;
        } else {
            panic!("unknown escape in {text:?}");
        }
    }
    plain.push_str(rest);
    plain
}

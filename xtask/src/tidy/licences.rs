//! The licences of what is built in. Wellsent is under Apache-2.0, so everything in it must be compatible with that.

use super::Findings;
use crate::metadata::Package;

/// Permissive licences, and MPL-2.0, which binds only the files that are under it.
const ALLOWED: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
];

pub fn check(packages: &[Package], findings: &mut Findings) {
    for package in packages {
        let Package { name, version, licence, .. } = package;
        match licence.as_deref().map(allowed) {
            Some(Ok(true)) => {}
            Some(Ok(false)) => {
                findings.fail(format!("{name} {version} is under {}, which is not allowed here", licence.as_deref().unwrap_or_default()));
            }
            Some(Err(())) => findings.fail(format!("{name} {version} states a licence that is not understood")),
            None => findings.fail(format!("{name} {version} states no licence")),
        }
    }
    findings.note(format!("{} packages whose licences were read", packages.len()));
}

/// Whether an SPDX expression can be met with allowed licences. `/` is an old way to write OR.
fn allowed(expression: &str) -> Result<bool, ()> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    let answer = either(&mut rest)?;
    if rest.is_empty() { Ok(answer) } else { Err(()) }
}

fn either(rest: &mut &[&str]) -> Result<bool, ()> {
    let mut answer = both(rest)?;
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        answer |= both(rest)?;
    }
    Ok(answer)
}

fn both(rest: &mut &[&str]) -> Result<bool, ()> {
    let mut answer = one(rest)?;
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        answer &= one(rest)?;
    }
    Ok(answer)
}

fn one(rest: &mut &[&str]) -> Result<bool, ()> {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let answer = either(rest)?;
            let [")", after @ ..] = *rest else { return Err(()) };
            *rest = after;
            Ok(answer)
        }
        // An exception only adds permissions.
        [name, "WITH", _, after @ ..] => {
            *rest = after;
            Ok(ALLOWED.contains(name))
        }
        ["AND" | "OR" | "WITH" | ")", ..] | [] => Err(()),
        [name, after @ ..] => {
            *rest = after;
            Ok(ALLOWED.contains(name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_needs_one_allowed_licence_and_a_sum_needs_all() {
        assert_eq!(allowed("MIT"), Ok(true));
        assert_eq!(allowed("Unlicense/MIT"), Ok(true));
        assert_eq!(allowed("MIT OR Apache-2.0 OR LGPL-2.1-or-later"), Ok(true));
        assert_eq!(allowed("ISC AND (Apache-2.0 OR ISC)"), Ok(true));
        assert_eq!(allowed("Apache-2.0 WITH LLVM-exception OR MIT"), Ok(true));
        assert_eq!(allowed("GPL-3.0-only"), Ok(false));
        assert_eq!(allowed("MIT AND GPL-2.0-or-later"), Ok(false));
        assert_eq!(allowed("MIT OR GPL-3.0 AND AGPL-3.0"), Ok(true));
    }

    #[test]
    fn nonsense_is_not_understood() {
        for text in ["", "MIT OR", "(MIT", "MIT Apache-2.0", "AND"] {
            assert_eq!(allowed(text), Err(()), "{text}");
        }
    }
}

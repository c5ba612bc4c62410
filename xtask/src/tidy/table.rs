//! Tables in Markdown.

/// The rows of the first table whose header begins with these cells, each cell trimmed.
pub fn rows<'a>(text: &'a str, header: &[&str]) -> Option<Vec<Vec<&'a str>>> {
    let mut lines = text.lines();
    lines.find(|line| cells(line).is_some_and(|cells| cells.starts_with(header)))?;
    // The line of dashes.
    lines.next()?;
    Some(lines.map_while(cells).collect())
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// The words between backticks.
pub fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_with_the_header_is_found_and_ends_where_its_lines_end() {
        let text =
            "| x | y |\n|---|---|\n| 1 | 2 |\n\n| crate | uses |\n|---|---|\n| `a` | `b`, `c` |\n| `b` | nothing |\n\nText\n| no | row |\n";
        let rows = rows(text, &["crate", "uses"]).unwrap();
        assert_eq!(rows, [["`a`", "`b`, `c`"], ["`b`", "nothing"]]);
        assert_eq!(quoted(rows[0][1]).collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(quoted(rows[1][1]).count(), 0);
    }
}

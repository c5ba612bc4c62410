//! Static statements: the only text that reaches an engine.

/// The database engine behind a [`Db`](crate::Db).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The embedded engine, one file.
    Sqlite,
    /// A server, many nodes.
    Postgres,
}

/// One statement with a name, in the words of each engine.
///
/// Placeholders are `$1`, `$2` ... on both engines. The text is `'static`, so no value can become part
/// of it; the name appears in errors and metrics in place of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sql {
    /// The name used in errors, unique within a program by convention (`message.claim`).
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

impl Sql {
    /// A statement that both engines understand.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, sqlite: text, postgres: text }
    }

    /// A statement that has to differ between the engines.
    #[must_use]
    pub const fn pair(name: &'static str, sqlite: &'static str, postgres: &'static str) -> Self {
        Self { name, sqlite, postgres }
    }

    /// Whether the engines get different texts.
    #[must_use]
    pub fn is_pair(&self) -> bool {
        self.sqlite != self.postgres
    }

    /// The text for one engine.
    #[must_use]
    pub const fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }
}

/// Declares the statements of a module as constants and lists them in `ALL`.
///
/// Each constant is a `&'static Sql` whose name is the module path and the constant's own name. The
/// list lets a test prepare every statement on both engines.
///
/// ```ignore
/// statements! {
///     /// Finds one patient.
///     pub FIND = "SELECT id FROM patient WHERE practice = $1 AND id = $2";
///     /// Takes due messages.
///     pub CLAIM = sqlite "SELECT id FROM message WHERE due_at <= $1"
///                 postgres "SELECT id FROM message WHERE due_at <= $1 FOR UPDATE SKIP LOCKED";
/// }
/// ```
#[macro_export]
macro_rules! statements {
    (@all [$($done:ident)*]) => {
        /// Every statement of this module.
        #[allow(dead_code, reason = "the list is for the test that prepares every statement")]
        pub const ALL: &[&$crate::Sql] = &[$($done),*];
    };
    (@all [$($done:ident)*] $(#[$meta:meta])* $vis:vis $name:ident = sqlite $lite:literal postgres $pg:literal; $($rest:tt)*) => {
        $(#[$meta])*
        $vis const $name: &$crate::Sql =
            &$crate::Sql::pair(concat!(module_path!(), "::", stringify!($name)), $lite, $pg);
        $crate::statements!(@all [$($done)* $name] $($rest)*);
    };
    (@all [$($done:ident)*] $(#[$meta:meta])* $vis:vis $name:ident = $text:literal; $($rest:tt)*) => {
        $(#[$meta])*
        $vis const $name: &$crate::Sql =
            &$crate::Sql::new(concat!(module_path!(), "::", stringify!($name)), $text);
        $crate::statements!(@all [$($done)* $name] $($rest)*);
    };
    ($($rest:tt)*) => {
        $crate::statements!(@all [] $($rest)*);
    };
}

/// Rewrites `$1` placeholders to SQLite's `?1`, which SQLite numbers by their digits.
///
/// SQLite reads `$2` as a *name* and numbers names by first appearance, so `VALUES ($2, $1)` would
/// swap the values. Quoted text is left alone.
pub(crate) fn numbered(text: &str) -> String {
    respelt(text).0
}

/// The highest placeholder: how many parameters the statement takes.
pub(crate) fn placeholders(text: &str) -> usize {
    respelt(text).1
}

fn respelt(text: &str) -> (String, usize) {
    let mut out = String::with_capacity(text.len());
    let mut highest = 0;
    let mut quote: Option<char> = None;
    let mut chars = text.chars().peekable();
    while let Some(ch) = chars.next() {
        match quote {
            Some(q) if ch == q => quote = None,
            Some(_) => {}
            None if ch == '\'' || ch == '"' => quote = Some(ch),
            None if ch == '$' && chars.peek().is_some_and(char::is_ascii_digit) => {
                out.push('?');
                let mut number = 0_usize;
                while let Some(digit) = chars.next_if(char::is_ascii_digit) {
                    out.push(digit);
                    number = number.saturating_mul(10).saturating_add(digit.to_digit(10).unwrap_or(0) as usize);
                }
                highest = highest.max(number);
                continue;
            }
            None => {}
        }
        out.push(ch);
    }
    (out, highest)
}

#[cfg(test)]
mod tests {
    use super::*;

    statements! {
        /// Both engines.
        pub ONE = "SELECT 1";
        /// A pair.
        pub TWO = sqlite "SELECT 2" postgres "SELECT 2::BIGINT";
    }

    #[test]
    fn the_list_holds_every_statement_in_order() {
        assert_eq!(ALL.len(), 2);
        assert!(ALL[0].name.ends_with("::ONE"));
        assert!(!ONE.is_pair());
        assert!(TWO.is_pair());
        assert_eq!(TWO.text(Engine::Postgres), "SELECT 2::BIGINT");
    }

    #[test]
    fn the_highest_placeholder_counts() {
        assert_eq!(placeholders("SELECT $2, '$9', $1, $12"), 12);
        assert_eq!(placeholders("SELECT 1"), 0);
    }

    #[test]
    fn placeholders_are_numbered_by_their_digits_and_quoted_text_is_left_alone() {
        assert_eq!(
            numbered("INSERT INTO t VALUES ($2, $1, '$1 it''s $2', \"$3\", $10)"),
            "INSERT INTO t VALUES (?2, ?1, '$1 it''s $2', \"$3\", ?10)"
        );
    }
}

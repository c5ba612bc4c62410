//! Values that cross the seam towards the engine.

/// A parameter of a statement. NULL keeps its type, which PostgreSQL needs to choose operators.
///
/// `Int` is BIGINT, `Text` is TEXT, `Blob` is BYTEA or BLOB, `Bool` is BOOLEAN or an INTEGER 0/1.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A 64-bit integer.
    Int(Option<i64>),
    /// A truth value; SQLite stores 0 or 1.
    Bool(Option<bool>),
    /// Unicode text.
    Text(Option<String>),
    /// Bytes.
    Blob(Option<Vec<u8>>),
}

/// Shows the kind only: a value may be a patient's data.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Int(_) => "Int(..)",
            Self::Bool(_) => "Bool(..)",
            Self::Text(_) => "Text(..)",
            Self::Blob(_) => "Blob(..)",
        })
    }
}

macro_rules! from {
    ($($type:ty => $variant:ident, $convert:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self {
                let convert: fn($type) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )*};
}

from! {
    i64 => Int, |v| v;
    i32 => Int, i64::from;
    u32 => Int, i64::from;
    u16 => Int, i64::from;
    u8 => Int, i64::from;
    bool => Bool, |v| v;
    &str => Text, str::to_owned;
    String => Text, |v| v;
    &String => Text, String::clone;
    Vec<u8> => Blob, |v| v;
    &Vec<u8> => Blob, Vec::clone;
    &[u8] => Blob, <[u8]>::to_vec;
    [u8; 16] => Blob, |v| v.to_vec();
    &[u8; 16] => Blob, |v| v.to_vec();
    [u8; 32] => Blob, |v| v.to_vec();
    &[u8; 32] => Blob, |v| v.to_vec();
}

/// Makes an array of [`Value`](crate::Value)s from anything that converts into one: `args![id, 3_i64, None::<String>]`.
#[macro_export]
macro_rules! args {
    () => { [] as [$crate::Value; 0] };
    ($($value:expr),+ $(,)?) => { [$($crate::Value::from($value)),+] };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_keeps_the_type_it_would_have_had() {
        assert_eq!(
            args![None::<i64>, None::<bool>, None::<String>, None::<[u8; 16]>],
            [Value::Int(None), Value::Bool(None), Value::Text(None), Value::Blob(None)]
        );
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", args!["+12125550123", [7_u8; 16], 42_i64, true]);
        assert_eq!(shown, "[Text(..), Blob(..), Int(..), Bool(..)]");
    }
}

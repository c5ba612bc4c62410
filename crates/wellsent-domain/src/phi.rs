//! Protected health information in a wrapper that does not print (H-01, P6).

use std::fmt;

/// A value about a patient. It has no `Display` and no serialisation; `Debug` shows neither content nor length.
///
/// Reading it is an explicit word in the code: [`Phi::expose`].
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Wraps a value about a patient.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. The caller takes care that it reaches a screen, a carrier or a sealed column, and nothing else.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, consuming the wrapper.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Applies a function to the value and keeps the result wrapped.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Phi<U> {
        Phi(f(self.0))
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phi(..)")
    }
}

impl<T> From<T> for Phi<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        assert_eq!(format!("{:?}", Phi::new("Ana Ruiz")), "Phi(..)");
        assert_eq!(format!("{:?}", Some(Phi::new(5))), "Some(Phi(..))");
    }
}

//! A signature drawn on the screen.

/// A signature as lines, in a field 600 wide and 200 high: `M12 40L13 44L15 50M90 20L91 22`.
///
/// It comes from a browser, so only this form is taken: it becomes part of a page and is kept as evidence.
#[derive(Clone, PartialEq, Eq)]
pub struct Drawing(String);

impl Drawing {
    /// Width of the field.
    pub const WIDTH: u32 = 600;
    /// Height of the field.
    pub const HEIGHT: u32 = 200;
    /// The longest one, in bytes. `assets/sign.js` stops before it.
    pub const BYTES_MAX: usize = 12_000;
    /// The fewest points; less is a slip of the finger.
    const POINTS_MIN: usize = 8;

    /// Reads what the screen sent: `M` and `L`, each with two whole numbers inside the field, beginning with `M`.
    pub fn parse(path: &str) -> Option<Self> {
        let path = path.trim();
        if path.len() > Self::BYTES_MAX || !path.starts_with('M') {
            return None;
        }
        let mut points = 0;
        for point in path.split_inclusive(['M', 'L']).map(|piece| piece.trim_end_matches(['M', 'L'])).skip(1) {
            let (x, y) = point.split_once(' ')?;
            (Self::number(x)? <= Self::WIDTH && Self::number(y)? <= Self::HEIGHT).then_some(())?;
            points += 1;
        }
        (points >= Self::POINTS_MIN).then(|| Self(path.to_owned()))
    }

    fn number(digits: &str) -> Option<u32> {
        let plain = matches!(digits.len(), 1..=3) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain { digits.parse().ok() } else { None }
    }

    /// The path.
    pub fn path(&self) -> &str {
        &self.0
    }

    /// A picture of it that stands alone, to keep as evidence.
    pub fn to_svg(&self) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\"><path d=\"{}\" fill=\"none\" stroke=\"#000\" stroke-width=\"3\" \
             stroke-linecap=\"round\" stroke-linejoin=\"round\"/></svg>",
            Self::WIDTH,
            Self::HEIGHT,
            self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L600 200";

    #[test]
    fn lines_inside_the_field_are_a_signature() {
        let drawing = Drawing::parse(GOOD).expect("a signature");
        assert_eq!(drawing.path(), GOOD);
        assert!(drawing.to_svg().contains(GOOD));
    }

    #[test]
    fn anything_else_is_not() {
        let cases = [
            "",
            "M10 20",
            "L10 20L11 22L14 30L20 44L9 9L8 8L7 7L6 6L5 5",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L601 20",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L60 201",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L60 -1",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L6e1 20",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L+60 20",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L60 20\"/><script>",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31L60 20Z",
            "M10 20L11 22L14 30L20 44M90 20L91 22L95 31ML60 20",
        ];
        for case in cases {
            assert!(Drawing::parse(case).is_none(), "{case}");
        }
        assert!(Drawing::parse(&format!("M1 1{}", "L100 100".repeat(Drawing::BYTES_MAX / 8))).is_none(), "too long");
    }
}

//! Combinations, conditions over them, and products that are walked in full.

use super::dimensions::*;

macro_rules! combinations {
    ($($field:ident: $dimension:ident,)+) => {
        /// One value of each dimension.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Combination { $(pub $field: $dimension),+ }

        /// A condition: the dimension has one of these values.
        #[derive(Debug, Clone, Copy)]
        pub enum When { $($dimension(&'static [$dimension])),+ }

        impl When {
            /// Whether it holds.
            pub fn holds(&self, of: &Combination) -> bool {
                match self { $(Self::$dimension(values) => values.contains(&of.$field)),+ }
            }

            /// The dimension and its values in words.
            pub fn words(&self) -> (&'static str, String) {
                match self { $(Self::$dimension(values) => ($dimension::TITLE, $dimension::some(values))),+ }
            }

            /// Makes it hold, by its first value.
            pub fn make_hold(&self, of: &mut Combination) {
                match self { $(Self::$dimension(values) => of.$field = values[0]),+ }
            }
        }

        /// Values for each dimension, of which every combination is walked. The first dimension changes fastest.
        #[derive(Debug, Clone, Copy)]
        pub struct Product { $(pub $field: &'static [$dimension]),+ }

        impl Product {
            /// Every value of every dimension.
            pub const ALL: Self = Self { $($field: $dimension::ALL),+ };

            /// How many combinations it has.
            pub fn len(&self) -> usize {
                1 $(* self.$field.len())+
            }

            /// The combination at a place.
            pub fn at(&self, place: usize) -> Combination {
                let mut rest = place;
                $(
                    let $field = self.$field[rest % self.$field.len()];
                    rest /= self.$field.len();
                )+
                debug_assert_eq!(rest, 0);
                Combination { $($field),+ }
            }

            /// Each dimension: its name, how many of its values are in the product, and how many it has.
            pub fn dimensions(&self) -> Vec<(&'static str, usize, usize)> {
                vec![$(($dimension::TITLE, self.$field.len(), $dimension::ALL.len())),+]
            }
        }
    };
}

// What the log of consents says comes last, so that it changes least often.
combinations! {
    ear: Ear,
    phone: Phone,
    sensitivity: Sensitivity,
    content: Content,
    cause: Cause,
    verification: Verification,
    request: Request,
    authorization: Authorization,
    warning: Warning,
    consent: Consent,
    category: Category,
}

impl Combination {
    /// A reminder with everything in order.
    pub const IN_ORDER: Self = Self {
        ear: Ear::Adult,
        phone: Phone::Own,
        sensitivity: Sensitivity::Nothing,
        content: Content::Logistics,
        cause: Cause::Programme,
        verification: Verification::Fresh,
        request: Request::Nothing,
        authorization: Authorization::Alive,
        warning: Warning::Accepted,
        consent: Consent::Written,
        category: Category::Appointments,
    };
}

/// What the practice sends by itself: the four permissions, the number, the tier and whose ear it is, without exception.
pub const PROGRAMMES: Product = Product {
    cause: &[Cause::Programme],
    content: &[Content::Logistics, Content::ClinicalOrNeutral, Content::ClinicalOrNotice, Content::ClinicalOnly, Content::Never],
    ..Product::ALL
};

/// Service answers to what the patient just sent: the same, for tier T0.
pub const ANSWERS: Product = Product { cause: &[Cause::Answer], content: &[Content::Service], ..Product::ALL };

/// Whatever sets a text off, with every tier. Of category, authorization, verification and special protection the two ends are enough here. The
/// first product has all of them in full.
pub const CAUSES: Product = Product {
    category: &[Category::Appointments, Category::Marketing],
    authorization: &[Authorization::Nothing, Authorization::Alive],
    verification: &[Verification::Never, Verification::Fresh],
    sensitivity: &[Sensitivity::Nothing, Sensitivity::Person],
    ..Product::ALL
};

/// All that is walked.
pub const PRODUCTS: [Product; 3] = [PROGRAMMES, ANSWERS, CAUSES];

/// A few values of each dimension, each kind of row among them: enough to notice that the gate overlooks a fact.
pub const EVERY_KIND: Product = Product {
    ear: &[Ear::Adult, Ear::ParentOfMinor, Ear::ParentOfAdult],
    sensitivity: &[Sensitivity::Nothing, Sensitivity::Person, Sensitivity::PartTwo],
    content: &[Content::ClinicalOrNeutral],
    cause: &[Cause::Programme],
    verification: &[Verification::Lapsed, Verification::Fresh],
    request: &[Request::Nothing, Request::NeverText],
    authorization: &[Authorization::Alive, Authorization::Over],
    warning: &[Warning::NotShown, Warning::Accepted],
    category: &[Category::Appointments, Category::Marketing],
    ..Product::ALL
};

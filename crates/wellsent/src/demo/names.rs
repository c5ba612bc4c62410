//! Names for invented people.

pub const GIVEN_EN: &[&str] = &[
    "Olivia", "Noah", "Emma", "Liam", "Ava", "Ethan", "Mia", "Lucas", "Grace", "Henry", "Nora", "Caleb", "Hazel", "Owen", "Ruth", "Walter",
    "Alice", "Marcus", "Joan", "Felix", "Priya", "Wei", "Aisha", "Omar", "Yuki", "Dmitri", "Leah", "Tobias", "Irene", "Curtis", "Naomi",
    "Victor", "Paula", "Samir", "Ingrid", "Jonah", "Bernice", "Theo", "Clara", "Desmond",
];
pub const FAMILY_EN: &[&str] = &[
    "Abbott",
    "Barrow",
    "Callahan",
    "Dunmore",
    "Eastman",
    "Farrow",
    "Gallagher",
    "Hollis",
    "Ingram",
    "Jessup",
    "Kimball",
    "Lockwood",
    "Merritt",
    "Norwood",
    "Okafor",
    "Prescott",
    "Quincy",
    "Rowland",
    "Sutton",
    "Thackeray",
    "Underhill",
    "Vance",
    "Whitaker",
    "Yardley",
    "Zimmer",
    "Chen",
    "Patel",
    "Nguyen",
    "Haddad",
    "Kowalski",
];
pub const GIVEN_ES: &[&str] = &[
    "Ana", "Luis", "Carmen", "Diego", "Rosa", "Mateo", "Elena", "Javier", "Lucía", "Andrés", "Pilar", "Rafael", "Inés", "Tomás", "Marisol",
    "Emilio",
];
pub const FAMILY_ES: &[&str] =
    &["Rivera", "Ortega", "Delgado", "Fuentes", "Salazar", "Montoya", "Cabrera", "Peña", "Villalobos", "Quintero", "Rosales", "Ibarra"];
pub const FREE_TEXTS_EN: &[&str] = &[
    "What should I bring?",
    "Is there parking near the office?",
    "Can my sister come with me?",
    "Running about 10 minutes late",
    "Do I need to fill out forms first?",
    "Could I come an hour earlier?",
];
pub const FREE_TEXTS_ES: &[&str] = &["¿Qué tengo que llevar?", "¿Hay estacionamiento cerca?", "Voy a llegar 10 minutos tarde"];

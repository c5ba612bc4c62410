use super::super::{Known, check};

/// What is found, as `CATEGORY words`.
fn found_by(text: &str, known: &Known) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let spans = check(text, known).spans;
    let identifiers = spans.iter().filter(|span| !span.category.is_health());
    identifiers
        .map(|span| format!("{} {}", span.category.as_str(), characters[span.start as usize..span.end as usize].iter().collect::<String>()))
        .collect()
}

fn found(text: &str) -> Vec<String> {
    found_by(text, &Known::default())
}

#[track_caller]
fn finds(text: &str, expected: &[&str]) {
    assert_eq!(found(text), expected, "{text}");
}

#[test]
fn a_patient_is_named_and_a_clinician_is_not() {
    finds("Mr. Abara, Dr. Okafor will call at noon", &["NAME Mr. Abara"]);
    finds("Nurse Joy will call you", &[]);
    finds("Amy Wong, RN, is out today", &[]);
    finds("gracias doctora Reyes", &[]);
}

#[test]
fn a_name_is_found_in_small_letters_too() {
    finds("this is maria gonzalez", &["NAME maria gonzalez"]);
    finds("keisha will be 5 min late", &["NAME keisha"]);
}

#[test]
fn a_word_that_is_a_name_is_a_name_only_where_one_is_called() {
    finds("Hi Grace, your forms are in", &["NAME Grace"]);
    finds("Grace period ends soon", &[]);
    finds("may i come at 3", &[]);
    finds("Mark your calendar!", &[]);
    finds("will do", &[]);
}

#[test]
fn an_illness_behind_a_title_is_a_name() {
    finds("Good afternoon Mrs. Burns", &["NAME Mrs. Burns"]);
    finds("Sra. Dolores, su taxi llegó", &["NAME Sra. Dolores"]);
}

#[test]
fn hyphens_apostrophes_and_suffixes_belong_to_a_name() {
    finds("Thanks Mrs. O'Neil-Vargas", &["NAME Mrs. O'Neil-Vargas"]);
    finds("Could Jean-Luc arrive by 8?", &["NAME Jean-Luc"]);
    finds("The desk has a bag for Tanya R.", &["NAME Tanya R"]);
}

#[test]
fn the_possessive_ending_is_no_part_of_a_name() {
    finds("Latoya's bag is at the desk", &["NAME Latoya"]);
}

#[test]
fn a_street_and_a_saint_are_no_people() {
    finds("Jackson Street entrance is closed", &[]);
    finds("St. Mary's lot is full", &[]);
}

#[test]
fn a_number_of_the_practice_is_no_identifier_and_that_of_a_patient_is_one() {
    finds("Please call us at 555-0131", &[]);
    finds("Main line: 555-0140", &[]);
    finds("my new cell is (212) 555-0123", &["PHONE (212) 555-0123"]);
    finds("fax the form to my job 212-555-0164", &["FAX 212-555-0164"]);
}

#[test]
fn a_number_that_is_known_as_the_practices_own_is_no_identifier() {
    let known = Known::default().practice_phone("+1 (212) 555-0123");
    assert!(found_by("my cell is 212-555-0123", &known).is_empty());
}

#[test]
fn a_date_of_a_person_counts_and_a_public_one_does_not() {
    finds("See you March 12 at 2:40", &["DATE March 12"]);
    finds("nací el 8 de enero de 1960", &["DATE 8 de enero de 1960"]);
    finds("Reminder: 06/21/2025 at 9", &["DATE 06/21/2025"]);
    finds("We are closed Dec 25 and Jan 1", &[]);
    finds("Cerramos el 24 de junio", &[]);
    finds("see you Friday at 10:30", &[]);
    finds("we answer 24/7", &[]);
}

#[test]
fn an_age_above_89_counts_and_a_lower_one_does_not() {
    finds("mom is 93 years old", &["DATE 93 years old"]);
    finds("mom is 73 years old", &[]);
    finds("been waiting 95 minutes", &[]);
}

#[test]
fn a_home_counts_and_an_office_does_not() {
    finds("i live at 14 Birch St", &["GEO 14 Birch St"]);
    finds("vivo en la calle Olmo 45", &["GEO calle Olmo 45"]);
    finds("my zip is 43017", &["GEO 43017"]);
    finds("Our office has moved! New address: 1450 Burnet Ave, Suite 300.", &[]);
}

#[test]
fn a_number_is_what_the_word_beside_it_says() {
    finds("SSN 900-12-3344", &["SSN 900-12-3344"]);
    finds("my chart number is B-77120", &["MRN B-77120"]);
    finds("member id XJH220913847", &["HEALTHPLAN XJH220913847"]);
    finds("card ending 4471 was used", &["ACCOUNT 4471"]);
    finds("my driver license is S530-4201", &["LICENSE S530-4201"]);
    finds("plate JKT 4410 in spot 6", &["VEHICLE JKT 4410"]);
    finds("tablet serial HX-0092-117", &["DEVICE HX-0092-117"]);
    finds("confirmation Q7TX19", &["OTHERID Q7TX19"]);
    finds("username is ptran_62", &["OTHERID ptran_62"]);
}

#[test]
fn a_code_for_everybody_or_for_once_is_no_identifier() {
    finds("Use code 448120 to sign in", &[]);
    finds("Room B204, 2nd floor", &[]);
    finds("The wifi password is Guest2024", &[]);
}

#[test]
fn a_link_with_a_token_counts_and_a_page_for_everybody_does_not() {
    finds("Join: https://meet.example/s/k92x-svet", &["URL k92x-svet"]);
    finds("Read https://clinic.example/privacy", &[]);
    finds("See https://example.org/covid-19-guidelines", &[]);
}

#[test]
fn a_mailbox_of_a_person_counts_and_one_of_an_office_does_not() {
    finds("use dgarcia.home@mail.example instead", &["EMAIL dgarcia.home@mail.example"]);
    finds("write to forms@clinic.example", &[]);
}

#[test]
fn an_internet_address_and_a_picture_file_count() {
    finds("sign-in from 192.0.2.44 failed", &["IP 192.0.2.44"]);
    finds("version 2.4.1 is out", &[]);
    finds("here it is: IMG_0091.HEIC", &["PHOTO IMG_0091.HEIC"]);
}

#[test]
fn what_is_known_of_the_recipient_is_found_however_rare() {
    let known = Known::default().recipient_name("Xq Zorblat").record_number("77-18").birth_date(1960, 1, 8);
    assert_eq!(found_by("Zorblat, bring page 77-18", &known), ["NAME Zorblat", "MRN 77-18"]);
    assert_eq!(found_by("closed for everyone on 1/8/60", &known), ["DATE 1/8/60"]);
}

#[test]
fn a_known_clinician_without_a_title_is_no_patient() {
    assert!(found_by("Rosalind will see you at 9", &Known::default().clinician("Rosalind Achterberg")).is_empty());
    finds("Rosalind will be 5 min late", &["NAME Rosalind"]);
}

#[test]
fn an_accent_a_curly_apostrophe_or_an_invisible_character_hides_no_name() {
    finds("Hola Ximena, ya puede pasar", &["NAME Ximena"]);
    finds("Hola Xi\u{200b}mena, ya puede pasar", &["NAME Xi\u{200b}mena"]);
    finds("Thanks Mrs. O\u{2019}Neil", &["NAME Mrs. O\u{2019}Neil"]);
}

#[test]
fn any_text_can_be_looked_at() {
    for text in [
        "", ".", "#", "Mr.", "Mr. ", "& Mrs.", "@", "a@", "1/", "/1/2", "(555", "Dr. .", "calle #", "-", "O'", "'s", "\u{301}", "zip",
        "po box", "last 4", "🤰🏽",
    ] {
        let _ = found(text);
        let _ = found(&format!("{text} {text}"));
    }
}

proptest::proptest! {
    #[test]
    fn spans_lie_in_order_within_the_text(text in "([A-Za-z]{1,8}|[0-9/#.-]{1,9}|[ ,.!@'&$]|Mr|Dr|de|calle|zip|á){0,20}") {
        let count = text.chars().count() as u32;
        let mut last = 0;
        for span in check(&text, &Known::default()).spans {
            proptest::prop_assert!(last <= span.start && span.start < span.end && span.end <= count, "{text:?} {span:?}");
            last = span.end;
        }
    }
}

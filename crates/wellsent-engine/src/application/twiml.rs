//! What an application answers to a patient's text: a small XML document, of which only the texts are read.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Texts that one answer may hold.
const TEXTS_MAX: usize = 3;
/// The longest of them, in characters.
const CHARS_MAX: usize = 1_600;
/// How deep elements may stand in each other.
const DEPTH_MAX: usize = 16;

/// The texts of an answer, in their order. Whatever is no such document holds none: entities of its own, a wrong nesting, another root. What
/// else it asks for is left out, a text to somebody else among it.
pub(super) fn texts(body: &[u8]) -> Vec<String> {
    std::str::from_utf8(body).ok().and_then(read).unwrap_or_default()
}

fn read(document: &str) -> Option<Vec<String>> {
    let mut reader = Reader::from_str(document);
    let mut open: Vec<String> = Vec::new();
    let (mut texts, mut text, mut elsewhere) = (Vec::new(), String::new(), false);
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let name = start.name().as_ref().to_owned();
                if open.is_empty() && name != "Response" || open.len() >= DEPTH_MAX {
                    return None;
                }
                open.push(name);
                if is(&open, &["Response", "Message"]) {
                    text.clear();
                    // An answer goes to whoever wrote. One to somebody else is no answer.
                    elsewhere = start.attributes().flatten().any(|attribute| attribute.key.as_ref() == "to");
                }
            }
            Event::End(_) => {
                if is(&open, &["Response", "Message"]) && !elsewhere {
                    let said = text.trim();
                    if !said.is_empty() && said.chars().count() <= CHARS_MAX && texts.len() < TEXTS_MAX {
                        texts.push(said.to_owned());
                    }
                }
                open.pop()?;
            }
            Event::Text(part) if in_text(&open) => text.push_str(&part.xml10_content()),
            Event::CData(part) if in_text(&open) => text.push_str(&part.xml10_content()),
            Event::GeneralRef(reference) => {
                // Only what XML itself knows.
                let ch = match reference.resolve_char_ref().ok()? {
                    Some(ch) => ch,
                    None => match &*reference {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        _ => return None,
                    },
                };
                if in_text(&open) {
                    text.push(ch);
                }
            }
            Event::DocType(_) => return None,
            Event::Eof => return open.is_empty().then_some(texts),
            _ => {}
        }
    }
}

fn is(open: &[String], path: &[&str]) -> bool {
    open == path
}

fn in_text(open: &[String]) -> bool {
    is(open, &["Response", "Message"]) || is(open, &["Response", "Message", "Body"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(document: &str) -> Vec<String> {
        texts(document.as_bytes())
    }

    #[test]
    fn texts_are_read_in_both_forms() {
        assert_eq!(read("<Response><Message>Thank you</Message></Response>"), ["Thank you"]);
        assert_eq!(
            read(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n <Message><Body>See you &amp; yours &#233;</Body></Message>\n <Message><![CDATA[1 < 2]]></Message></Response>"
            ),
            ["See you & yours \u{e9}", "1 < 2"]
        );
        assert_eq!(read("<Response/>"), Vec::<String>::new());
        assert_eq!(read("<Response></Response>"), Vec::<String>::new());
    }

    #[test]
    fn what_is_no_answer_to_the_patient_is_left_out() {
        let nothing = Vec::<String>::new();
        for document in [
            "",
            "ok",
            "{\"message\":\"hi\"}",
            "<html><body>hi</body></html>",
            "<Message>hi</Message>",
            "<Response><Message>hi</Message>",
            "<Response><Message>hi</Response></Message>",
            "<Response><Redirect>https://evil.example/</Redirect></Response>",
            "<Response><Message to=\"+12125550123\">hi</Message></Response>",
            "<Response><Message><Media>https://evil.example/a.png</Media></Message></Response>",
            "<!DOCTYPE r [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><Response><Message>&e;</Message></Response>",
            "<Response><Message>&e;</Message></Response>",
        ] {
            assert_eq!(read(document), nothing, "{document}");
        }
        assert_eq!(texts(&[0xff, 0xfe, 0x00]), nothing);
        let deep = format!("<Response>{}{}</Response>", "<a>".repeat(100), "</a>".repeat(100));
        assert_eq!(read(&deep), nothing);
    }

    #[test]
    fn an_answer_is_bounded() {
        let many = format!("<Response>{}</Response>", "<Message>hi</Message>".repeat(50));
        assert_eq!(read(&many).len(), TEXTS_MAX);
        let long = format!("<Response><Message>{}</Message></Response>", "x".repeat(CHARS_MAX + 1));
        assert!(read(&long).is_empty());
    }
}

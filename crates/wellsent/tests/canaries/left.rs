//! What left, taken apart: what stands where a number and words belong, and everything else.
//!
//! The places are written down here from the carriers' own descriptions and are not taken from the adapters. What cannot be read belongs
//! nowhere.

use serde_json::Value;

/// To whom something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whom {
    Twilio,
    Lookup,
    Telnyx,
    Aws,
    Smpp,
    Application,
}

/// A request or a PDU that left.
#[derive(Debug, Clone)]
pub struct Left {
    pub whom: Whom,
    /// What it was, for a reader: method and path without names, or the kind of the PDU.
    pub what: String,
    /// What stood where number and words belong.
    pub belongs: Vec<u8>,
    /// Everything else, headers and addresses included.
    pub rest: Vec<u8>,
}

/// Where number and words may stand in a request.
#[derive(Default)]
struct Places {
    query: &'static [&'static str],
    form: &'static [&'static str],
    json: &'static [&'static str],
    /// What the last part of the path follows that is a number.
    path: Option<&'static str>,
}

fn places(whom: Whom, method: &str, path: &str) -> Places {
    match (whom, method) {
        (Whom::Twilio, "POST") if path.ends_with("/Messages.json") => Places { form: &["To", "Body"], ..Places::default() },
        (Whom::Twilio, "GET") if path.ends_with("/Messages.json") => Places { query: &["To"], ..Places::default() },
        (Whom::Lookup, "GET") => Places { path: Some("/v2/PhoneNumbers/"), ..Places::default() },
        (Whom::Telnyx, "POST") if path == "/v2/messages" => Places { json: &["to", "text"], ..Places::default() },
        (Whom::Telnyx, "GET") if path == "/v2/detail_records" => Places { query: &["filter%5Bcld%5D"], ..Places::default() },
        (Whom::Aws, "POST") if path == "/" => Places { json: &["DestinationPhoneNumber", "MessageBody"], ..Places::default() },
        // What an application asked for, and what a patient wrote to it.
        (Whom::Application, "POST") => Places { form: &["To", "From", "Body"], ..Places::default() },
        _ => Places::default(),
    }
}

/// The requests of a line of HTTP.
pub fn http(whom: Whom, line: &[u8]) -> Vec<Left> {
    let mut requests = Vec::new();
    let mut at = 0;
    while at < line.len() {
        let Some((left, size)) = request(whom, &line[at..]) else {
            requests.push(Left { whom, what: "something unreadable".into(), belongs: Vec::new(), rest: line[at..].to_vec() });
            break;
        };
        requests.push(left);
        at += size;
    }
    requests
}

fn request(whom: Whom, bytes: &[u8]) -> Option<(Left, usize)> {
    let head_size = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..head_size]).ok()?;
    let (first, headers) = head.split_once("\r\n")?;
    let [method, target, _] = first.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let header = |wanted: &str| {
        headers.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let size: usize = header("content-length").map_or(Some(0), |size| size.trim().parse().ok())?;
    let body = bytes.get(head_size..head_size + size)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let places = places(whom, method, path);
    let (mut belongs, mut rest) = (Vec::new(), Vec::new());
    let mut shown = path;
    if let Some(number) = places.path.and_then(|before| path.strip_prefix(before)).filter(|number| !number.contains('/')) {
        belongs.extend_from_slice(number.as_bytes());
        shown = &path[..path.len() - number.len()];
    }
    rest.extend_from_slice(format!("{method} {shown}\n").as_bytes());
    pairs(query, places.query, &mut belongs, &mut rest);
    rest.extend_from_slice(headers.as_bytes());
    if !places.json.is_empty()
        && let Ok(Value::Object(mut fields)) = serde_json::from_slice(body)
    {
        for name in places.json {
            if let Some(Value::String(value)) = fields.remove(*name) {
                belongs.extend_from_slice(format!("{value}\n").as_bytes());
            }
        }
        rest.extend_from_slice(Value::Object(fields).to_string().as_bytes());
    } else if !places.form.is_empty() {
        pairs(std::str::from_utf8(body).ok()?, places.form, &mut belongs, &mut rest);
    } else {
        rest.extend_from_slice(body);
    }
    let what = format!("{method} {}", shown.rsplit('/').next().unwrap_or_default());
    Some((Left { whom, what, belongs, rest }, head_size + size))
}

fn pairs(text: &str, places: &[&str], belongs: &mut Vec<u8>, rest: &mut Vec<u8>) {
    for pair in text.split('&') {
        match pair.split_once('=') {
            Some((name, value)) if places.contains(&name) => {
                belongs.extend_from_slice(format!("{value}\n").as_bytes());
                rest.extend_from_slice(format!("{name}=\n").as_bytes());
            }
            _ => rest.extend_from_slice(format!("{pair}\n").as_bytes()),
        }
    }
}

const SUBMIT_SM: u32 = 4;
const MESSAGE_PAYLOAD: u16 = 0x0424;

/// The PDUs of a line of SMPP.
pub fn smpp(line: &[u8]) -> Vec<Left> {
    let mut pdus = Vec::new();
    let mut at = 0;
    while let Some(length) = line.get(at..at + 4).map(|bytes| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize) {
        let Some(pdu) = line.get(at..at + length.max(16)) else { break };
        let command = u32::from_be_bytes([pdu[4], pdu[5], pdu[6], pdu[7]]);
        let whole = || Left { whom: Whom::Smpp, what: format!("PDU {command:#x}"), belongs: Vec::new(), rest: pdu.to_vec() };
        pdus.push(if command == SUBMIT_SM { submission(pdu).unwrap_or_else(whole) } else { whole() });
        at += length.max(16);
    }
    if at < line.len() {
        pdus.push(Left { whom: Whom::Smpp, what: "something unreadable".into(), belongs: Vec::new(), rest: line[at..].to_vec() });
    }
    pdus
}

/// A `submit_sm`, field by field (SMPP 3.4, 4.4.1).
fn submission(pdu: &[u8]) -> Option<Left> {
    let mut fields = Fields { bytes: pdu, at: 16 };
    let mut left = Left { whom: Whom::Smpp, what: "submit_sm".into(), belongs: Vec::new(), rest: pdu[..16].to_vec() };
    left.rest.extend_from_slice(fields.text()?);
    left.rest.extend_from_slice(fields.take(2)?);
    left.rest.extend_from_slice(fields.text()?);
    left.rest.extend_from_slice(fields.take(2)?);
    left.belongs.extend_from_slice(fields.text()?);
    left.rest.extend_from_slice(fields.take(3)?);
    left.rest.extend_from_slice(fields.text()?);
    left.rest.extend_from_slice(fields.text()?);
    left.rest.extend_from_slice(fields.take(4)?);
    let length = fields.take(1)?[0];
    left.belongs.extend_from_slice(fields.take(usize::from(length))?);
    while fields.at < pdu.len() {
        let head = fields.take(4)?;
        let (tag, length) = (u16::from_be_bytes([head[0], head[1]]), u16::from_be_bytes([head[2], head[3]]));
        let value = fields.take(usize::from(length))?;
        if tag == MESSAGE_PAYLOAD { &mut left.belongs } else { &mut left.rest }.extend_from_slice(value);
    }
    Some(left)
}

struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at + count)?;
        self.at += count;
        Some(taken)
    }

    /// Up to its closing zero, and with it.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.bytes.get(self.at..)?.iter().position(|byte| *byte == 0)? + 1;
        self.take(length)
    }
}

//! The check-in screen: one address, and a session that knows which step is current.
//!
//! What has been filled in so far is kept, sealed, with the page of the check-in. Only the signature makes it count.

use super::preferences::{kept, subject, yes_no};
use super::view::{
    self, CheckInAskDesk, CheckInChoices, CheckInCode, CheckInDone, CheckInHello, CheckInPhone, CheckInSign, CheckInStart,
    CheckInStillThere, Choice, CodeNote, CopyChoice, Drawing, PhoneNote, PrintCopy, ShownWording, SignNote, Signature, StartNote, WhyDesk,
};
use super::visitor::{From, Opened, language};
use super::{day, frame, masked, page, practice_of};
use crate::App;
use crate::failure::{Asking, Failed, Fields};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use serde::Deserialize;
use wellsent_domain::consent::{Category, Channel};
use wellsent_domain::person::ContactState;
use wellsent_domain::practice::Practice;
use wellsent_domain::secure_page::PageKind;
use wellsent_domain::verification::Tried;
use wellsent_domain::{EvidenceId, Language, Phi, PhoneNumber};
use wellsent_store::evidence::{self, EvidenceKind, NewEvidence};
use wellsent_store::pages::StoredPage;
use wellsent_store::{Access, StoreError, Tx, people, practices};
use wellsent_text::consent_wording::Subject;

/// What is asked at the desk. News and offers need a form of their own (H-13).
const TOPICS: [Category; 4] = [Category::Appointments, Category::Care, Category::Billing, Category::Surveys];
/// The longest name that is taken for a signature.
const NAME_CHARS_MAX: usize = 120;

#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    lang: Option<String>,
    #[serde(default)]
    at: String,
}

#[derive(Deserialize, Default)]
pub(crate) struct Sent {
    #[serde(default)]
    step: String,
    lang: Option<String>,
    #[serde(default)]
    code: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    new_number: String,
    appointments: Option<String>,
    care: Option<String>,
    billing: Option<String>,
    surveys: Option<String>,
    #[serde(default)]
    drawing: String,
    #[serde(default)]
    typed_name: String,
    #[serde(default)]
    read: String,
}

/// Which screen is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Hello,
    Phone,
    Choices,
    Sign,
    Code,
    Done,
    NotThem,
    OtherPhone,
    NoPhone,
}

impl At {
    const ALL: [(Self, &'static str); 9] = [
        (Self::Hello, "hello"),
        (Self::Phone, "phone"),
        (Self::Choices, "choices"),
        (Self::Sign, "sign"),
        (Self::Code, "code"),
        (Self::Done, "done"),
        (Self::NotThem, "not_them"),
        (Self::OtherPhone, "other_phone"),
        (Self::NoPhone, "no_phone"),
    ];
}

/// What has been filled in so far.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Progress {
    at: At,
    answers: [Option<bool>; TOPICS.len()],
    signed: Option<Signed>,
    verified: bool,
}

/// The signature that was given: what shows it, and the language of the words above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Signed {
    evidence: EvidenceId,
    lang: Language,
}

impl Signed {
    fn read(word: &str) -> Option<Self> {
        let (evidence, lang) = word.split_once(' ')?;
        Some(Self { evidence: evidence.parse().ok()?, lang: Language::parse(lang)? })
    }
}

impl Progress {
    const NEW: Self = Self { at: At::Hello, answers: [None; TOPICS.len()], signed: None, verified: false };

    fn read(stored: Option<&Phi<String>>) -> Self {
        let mut progress = Self::NEW;
        let lines = stored.map(|text| text.expose().as_str()).unwrap_or_default();
        for (name, value) in lines.lines().filter_map(|line| line.split_once('=')) {
            match name {
                "at" => progress.at = At::ALL.iter().find(|(_, word)| *word == value).map_or(At::Hello, |(at, _)| *at),
                "verified" => progress.verified = value == "yes",
                "signed" => progress.signed = Signed::read(value),
                topic => {
                    if let Some(n) = TOPICS.iter().position(|known| known.as_str() == topic) {
                        progress.answers[n] = yes_no(Some(value));
                    }
                }
            }
        }
        progress
    }

    fn text(&self) -> Phi<String> {
        let at = At::ALL.iter().find(|(at, _)| *at == self.at).map_or("hello", |(_, word)| word);
        let word = |yes: bool| if yes { "yes" } else { "no" };
        let mut text = format!("at={at}\nverified={}\n", word(self.verified));
        if let Some(Signed { evidence, lang }) = self.signed {
            text += &format!("signed={evidence} {}\n", lang.as_str());
        }
        for (topic, answer) in TOPICS.iter().zip(self.answers) {
            if let Some(yes) = answer {
                text += &format!("{}={}\n", topic.as_str(), word(yes));
            }
        }
        Phi::new(text)
    }

    fn choices(&self) -> Vec<Choice> {
        TOPICS.iter().zip(self.answers).map(|(topic, answer)| Choice { topic: *topic, answer }).collect()
    }
}

/// A check-in that is under way on this tablet.
struct Visit {
    access: Access,
    stored: StoredPage,
    practice: Practice,
    progress: Progress,
    lang: Language,
    given_name: String,
    full_name: String,
    number: Option<PhoneNumber>,
}

async fn under_way(app: &App, headers: &HeaderMap, chosen: Option<Language>) -> Result<Option<Visit>, Failed> {
    let Some(secret) = Opened::CheckIn.secret(app, headers) else { return Ok(None) };
    let Some((access, stored)) = app.engine.page_of_session(secret).await? else { return Ok(None) };
    if stored.kind != PageKind::CheckIn {
        return Ok(None);
    }
    let (person, contact) = (stored.person, stored.contact_point);
    let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
        let practice = practices::get(tx)?.practice;
        Ok((practice, people::get(tx, person)?, people::contact_point(tx, contact)?))
    };
    let (practice, person, contact) = app.engine.store().write(access, load).await?;
    let number = (contact.contact.state == ContactState::Live).then(|| *contact.contact.number.expose());
    Ok(Some(Visit {
        access,
        practice,
        progress: Progress::read(stored.body.as_ref()),
        lang: chosen.unwrap_or(stored.language),
        given_name: person.name.expose().given.clone(),
        full_name: person.name.expose().full(),
        number,
        stored,
    }))
}

/// Shows the screen that is current. It changes nothing.
pub(crate) async fn visit(State(app): State<App>, Asking(asked): Asking<Asked>, headers: HeaderMap) -> Result<Response, Failed> {
    let chosen = language(asked.lang.as_deref(), &headers);
    if asked.at == "over" {
        if let Some(secret) = Opened::CheckIn.secret(&app, &headers) {
            app.engine.close_page(secret).await?;
        }
        let cookie = Opened::CheckIn.cookie(&app, None);
        let start = start(&app, chosen, Some(StartNote::TimedOut)).await?;
        return Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), start).into_response());
    }
    let Some(visit) = under_way(&app, &headers, language(asked.lang.as_deref(), &HeaderMap::new())).await? else {
        return start(&app, chosen, None).await;
    };
    match asked.at.as_str() {
        "still-there" => page(&CheckInStillThere { frame: frame(&visit.practice, visit.lang) }),
        "print" => print_copy(&app, visit).await,
        "choices" if matches!(visit.progress.at, At::Sign | At::Choices) => choices(&visit, false),
        _ => screen(&visit, None),
    }
}

/// Takes the form of the screen that is current; one of another screen changes nothing.
pub(crate) async fn act(
    State(app): State<App>,
    From(from): From,
    headers: HeaderMap,
    Fields(sent): Fields<Sent>,
) -> Result<Response, Failed> {
    let chosen = language(sent.lang.as_deref(), &headers);
    if sent.step == "start" {
        return match app.engine.enter_check_in(&sent.code, from).await? {
            Some(secret) => {
                let cookie = Opened::CheckIn.cookie(&app, Some(&secret));
                // In the patient's own language, unless another than the tablet's was chosen at the start.
                let own = language(None, &headers).unwrap_or(Language::En);
                let wanted = chosen.filter(|lang| *lang != own);
                Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), again(wanted)).into_response())
            }
            None if app.engine.takes_codes(from) => start(&app, chosen, Some(StartNote::Failed)).await,
            None => start(&app, chosen, Some(StartNote::TooMany)).await,
        };
    }
    let lang = sent.lang.as_deref().and_then(Language::parse);
    let Some(mut visit) = under_way(&app, &headers, lang).await? else { return start(&app, chosen, Some(StartNote::TimedOut)).await };
    match (sent.step.as_str(), visit.progress.at) {
        ("finish", _) => {
            if let Some(secret) = Opened::CheckIn.secret(&app, &headers) {
                app.engine.close_page(secret).await?;
            }
            let cookie = Opened::CheckIn.cookie(&app, None);
            Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), again(Some(visit.lang))).into_response())
        }
        ("hello", At::Hello) => match sent.answer.as_str() {
            "yes" => go(&app, &mut visit, At::Phone).await,
            "no" => go(&app, &mut visit, At::NotThem).await,
            _ => screen(&visit, None),
        },
        ("phone", At::Phone) => phone(&app, &mut visit, &sent).await,
        ("choices", At::Choices | At::Sign) => {
            let fields = [&sent.appointments, &sent.care, &sent.billing, &sent.surveys];
            for (answer, field) in visit.progress.answers.iter_mut().zip(fields) {
                *answer = yes_no(field.as_deref());
            }
            if visit.progress.answers.contains(&None) {
                return choices(&visit, true);
            }
            go(&app, &mut visit, At::Sign).await
        }
        ("sign", At::Sign) => sign(&app, &mut visit, &sent).await,
        ("code", At::Code) => {
            let code = Phi::new(sent.code.chars().take(40).collect());
            match app.engine.try_code(visit.access, visit.stored.contact_point, &code, Channel::CheckIn).await? {
                Tried::Passed => {
                    visit.progress.verified = true;
                    go(&app, &mut visit, At::Done).await
                }
                Tried::Unchecked => screen(&visit, Some(CodeNote::Unchecked)),
                _ => screen(&visit, Some(CodeNote::Failed)),
            }
        }
        ("code_again", At::Code) => {
            // A limit looks like a code that takes its time: the desk can help.
            let _ = app.engine.send_code(visit.access, visit.stored.contact_point, Channel::CheckIn, Some(visit.stored.id)).await?;
            screen(&visit, Some(CodeNote::SentAgain))
        }
        ("code_skip", At::Code) => go(&app, &mut visit, At::Done).await,
        _ => screen(&visit, None),
    }
}

async fn phone(app: &App, visit: &mut Visit, sent: &Sent) -> Result<Response, Failed> {
    match sent.phone.as_str() {
        "mine" if visit.number.is_some() => go(app, visit, At::Choices).await,
        "other" => go(app, visit, At::OtherPhone).await,
        "none" => go(app, visit, At::NoPhone).await,
        "changed" => {
            let number = PhoneNumber::parse(&sent.new_number).ok().filter(|number| !number.is_toll_free());
            let Some(number) = number else {
                return page(&CheckInPhone {
                    frame: frame(&visit.practice, visit.lang),
                    number: visit.number.as_ref().map(masked),
                    note: Some(PhoneNote::NumberWrong),
                    draft: sent.new_number.chars().take(40).collect(),
                });
            };
            visit.stored.contact_point = app.engine.check_in_number(visit.access, &visit.stored, number).await?;
            visit.number = Some(number);
            go(app, visit, At::Choices).await
        }
        _ => page(&CheckInPhone {
            frame: frame(&visit.practice, visit.lang),
            number: visit.number.as_ref().map(masked),
            note: Some(PhoneNote::Unanswered),
            draft: String::new(),
        }),
    }
}

/// The signature: from here on what was chosen counts.
async fn sign(app: &App, visit: &mut Visit, sent: &Sent) -> Result<Response, Failed> {
    let drawing = Drawing::parse(&sent.drawing);
    let name: String = sent.typed_name.trim().chars().filter(|ch| !ch.is_control()).take(NAME_CHARS_MAX).collect();
    let mut notes = Vec::new();
    if drawing.is_none() && name.is_empty() {
        notes.push(SignNote::NoSignature);
    }
    if sent.read != "yes" {
        notes.push(SignNote::NotRead);
    }
    if !notes.is_empty() {
        return page(&CheckInSign {
            frame: frame(&visit.practice, visit.lang),
            choices: visit.progress.choices(),
            notes,
            drawing,
            typed_name: name,
        });
    }
    let signature = match &drawing {
        Some(drawing) => NewEvidence { kind: EvidenceKind::Signature, body: Phi::new(drawing.to_svg().into_bytes()) },
        None => NewEvidence { kind: EvidenceKind::Reference, body: Phi::new(name.into_bytes()) },
    };
    let frame = frame(&visit.practice, visit.lang);
    // Each wording is kept with the sentence that was ticked beside the signature.
    let statement = frame.wording().shown_statement().body;
    let signed = |mut shown: ShownWording| {
        shown.body += &format!("\n{statement}");
        kept(shown)
    };
    let (mut answers, mut words) = (Vec::new(), Vec::new());
    for choice in visit.progress.choices() {
        let Some(yes) = choice.answer else { continue };
        answers.push((subject(choice.topic), yes));
        words.push((subject(choice.topic), signed(frame.wording().shown_check_in_topic(choice.topic))));
        if choice.topic == Category::Care {
            // The words of this choice say that a yes accepts unencrypted details and a no does not (H-04).
            answers.push((Subject::Warning, yes));
            words.push((Subject::Warning, signed(frame.wording().shown_warning())));
        }
    }
    let evidence = app.engine.finish_check_in(visit.access, &visit.stored, visit.lang, answers, words, signature).await?;
    let Some(evidence) = evidence else {
        // The same form a second time: the first is on its way to the next screen.
        return Ok(again(Some(visit.lang)));
    };
    visit.progress.signed = Some(Signed { evidence, lang: visit.lang });
    let next = go(app, visit, At::Code).await?;
    let _ = app.engine.send_code(visit.access, visit.stored.contact_point, Channel::CheckIn, Some(visit.stored.id)).await?;
    Ok(next)
}

/// Keeps the progress and shows the next screen at its address, so that going back or reloading sends nothing twice.
async fn go(app: &App, visit: &mut Visit, at: At) -> Result<Response, Failed> {
    visit.progress.at = at;
    app.engine.keep_check_in(visit.access, visit.stored.id, visit.progress.text()).await?;
    Ok(again(Some(visit.lang)))
}

fn again(lang: Option<Language>) -> Response {
    match lang {
        Some(lang) => Redirect::to(&format!("/check-in?lang={}", lang.as_str())).into_response(),
        None => Redirect::to("/check-in").into_response(),
    }
}

fn screen(visit: &Visit, note: Option<CodeNote>) -> Result<Response, Failed> {
    let frame = frame(&visit.practice, visit.lang);
    let number = visit.number.as_ref().map(masked).unwrap_or_default();
    let ask = |why| page(&CheckInAskDesk { frame: frame.clone(), why });
    match visit.progress.at {
        At::Hello => page(&CheckInHello { frame, first_name: visit.given_name.clone() }),
        At::Phone => page(&CheckInPhone { frame, number: visit.number.as_ref().map(masked), note: None, draft: String::new() }),
        At::Choices => choices(visit, false),
        At::Sign => {
            page(&CheckInSign { frame, choices: visit.progress.choices(), notes: Vec::new(), drawing: None, typed_name: String::new() })
        }
        At::Code => page(&CheckInCode { frame, number, note }),
        At::Done => page(&CheckInDone { frame, choices: visit.progress.choices(), number, verified: visit.progress.verified }),
        At::NotThem => ask(WhyDesk::NotThem),
        At::OtherPhone => ask(WhyDesk::OtherPhone),
        At::NoPhone => ask(WhyDesk::NoPhone),
    }
}

fn choices(visit: &Visit, unanswered: bool) -> Result<Response, Failed> {
    page(&CheckInChoices {
        frame: frame(&visit.practice, visit.lang),
        number: visit.number.as_ref().map(masked).unwrap_or_default(),
        choices: visit.progress.choices(),
        unanswered,
    })
}

async fn print_copy(app: &App, mut visit: Visit) -> Result<Response, Failed> {
    let mut signature = None;
    if let Some(signed) = visit.progress.signed {
        let (person, id) = (visit.stored.person, signed.evidence);
        let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { evidence::get(tx, person, id) };
        let (kind, body) = app.engine.store().read(visit.access, load).await?;
        signature = as_signed(kind, &body);
        // What was signed were the words of that language.
        visit.lang = signed.lang;
    }
    let date = visit.stored.done_at.unwrap_or_else(|| app.engine.now());
    let frame = frame(&visit.practice, visit.lang);
    let wording = frame.wording();
    let choices = visit
        .progress
        .choices()
        .into_iter()
        .map(|choice| {
            let (title, what) = wording.check_in_topic(choice.topic);
            CopyChoice { title: title.to_string(), what: what.to_string(), answer: choice.answer }
        })
        .collect();
    page(&PrintCopy {
        patient: visit.full_name.clone(),
        number: visit.number.as_ref().map(PhoneNumber::national).unwrap_or_default(),
        date: day(visit.lang, date, &visit.practice.zone),
        warning: wording.warning(),
        terms: wording.terms(),
        statement: wording.shown_statement().body,
        choices,
        signature,
        on_tablet: true,
        frame,
    })
}

/// A signature as it was kept.
fn as_signed(kind: EvidenceKind, body: &Phi<Vec<u8>>) -> Option<Signature> {
    let text = std::str::from_utf8(body.expose()).ok()?;
    match kind {
        EvidenceKind::Signature => {
            let (_, path) = text.split_once("<path d=\"")?;
            Drawing::parse(path.split('"').next()?).map(Signature::Drawn)
        }
        EvidenceKind::Reference => Some(Signature::Typed(text.to_owned())),
        EvidenceKind::Scan(_) => None,
    }
}

async fn start(app: &App, lang: Option<Language>, note: Option<StartNote>) -> Result<Response, Failed> {
    let lang = lang.unwrap_or(Language::En);
    // Before a code is typed it is not known whose tablet this is, unless there is but one practice.
    let frame = match app.engine.practices().await?[..] {
        [only] => frame(&practice_of(app, Access { practice: only, actor: wellsent_store::Actor::System }).await?, lang),
        _ => view::Frame { practice: String::new(), phone: String::new(), lang },
    };
    page(&CheckInStart { frame, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_filled_in_reads_back() {
        let signed = Some(Signed { evidence: EvidenceId::from_bytes([7; 16]), lang: Language::Es });
        let progress = Progress { at: At::Sign, answers: [Some(true), Some(false), None, Some(true)], signed, verified: true };
        assert_eq!(Progress::read(Some(&progress.text())), progress);
        assert_eq!(Progress::read(None), Progress::NEW);
    }

    #[test]
    fn a_drawing_that_was_kept_is_the_one_that_was_drawn() {
        let drawn = Drawing::parse("M10 20L11 22L14 30L20 44M90 20L91 22L95 31L600 200").expect("a signature");
        let body = Phi::new(drawn.to_svg().into_bytes());
        let Some(Signature::Drawn(kept)) = as_signed(EvidenceKind::Signature, &body) else { panic!("no drawing") };
        assert_eq!(kept.path(), drawn.path());
        assert!(as_signed(EvidenceKind::Signature, &Phi::new(b"<svg/>".to_vec())).is_none());
    }

    #[test]
    fn what_is_not_understood_begins_anew() {
        assert_eq!(Progress::read(Some(&Phi::new("at=nowhere\nappointments=perhaps\nx\n".into()))), Progress::NEW);
    }
}

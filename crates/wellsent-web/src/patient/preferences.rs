//! What a patient wants to be texted, and when.

use super::secure::Sent;
use super::view::phrases::PreferencesWords;
use super::view::{Frame, Hours, Preferences, PreferencesNote, ShownWording, StopTexts, TopicChoice};
use super::{frame, masked, page, practice_of};
use crate::App;
use crate::failure::Failed;
use axum::response::Response;
use jiff::civil::Time;
use wellsent_domain::Language;
use wellsent_domain::consent::{Category, Channel, Directive, Permissions, Warning};
use wellsent_domain::practice::Practice;
use wellsent_domain::quiet::Window;
use wellsent_store::consent_wordings;
use wellsent_store::pages::StoredPage;
use wellsent_store::people::StoredContact;
use wellsent_store::{Access, StoreError, Tx, authorizations, consent_log, directives, numbers, people};
use wellsent_text::consent_wording::Subject;

/// The categories in the order in which they are asked.
const TOPICS: [Category; 5] = [Category::Appointments, Category::Care, Category::Billing, Category::Surveys, Category::Marketing];

struct Known {
    practice: Practice,
    contact: StoredContact,
    permissions: Permissions,
    answered: Vec<Category>,
    hours: Option<Window>,
    language: Language,
    stopped: bool,
    authorized: bool,
}

async fn load(app: &App, access: Access, stored: &StoredPage) -> Result<Known, Failed> {
    let practice = practice_of(app, access).await?;
    let (person, contact, now) = (stored.person, stored.contact_point, app.engine.now());
    let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> {
        let log = consent_log::of_person(tx, person)?;
        let contact = people::contact_point(tx, contact)?;
        let id = contact.contact.id;
        let answered = log.iter().filter(|event| event.contact_point == Some(id)).filter_map(|event| event.act.category()).collect();
        let held = directives::of_person(tx, person)?;
        let hours = held.iter().filter(|held| held.contact_point.is_none_or(|at| at == id)).find_map(|held| match held.directive {
            Directive::OnlyBetween(window) => Some(window),
            _ => None,
        });
        let suppression = numbers::get(tx, contact.number)?.and_then(|state| state.suppression);
        let stopped = suppression.is_some_and(|suppression| contact.resumed_at.is_none_or(|at| at < suppression.at));
        let authorized = !authorizations::of_person(tx, person)?.is_empty();
        Ok((Permissions::at(&log, id, now), answered, hours, people::get(tx, person)?.language, stopped, authorized, contact))
    };
    let (permissions, answered, hours, language, stopped, authorized, contact) = app.engine.store().write(access, load).await?;
    Ok(Known { practice, contact, permissions, answered, hours, language, stopped, authorized })
}

/// What was just sent and could not be kept.
pub(super) struct Draft {
    topics: Vec<TopicChoice>,
    warning: Option<bool>,
    text_lang: Language,
    hours: Hours,
}

pub(super) async fn show(
    app: &App,
    access: Access,
    stored: &StoredPage,
    lang: Language,
    note: Option<PreferencesNote>,
    draft: Option<Draft>,
) -> Result<Response, Failed> {
    let known = load(app, access, stored).await?;
    let settings = &known.practice.settings;
    let draft = draft.unwrap_or_else(|| Draft {
        topics: TOPICS.iter().map(|topic| TopicChoice { topic: *topic, answer: known.answer(*topic) }).collect(),
        warning: match known.permissions.warning {
            Warning::Accepted => Some(true),
            Warning::Withdrawn => Some(false),
            Warning::NotShown | Warning::Shown => None,
        },
        text_lang: known.language,
        hours: known.hours.map_or(Hours::Any, |window| Hours::Between(hour(window.opens()), hour(window.closes()))),
    });
    page(&Preferences {
        frame: frame(&known.practice, lang),
        number: masked(known.contact.contact.number.expose()),
        topics: draft.topics,
        marketing_paper: known.authorized,
        warning_accepted: draft.warning,
        text_lang: draft.text_lang,
        hours: draft.hours,
        allowed: (hour(settings.texting_window.opens()), hour(settings.texting_window.closes())),
        stopped: known.stopped,
        note,
    })
}

impl Known {
    /// Yes, no, or nothing was ever said.
    fn answer(&self, topic: Category) -> Option<bool> {
        let stands = self.permissions.consents.contains_key(&topic);
        if stands { Some(true) } else { self.answered.contains(&topic).then_some(false) }
    }
}

pub(super) async fn ask_stop(app: &App, access: Access, stored: &StoredPage, lang: Language) -> Result<Response, Failed> {
    let known = load(app, access, stored).await?;
    page(&StopTexts { frame: frame(&known.practice, lang), number: masked(known.contact.contact.number.expose()) })
}

pub(super) async fn act(app: &App, access: Access, stored: &StoredPage, lang: Language, sent: Sent) -> Result<Response, Failed> {
    match sent.step.as_str() {
        "stop" => return ask_stop(app, access, stored, lang).await,
        "stop_yes" => {
            app.engine.stop(access, stored.contact_point, Channel::Portal).await?;
            return show(app, access, stored, lang, Some(PreferencesNote::Saved), None).await;
        }
        "save" | "start" => {}
        _ => return show(app, access, stored, lang, None, None).await,
    }
    let known = load(app, access, stored).await?;
    let draft = draft(&sent, &known);
    if draft.topics.iter().any(|choice| choice.answer.is_none()) || draft.warning.is_none() {
        return show(app, access, stored, lang, Some(PreferencesNote::Unanswered), Some(draft)).await;
    }
    let hours = match draft.hours {
        Hours::Any => None,
        Hours::Between(from, to) if from < to && to <= 24 => Some(Window::new(at_hour(from), at_hour(to))),
        Hours::Between(..) => return show(app, access, stored, lang, Some(PreferencesNote::HoursWrong), Some(draft)).await,
    };
    let frame = frame(&known.practice, lang);
    let (mut answers, mut words) = (Vec::new(), Vec::new());
    for choice in &draft.topics {
        let (subject, Some(yes)) = (subject(choice.topic), choice.answer) else { continue };
        // What stands as it was is not said anew, but for who starts again after a stop.
        if sent.step == "start" || known.answer(choice.topic) != Some(yes) {
            answers.push((subject, yes));
            words.push((subject, asked(&frame, choice.topic, known.authorized)));
        }
    }
    if let Some(yes) = draft.warning
        && (known.permissions.warning == Warning::Accepted) != yes
    {
        answers.push((Subject::Warning, yes));
        words.push((Subject::Warning, warned(&frame)));
    }
    let wanted = wellsent_engine::Preferences { shown_in: lang, answers, words, language: draft.text_lang, hours };
    app.engine.save_preferences(access, stored, wanted).await?;
    show(app, access, stored, lang, Some(PreferencesNote::Saved), None).await
}

fn draft(sent: &Sent, known: &Known) -> Draft {
    let field = |topic: Category| match topic {
        Category::Appointments => &sent.appointments,
        Category::Care => &sent.care,
        Category::Billing => &sent.billing,
        Category::Surveys => &sent.surveys,
        Category::Marketing => &sent.marketing,
    };
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse::<u8>().ok()).unwrap_or(0);
    Draft {
        topics: TOPICS.iter().map(|topic| TopicChoice { topic: *topic, answer: yes_no(field(*topic).as_deref()) }).collect(),
        warning: yes_no(sent.warning.as_deref()),
        text_lang: sent.text_lang.as_deref().and_then(Language::parse).unwrap_or(known.language),
        hours: match sent.hours.as_deref() {
            Some("between") => Hours::Between(number(&sent.from), number(&sent.to)),
            _ => Hours::Any,
        },
    }
}

/// What a yes or no field says; `None` where it says nothing that counts.
pub(super) fn yes_no(field: Option<&str>) -> Option<bool> {
    match field {
        Some("yes") => Some(true),
        Some("no") => Some(false),
        _ => None,
    }
}

/// The subject that a category's consent is recorded under.
pub(super) const fn subject(topic: Category) -> Subject {
    match topic {
        Category::Appointments => Subject::Appointments,
        Category::Care => Subject::Care,
        Category::Billing => Subject::Billing,
        Category::Surveys => Subject::Surveys,
        Category::Marketing => Subject::Marketing,
    }
}

/// A category as this page asks about it: its question, what its texts are, and what a yes means.
fn asked(frame: &Frame, topic: Category, authorized: bool) -> consent_wordings::ShownWording {
    let words = PreferencesWords::of(frame.lang);
    let (question, paper) = match topic {
        Category::Appointments => (words.appointments_ask, None),
        Category::Care => (words.care_ask, None),
        Category::Billing => (words.billing_ask, None),
        Category::Surveys => (words.surveys_ask, None),
        Category::Marketing => (words.marketing_ask, Some(if authorized { words.paper_signed } else { words.paper_needed })),
    };
    let mut asked = kept(frame.wording().shown_topic(topic));
    asked.name = format!("preferences_{}", asked.name);
    let rest = asked.body.split_once('\n').map_or("", |(_, rest)| rest);
    asked.body = format!("{question}\n{rest}");
    if let Some(paper) = paper {
        asked.body += &format!("\n{paper}");
    }
    asked
}

/// The warning as this page shows it, with both answers.
fn warned(frame: &Frame) -> consent_wordings::ShownWording {
    let words = PreferencesWords::of(frame.lang);
    let mut warned = kept(frame.wording().shown_warning());
    warned.name = format!("preferences_{}", warned.name);
    warned.body += &format!("\n{}\n{}", words.warning_accept, words.warning_decline);
    warned
}

/// A wording as it is kept with the act.
pub(super) fn kept(shown: ShownWording) -> consent_wordings::ShownWording {
    consent_wordings::ShownWording {
        name: shown.name.to_owned(),
        version: shown.version.to_owned(),
        language: shown.language,
        body: shown.body,
    }
}

/// A time as a whole hour; the last instant of a day is its end.
fn hour(time: Time) -> u8 {
    let hour = u8::try_from(time.hour()).unwrap_or(0);
    if time.minute() == 59 { hour + 1 } else { hour }
}

fn at_hour(hour: u8) -> Time {
    match i8::try_from(hour) {
        Ok(hour) if hour < 24 => Time::constant(hour, 0, 0, 0),
        _ => Time::MAX,
    }
}

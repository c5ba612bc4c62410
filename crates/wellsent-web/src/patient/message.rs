//! A message on a page, and the reply to it.

use super::secure::{Sent, back};
use super::view::{MessagePage, PatientReply, ReplyNote};
use super::{day, frame, moment, page, practice_of};
use crate::App;
use crate::failure::Failed;
use axum::response::Response;
use wellsent_domain::{Language, Phi};
use wellsent_engine::REPLY_CHARS_MAX;
use wellsent_store::pages::StoredPage;
use wellsent_store::{Access, StoreError, Tx, inbound};

pub(super) async fn show(
    app: &App,
    access: Access,
    stored: &StoredPage,
    lang: Language,
    note: Option<ReplyNote>,
    draft: String,
) -> Result<Response, Failed> {
    let practice = practice_of(app, access).await?;
    let id = stored.id;
    let load = move |tx: &mut Tx<'_, '_>| -> Result<_, StoreError> { inbound::of_page(tx, id) };
    let replies = app.engine.store().write(access, load).await?;
    page(&MessagePage {
        frame: frame(&practice, lang),
        text: stored.body.as_ref().map(|body| body.expose().clone()).unwrap_or_default(),
        text_lang: stored.language,
        written: moment(lang, stored.made_at, &practice.zone),
        until: day(lang, stored.state.expires_at, &practice.zone),
        replies: replies
            .into_iter()
            .map(|(text, at)| PatientReply { text: text.into_exposed(), at: moment(lang, at, &practice.zone) })
            .collect(),
        takes_replies: true,
        note,
        draft,
    })
}

pub(super) async fn act(app: &App, access: Access, stored: &StoredPage, lang: Language, sent: Sent) -> Result<Response, Failed> {
    if sent.step != "reply" {
        return show(app, access, stored, lang, None, String::new()).await;
    }
    // Browsers send a line break as two characters and count it as one.
    let text = sent.text.replace("\r\n", "\n");
    let note = match text.trim().chars().count() {
        0 => ReplyNote::Empty,
        count if count > REPLY_CHARS_MAX => ReplyNote::TooLong,
        _ => {
            app.engine.page_reply(access, stored, Phi::new(text)).await?;
            // To an address, so that loading the page again sends nothing again.
            return Ok(back("sent", lang));
        }
    };
    show(app, access, stored, lang, Some(note), text).await
}

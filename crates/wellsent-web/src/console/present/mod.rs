//! From values of the domain to words of a page.

mod calendar;
mod carriers;
mod facts;
mod message;
mod reasons;
mod thread;
mod words;

pub(crate) use calendar::Calendar;
pub(crate) use carriers::{Books, application, at_moment, charts_begin, lost, sender_address, service};
pub(crate) use facts::facts;
pub(crate) use message::{MessageWords, decision, message_row, message_state, template};
pub(crate) use reasons::{short, short_line};
pub(crate) use thread::{bubbles, page_is_open, page_state};
pub(crate) use words::*;

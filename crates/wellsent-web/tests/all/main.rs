//! The routes over a real store: who comes in, what they see, and what stays outside.

mod applications;
mod carriers;
mod check_in;
mod code_service;
mod consents;
mod door;
mod hooks;
mod live;
mod pages;
mod permissions;
mod practices;
mod preferences;
mod secrecy;
mod secure_pages;
mod site;
mod words;

//! The routes over a real store: who comes in, what they see, and what stays outside.

mod door;
mod hooks;
mod live;
mod pages;
mod practices;
mod secrecy;
mod site;
mod words;

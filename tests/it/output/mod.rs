//! What is made of members: files, pages, figures.

mod axis;
mod export;
mod page;
mod profile;
mod values;

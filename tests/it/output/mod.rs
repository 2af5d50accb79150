//! What is made of members: files, pages, figures.

mod export;
mod page;

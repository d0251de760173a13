//! PDF: the text of each page in reading order, on `unpdf`.
//!
//! `unpdf` finds columns, headings, lists and tables. This module checks the file before,
//! reads what `unpdf` does not (labels of pages, notes, addresses, attachments), tells what repeats
//! on many pages from the content, and mends the text: hyphens at line ends, ligatures, pages
//! whose fonts have no map to characters.

mod blocks;
mod content_cost;
mod facts;
mod figures;
mod font_check;
mod links;
mod loose_tables;
mod nesting;
mod outline;
mod page_check;
mod precheck;
mod readable_text;
mod repeated;
mod scans;
mod table_header;
mod upright;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;

use unpdf::parser::raw::RawDocument;
use unpdf::{ErrorKind, PageSelection, PageStreamOptions, ParseEvent, ParseOptions, PdfParser};

use super::blocks::DocumentBuilder;
use super::pictures::pictures_warning;
use super::{FoundPicture, Input, PictureAt, ReadFile};
use crate::document::{Area, BlockKind, FileDetails, PictureSpot, Place, Span};
use crate::error::{Error, Result};
use blocks::PageBlocks;
use facts::Facts;
use scans::Figure;

/// Reads a PDF file.
pub(crate) fn pdf(input: &Input<'_>) -> Result<ReadFile> {
    let bytes = precheck::check(input)?;
    let document = RawDocument::load_with_password(&bytes, input.password);
    let document = document.map_err(|error| failure(&error, input))?;
    let total = document.page_count();
    if total > input.limits.pages {
        return Err(too_many("pages", total.into(), input.limits.pages.into(), input));
    }
    let lost_pages = page_check::unreadable_pages(&document, input)?;
    if total > 0 && lost_pages.len() == total as usize {
        return Err(input.damaged("the content of its pages cannot be read"));
    }
    let facts = Facts::read(&document, input)?;
    let upright = upright::upright(&bytes, &document, input)?;
    let document = match &upright {
        None => document,
        Some(bytes) => RawDocument::load_with_password(bytes, input.password)
            .map_err(|error| failure(&error, input))?,
    };
    let figures = figures::find(&document, &lost_pages, input)?;
    drop(document);
    let bytes = upright.as_deref().unwrap_or(&bytes);
    let mut read = read_pages(bytes, lost_pages, input)?;
    loose_tables::split(&mut read.pages, bytes, input)?;
    let drawn = draw(bytes, &read.pages, figures, input)?;
    Ok(assemble(read, facts, drawn))
}

/// What was drawn.
#[derive(Default)]
struct Drawn {
    /// The pages whose text cannot be read, and their numbers.
    scans: Vec<FoundPicture>,
    scanned: HashSet<u32>,
    /// The figures of the other pages, from the top.
    figures: BTreeMap<u32, Vec<Figure>>,
    figures_left_out: usize,
}

impl Drawn {
    fn is_scan(&self, page: u32) -> bool {
        self.scanned.contains(&page)
    }
}

fn draw(
    bytes: &[u8],
    pages: &[PageBlocks],
    mut figures: BTreeMap<u32, Vec<Area>>,
    input: &Input<'_>,
) -> Result<Drawn> {
    let is_scan = |page: &&PageBlocks| page.blocks.is_empty() || page.is_garbage();
    let scans: Vec<u32> = pages.iter().filter(is_scan).map(|page| page.number).collect();
    figures.retain(|page, _| !scans.contains(page));
    if scans.is_empty() && figures.is_empty() {
        return Ok(Drawn::default());
    }
    let parser = PdfParser::from_bytes_with_options(bytes, options(input));
    let parser = parser.map_err(|error| failure(&error, input))?;
    let scans = scans::draw(&parser, &scans, input)?;
    let (figures, figures_left_out) = scans::draw_figures(&parser, &figures, input)?;
    let number = |scan: &FoundPicture| match scan.at {
        PictureAt::Page(page) => Some(page),
        PictureAt::Text(_) => None,
    };
    let scanned = scans.iter().filter_map(number).collect();
    Ok(Drawn { scans, scanned, figures, figures_left_out })
}

fn options(input: &Input<'_>) -> ParseOptions {
    let mut options = ParseOptions::default().sequential();
    options.password = input.password.map(str::to_owned);
    options
}

/// What was read of all pages.
#[derive(Default)]
struct PagesRead {
    pages: Vec<PageBlocks>,
    details: FileDetails,
    outline: Vec<outline::Bookmark>,
    fields: Vec<String>,
    /// Pages that could not be read, and pages that the file states and does not have.
    lost_pages: Vec<u32>,
    is_incomplete: bool,
}

/// Reads all pages but those that are lost already.
fn read_pages(bytes: &[u8], lost_pages: Vec<u32>, input: &Input<'_>) -> Result<PagesRead> {
    let mut options = options(input);
    let parser = PdfParser::from_bytes_with_options(bytes, options.clone());
    let parser = parser.map_err(|error| failure(&error, input))?;
    let total = parser.page_count();
    if !lost_pages.is_empty() {
        let kept = (1..=total).filter(|page| lost_pages.binary_search(page).is_err());
        options.pages = PageSelection::Pages(kept.collect());
    }
    let mut read = PagesRead { lost_pages, ..PagesRead::default() };
    let (mut stopped, mut text_bytes) = (Ok(()), 0);
    let quality = parser.for_each_page(PageStreamOptions::from(&options), |event| {
        match event {
            ParseEvent::DocumentStart { metadata, outline, form_fields, .. } => {
                read.details = facts::details(metadata);
                read.outline = outline::bookmarks(outline);
                read.fields = blocks::form_fields(&form_fields);
            }
            ParseEvent::PageParsed(page) => {
                let number = page.number;
                read.pages.push(PageBlocks::of(page));
                text_bytes += read.pages.last().map_or(0, PageBlocks::text_bytes) as u64;
                stopped = input.step(number.into(), total.into(), "pages");
                if text_bytes > input.limits.text_bytes && stopped.is_ok() {
                    stopped = Err(too_many("bytes", text_bytes, input.limits.text_bytes, input));
                }
            }
            ParseEvent::PageFailed { page, .. } => read.lost_pages.push(page),
            ParseEvent::Progress { .. } | ParseEvent::DocumentEnd { .. } => {}
        }
        if stopped.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    stopped?;
    read.is_incomplete = quality.map_err(|error| failure(&error, input))?.pages_incomplete;
    read.details.pages = Some(total);
    Ok(read)
}

/// The document: of each page its blocks, notes and addresses; then the fields of forms. Of what was
/// `drawn`, the words are still to be read.
fn assemble(mut read: PagesRead, facts: Facts, mut drawn: Drawn) -> ReadFile {
    outline::mark_headings(&mut read.pages, &read.outline);
    repeated::mark(&mut read.pages);
    let mut builder = DocumentBuilder::default();
    let mut warnings = Vec::new();
    let mut pictures = Vec::new();
    let (mut without_text, mut unreadable) = (Vec::new(), Vec::new());
    for page in &read.pages {
        builder
            .set_place(Place { page_label: facts.label(page.number), ..Place::page(page.number) });
        let is_drawn = drawn.is_scan(page.number);
        if page.is_garbage() {
            if !is_drawn {
                unreadable.push(page.number);
            }
        } else {
            let (mut captions, mut last) = (Vec::new(), Span::default());
            for block in &page.blocks {
                builder.push(block.kind, &block.text);
                captions.extend(builder.last_span().filter(|_| block.is_figure_caption()));
                if block.kind != BlockKind::Boilerplate {
                    last = builder.last_span().unwrap_or_default();
                }
            }
            let figures = drawn.figures.remove(&page.number).unwrap_or_default();
            pictures.extend(placed(figures, &captions, last));
            if page.blocks.is_empty() && !is_drawn {
                without_text.push(page.number);
            }
            if page.has_lost_text {
                unreadable.push(page.number);
            }
        }
        for note in facts.notes(page.number) {
            builder.push(BlockKind::Paragraph, note);
        }
        for link in links::lines(page, facts.links(page.number)) {
            builder.push(BlockKind::Paragraph, &link);
        }
    }
    builder.set_place(Place::default());
    read.fields.iter().for_each(|field| builder.push(BlockKind::ListItem, field));
    warnings.extend(pages_warning(
        &without_text,
        "no text; it may be a scan",
        "no text; they may be scans",
    ));
    let lost = "text in fonts without a map to characters, which was left out";
    warnings.extend(pages_warning(&unreadable, lost, lost));
    let lost = "content that could not be read";
    warnings.extend(pages_warning(&read.lost_pages, lost, lost));
    if read.is_incomplete {
        warnings.push("The file is damaged: some pages are missing.".to_owned());
    }
    warnings.extend(facts.warnings);
    warnings.extend(pictures_warning(drawn.figures_left_out));
    pictures.append(&mut drawn.scans);
    let details = FileDetails { warnings, language: facts.language, ..read.details };
    let document = builder.finish();
    ReadFile { document, details, members: facts.attachments, pictures, ..ReadFile::default() }
}

/// The figures of a page with its captions, or else beside its `last` block. Where there are more of
/// the ones than of the others, nothing tells which belong together.
fn placed(figures: Vec<Figure>, captions: &[Span], beside: Span) -> Vec<FoundPicture> {
    let is_beside = captions.len() != figures.len();
    let place = |(at, Figure { area, bytes }): (usize, Figure)| {
        let span = if is_beside { beside } else { captions[at] };
        let spot = PictureSpot { span, is_beside, area: Some(area) };
        FoundPicture { at: PictureAt::Text(spot), bytes, link: None }
    };
    figures.into_iter().enumerate().map(place).collect()
}

/// How many pages a warning names.
const NAMED_PAGES: usize = 10;

/// "3 pages have no text: 4, 7, 9." None for no page.
fn pages_warning(pages: &[u32], one: &str, several: &str) -> Option<String> {
    let named: Vec<String> = pages.iter().take(NAMED_PAGES).map(u32::to_string).collect();
    let more = if pages.len() > NAMED_PAGES { ", …" } else { "" };
    match pages.len() {
        0 => None,
        1 => Some(format!("Page {} has {one}.", named[0])),
        count => Some(format!("{count} pages have {several}: {}{more}.", named.join(", "))),
    }
}

/// The error of a file that `unpdf` cannot read.
fn failure(error: &unpdf::Error, input: &Input<'_>) -> Error {
    let name = input.name.to_owned();
    match (error.kind(), input.password) {
        (ErrorKind::Encrypted, _) | (ErrorKind::InvalidPassword, None) => {
            Error::PasswordRequired { name }
        }
        (ErrorKind::InvalidPassword, Some(_)) => Error::WrongPassword { name },
        _ => input.damaged(error.to_string()),
    }
}

fn too_many(unit: &'static str, got: u64, limit: u64, input: &Input<'_>) -> Error {
    let advice = "Split it into smaller files.";
    Error::TooLarge { what: format!("\"{}\"", input.name), got, limit, unit, advice }
}

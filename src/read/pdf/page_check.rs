//! What is checked of each page before `unpdf` lays it out: forms that paint each other over and
//! over, content that unpacks to gigabytes, texts that extend over kilometres, fonts that cannot
//! be used. `unpdf` has no limits for them, and takes memory by the extent of a text.

use std::collections::HashMap;
use std::rc::Rc;

use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument, stream};

use super::content_cost::{
    ContentCost, MAX_CONTENT_BYTES, MAX_OPERATORS, largest, measure, scale_of,
};
use super::font_check::widest_glyph;
use super::upright::inherited;
use crate::error::Result;
use crate::read::Input;

/// The longest text, in points: some 350 metres.
const MAX_TEXT_POINTS: f64 = 1e6;
/// How deep forms paint forms: `unpdf` goes no deeper.
const MAX_FORM_DEPTH: usize = 32;

type ObjectId = (u32, u16);

/// The pages that would take too much memory or time, or that `unpdf` fails on.
pub(super) fn unreadable_pages(document: &RawDocument, input: &Input<'_>) -> Result<Vec<u32>> {
    let mut check = Check { document, forms: HashMap::new(), fonts: HashMap::new() };
    let pages = document.pages();
    let mut unreadable = Vec::new();
    for (&number, &id) in &pages {
        if !check.is_readable(id) {
            unreadable.push(number);
        }
        input.step(0, pages.len() as u64, "pages")?;
    }
    Ok(unreadable)
}

/// The decoded content of a page. None where it is too large.
pub(super) fn page_content(document: &RawDocument, page: &PdfDict) -> Option<Vec<u8>> {
    let Some(contents) = page.get(b"Contents".as_slice()) else { return Some(Vec::new()) };
    let contents = document.resolve(contents);
    let streams = contents.as_array().unwrap_or(std::slice::from_ref(contents));
    let mut content = Vec::new();
    for part in streams {
        // What cannot be decoded is left out by `unpdf` too.
        let part = document.resolve(part).as_stream();
        let part = part.and_then(|part| stream::decompress(part).ok()).unwrap_or_default();
        content.extend_from_slice(&part);
        content.push(b'\n');
        if content.len() > MAX_CONTENT_BYTES {
            return None;
        }
    }
    Some(content)
}

struct Check<'a> {
    document: &'a RawDocument,
    /// The costs of forms by themselves; none for one that cannot be read.
    forms: HashMap<ObjectId, Option<Rc<Form<'a>>>>,
    /// The widest glyph of each font; none for one that cannot be used.
    fonts: HashMap<ObjectId, Option<f64>>,
}

struct Form<'a> {
    cost: ContentCost,
    matrix_scale: f64,
    resources: Option<&'a PdfDict>,
}

impl<'a> Form<'a> {
    /// Reads a form. An XObject of another kind is a form without content.
    fn read(document: &'a RawDocument, id: ObjectId) -> Option<Self> {
        let object = document.get_object(id).map(|object| document.resolve(object));
        let form = object.and_then(PdfObject::as_stream);
        let entry = |name: &[u8]| form?.dict.get(name).map(|entry| document.resolve(entry));
        let is_form = entry(b"Subtype").and_then(PdfObject::as_name) == Some(b"Form");
        let content = form.filter(|_| is_form).and_then(|form| stream::decompress(form).ok());
        let matrix = entry(b"Matrix").and_then(PdfObject::as_array).unwrap_or_default();
        let matrix: Vec<f64> =
            matrix.iter().filter_map(|number| document.resolve(number).as_f64()).collect();
        Some(Self {
            cost: measure(&content.unwrap_or_default())?,
            matrix_scale: match matrix[..] {
                [a, b, c, d, ..] => scale_of([a, b, c, d]),
                _ => 1.0,
            },
            resources: entry(b"Resources").and_then(PdfObject::as_dict),
        })
    }
}

/// What a page, or a form with the forms that it paints, costs in all.
#[derive(Clone, Copy, Default)]
struct Total {
    operators: u64,
    text_points: f64,
}

/// What cannot be read.
const ENDLESS: Total = Total { operators: u64::MAX, text_points: f64::INFINITY };

/// The forms of one page that are done, and those that are being measured.
#[derive(Default)]
struct Painted {
    done: HashMap<ObjectId, Total>,
    open: Vec<ObjectId>,
}

impl<'a> Check<'a> {
    fn is_readable(&mut self, id: ObjectId) -> bool {
        let document = self.document;
        let Ok(page) = document.get_dict(id) else { return true };
        let Some(cost) = page_content(document, page).and_then(|content| measure(&content)) else {
            return false;
        };
        let resources = inherited(document, page, b"Resources").and_then(PdfObject::as_dict);
        let mut painted = Painted::default();
        let total = self.total(&cost, resources, resources, &mut painted);
        total.operators <= MAX_OPERATORS && total.text_points <= MAX_TEXT_POINTS
    }

    /// The cost of content with the forms that it paints.
    fn total(
        &mut self,
        cost: &ContentCost,
        own: Option<&'a PdfDict>,
        page: Option<&'a PdfDict>,
        painted: &mut Painted,
    ) -> Total {
        let Some(widest) = self.widest(own).zip(self.widest(page)) else { return ENDLESS };
        let widest = widest.0.max(widest.1) / 1000.0;
        let mut total = Total {
            operators: cost.operators,
            text_points: largest(cost.spacing, cost.glyphs * widest),
        };
        for (name, &(count, scale)) in &cost.painted {
            let ids = [own, page].map(|resources| self.xobject(resources, name));
            let Some(id) = ids.into_iter().flatten().next() else { continue };
            let form = self.form_total(id, page, painted);
            let operators = form.operators.saturating_mul(count);
            total.operators = total.operators.saturating_add(operators);
            total.text_points = largest(total.text_points, form.text_points * scale);
        }
        total
    }

    fn form_total(
        &mut self,
        id: ObjectId,
        page: Option<&'a PdfDict>,
        painted: &mut Painted,
    ) -> Total {
        if let Some(total) = painted.done.get(&id) {
            return *total;
        }
        // A form that paints itself is not painted again. Where several paint each other, each
        // way through them is.
        if painted.open.last() == Some(&id) || painted.open.len() >= MAX_FORM_DEPTH {
            return Total::default();
        }
        if painted.open.contains(&id) {
            return ENDLESS;
        }
        let Some(form) = self.form(id) else { return ENDLESS };
        painted.open.push(id);
        let mut total = self.total(&form.cost, form.resources, page, painted);
        painted.open.pop();
        total.text_points *= form.matrix_scale;
        painted.done.insert(id, total);
        total
    }

    /// A form; none where it is too large.
    fn form(&mut self, id: ObjectId) -> Option<Rc<Form<'a>>> {
        let document = self.document;
        self.forms.entry(id).or_insert_with(|| Form::read(document, id).map(Rc::new)).clone()
    }

    fn xobject(&self, resources: Option<&PdfDict>, name: &[u8]) -> Option<ObjectId> {
        let xobjects = self.document.resolve(resources?.get(b"XObject".as_slice())?);
        xobjects.as_dict()?.get(name)?.as_reference()
    }

    /// The widest glyph of all fonts of resources; none where one of them cannot be used.
    fn widest(&mut self, resources: Option<&'a PdfDict>) -> Option<f64> {
        let document = self.document;
        let fonts = resources.and_then(|resources| resources.get(b"Font".as_slice()));
        let Some(fonts) = fonts.and_then(|fonts| document.resolve(fonts).as_dict()) else {
            return Some(1000.0);
        };
        fonts.values().try_fold(1000.0_f64, |widest, font| {
            let measured = |font| match document.resolve(font).as_dict() {
                Some(font) => widest_glyph(document, font),
                None => Some(0.0),
            };
            let glyph = match font.as_reference() {
                Some(id) => *self.fonts.entry(id).or_insert_with(|| measured(font)),
                None => measured(font),
            };
            Some(widest.max(glyph?))
        })
    }
}

//! Where pictures are painted on the pages.

use std::collections::{BTreeMap, HashMap, HashSet};

use unpdf::parser::backend::{ContentOp, PdfValue};
use unpdf::parser::raw::content::parse_content_stream;
use unpdf::parser::raw::{PdfDict, PdfObject, RawDocument, stream};

use super::content_cost::number_of;
use super::page_check::page_content;
use super::upright::{inherited, page_box};
use crate::document::Area;
use crate::error::Result;
use crate::read::Input;

type ObjectId = (u32, u16);
/// The six numbers of a matrix (ISO 32000-2, 8.3.4).
type Matrix = [f64; 6];

/// How deep forms paint forms.
const MAX_DEPTH: usize = 8;
/// How deep graphics states are saved.
const MAX_SAVED: usize = 256;
/// The most pictures of a page: more are a pattern or a drawing in pieces.
const MAX_PAINTED: usize = 400;
/// The most forms of a page that are followed, and the most bytes of their content.
const MAX_FORMS: usize = 1000;
const MAX_FORM_BYTES: usize = 16 << 20;
/// A picture that is on so many pages is a logo or an ornament.
const ORNAMENT_PAGES: usize = 3;
/// The smallest figure, and the largest: what covers the page is its background. In shares of the page.
const MIN_SIDE: f64 = 0.06;
const MIN_SHARE: f64 = 0.015;
const MAX_SHARE: f64 = 0.85;
/// How far pieces of one picture are apart, in shares of the page.
const GAP: f64 = 0.004;

/// A rectangle in shares of the page, from the top left corner: left, top, right, bottom.
type Rectangle = [f64; 4];

/// The figures of each page, from the top.
pub(super) fn find(
    document: &RawDocument,
    lost_pages: &[u32],
    input: &Input<'_>,
) -> Result<BTreeMap<u32, Vec<Area>>> {
    let pages = document.pages();
    let mut painted: BTreeMap<u32, Vec<(ObjectId, Rectangle)>> = BTreeMap::new();
    for (&number, &id) in &pages {
        input.step(0, pages.len() as u64, "pages")?;
        if lost_pages.binary_search(&number).is_err() {
            painted.insert(number, painted_on(document, id).unwrap_or_default());
        }
    }
    let mut on_pages: HashMap<ObjectId, usize> = HashMap::new();
    for on_page in painted.values() {
        let ids: HashSet<ObjectId> = on_page.iter().map(|(id, _)| *id).collect();
        ids.into_iter().for_each(|id| *on_pages.entry(id).or_default() += 1);
    }
    let figures = |on_page: Vec<(ObjectId, Rectangle)>| {
        let kept = on_page.into_iter().filter(|(id, _)| on_pages[id] < ORNAMENT_PAGES);
        figures(kept.map(|(_, rectangle)| rectangle).collect())
    };
    let figures = painted.into_iter().map(|(number, on_page)| (number, figures(on_page)));
    Ok(figures.filter(|(_, figures)| !figures.is_empty()).collect())
}

/// The figures that these pictures of a page are, or are pieces of.
fn figures(mut pieces: Vec<Rectangle>) -> Vec<Area> {
    pieces.retain(|piece| share(piece) <= MAX_SHARE);
    if pieces.len() > MAX_PAINTED {
        return Vec::new();
    }
    let mut whole: Vec<Rectangle> = Vec::new();
    for mut piece in pieces {
        // What it joins may join others then.
        while let Some(at) = whole.iter().position(|other| touches(&piece, other)) {
            piece = union(&piece, &whole.swap_remove(at));
        }
        whole.push(piece);
    }
    let is_figure = |figure: &Rectangle| {
        let sides = (figure[2] - figure[0]).min(figure[3] - figure[1]);
        sides >= MIN_SIDE && (MIN_SHARE..=MAX_SHARE).contains(&share(figure))
    };
    whole.retain(is_figure);
    whole.sort_by(|one, other| one[1].total_cmp(&other[1]).then(one[0].total_cmp(&other[0])));
    let part = |share: f64| (share * f64::from(Area::WHOLE)).round() as u16;
    let area = |[left, top, right, bottom]: Rectangle| Area {
        left: part(left),
        top: part(top),
        right: part(right),
        bottom: part(bottom),
    };
    whole.into_iter().map(area).collect()
}

fn share([left, top, right, bottom]: &Rectangle) -> f64 {
    (right - left) * (bottom - top)
}

fn touches(one: &Rectangle, other: &Rectangle) -> bool {
    let along =
        |axis: usize| one[axis] <= other[axis + 2] + GAP && other[axis] <= one[axis + 2] + GAP;
    along(0) && along(1)
}

fn union(one: &Rectangle, other: &Rectangle) -> Rectangle {
    let [left, top] = [0, 1].map(|side| one[side].min(other[side]));
    let [right, bottom] = [2, 3].map(|side| one[side].max(other[side]));
    [left, top, right, bottom]
}

/// The pictures that a page paints. None where nothing is known of the page.
fn painted_on(document: &RawDocument, id: ObjectId) -> Option<Vec<(ObjectId, Rectangle)>> {
    let page = document.get_dict(id).ok()?;
    // Rotated pages are upright by now; those of encrypted files are not.
    if inherited(document, page, b"Rotate").and_then(PdfObject::as_i64).unwrap_or(0) % 360 != 0 {
        return None;
    }
    let resources = inherited(document, page, b"Resources").and_then(PdfObject::as_dict)?;
    resources.get(b"XObject".as_slice())?;
    let [left, bottom, right, top] = page_box(document, page)?;
    let (width, height) = (right - left, top - bottom);
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let mut painter = Painter {
        document,
        page: resources,
        painted: Vec::new(),
        open: Vec::new(),
        forms: 0,
        bytes: 0,
    };
    let content = page_content(document, page)?;
    painter.follow(&content, resources, [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    let seen = |[x, y, other_x, other_y]: [f64; 4]| {
        let sides = [(x - left) / width, (top - other_y) / height];
        let others = [(other_x - left) / width, (top - y) / height];
        let [start, end] = [sides, others].map(|sides| sides.map(|side| side.clamp(0.0, 1.0)));
        [start[0], start[1], end[0], end[1]]
    };
    Some(painter.painted.into_iter().map(|(id, corners)| (id, seen(corners))).collect())
}

struct Painter<'a> {
    document: &'a RawDocument,
    /// The resources of the page, for forms without their own.
    page: &'a PdfDict,
    /// The forms that are being followed: one that paints itself is not painted again.
    open: Vec<ObjectId>,
    /// The forms so far, and the bytes of their content.
    forms: usize,
    bytes: usize,
    /// The pictures, with left, bottom, right and top in points.
    painted: Vec<(ObjectId, [f64; 4])>,
}

impl<'a> Painter<'a> {
    /// Follows content and the forms that it paints.
    fn follow(&mut self, content: &[u8], resources: &'a PdfDict, matrix: Matrix) {
        let Ok(operations) = parse_content_stream(content) else { return };
        let (mut matrix, mut saved) = (matrix, Vec::new());
        for operation in &operations {
            match operation.operator.as_str() {
                "q" if saved.len() < MAX_SAVED => saved.push(matrix),
                "Q" => matrix = saved.pop().unwrap_or(matrix),
                "cm" => matrix = product(operands(operation), matrix),
                "Do" => self.paint(operation, resources, matrix),
                _ => {}
            }
        }
    }

    fn paint(&mut self, operation: &ContentOp, resources: &'a PdfDict, matrix: Matrix) {
        let document = self.document;
        let Some(PdfValue::Name(name)) = operation.operands.first() else { return };
        let xobjects = resources.get(b"XObject".as_slice()).map(|it| document.resolve(it));
        let id =
            xobjects.and_then(PdfObject::as_dict).and_then(|all| all.get(name)?.as_reference());
        let Some(id) = id else { return };
        let Some(painted) = document.get_object(id).and_then(PdfObject::as_stream) else { return };
        let entry = |name: &[u8]| painted.dict.get(name).map(|entry| document.resolve(entry));
        match entry(b"Subtype").and_then(PdfObject::as_name) {
            // NaN would not be ordered.
            Some(b"Image")
                if matrix.iter().all(|it| it.is_finite()) && self.painted.len() <= MAX_PAINTED =>
            {
                self.painted.push((id, unit_square(matrix)));
            }
            Some(b"Form") if self.may_follow(id) => {
                let Ok(content) = stream::decompress(painted) else { return };
                self.forms += 1;
                self.bytes += content.len();
                let own = entry(b"Matrix").and_then(PdfObject::as_array).unwrap_or_default();
                let own: Vec<f64> =
                    own.iter().filter_map(|number| document.resolve(number).as_f64()).collect();
                let matrix = Matrix::try_from(own).map_or(matrix, |own| product(own, matrix));
                let own = entry(b"Resources").and_then(PdfObject::as_dict);
                self.open.push(id);
                self.follow(&content, own.unwrap_or(self.page), matrix);
                self.open.pop();
            }
            _ => {}
        }
    }
}

impl Painter<'_> {
    fn may_follow(&self, form: ObjectId) -> bool {
        self.open.len() < MAX_DEPTH
            && !self.open.contains(&form)
            && self.forms < MAX_FORMS
            && self.bytes < MAX_FORM_BYTES
    }
}

fn operands(operation: &ContentOp) -> Matrix {
    [0, 1, 2, 3, 4, 5].map(|place| operation.operands.get(place).map_or(0.0, number_of))
}

/// The matrix that applies `first`, then `second`.
fn product(first: Matrix, second: Matrix) -> Matrix {
    let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (first, second);
    let linear = [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j];
    [linear[0], linear[1], linear[2], linear[3], e * g + f * i + k, e * h + f * j + l]
}

/// Left, bottom, right and top of a picture, which fills the unit square before the matrix.
fn unit_square([a, b, c, d, e, f]: Matrix) -> [f64; 4] {
    let (xs, ys) = ([e, e + a, e + c, e + a + c], [f, f + b, f + d, f + b + d]);
    let least = |all: [f64; 4]| all.into_iter().fold(f64::INFINITY, f64::min);
    let most = |all: [f64; 4]| all.into_iter().fold(f64::NEG_INFINITY, f64::max);
    [least(xs), least(ys), most(xs), most(ys)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn pieces_are_one_figure_and_ornaments_none() {
        let strips = [[0.1, 0.2, 0.5, 0.25], [0.1, 0.25, 0.5, 0.3], [0.1, 0.3, 0.5, 0.4]];
        let dot = [0.9, 0.9, 0.92, 0.92];
        let background = [0.0, 0.0, 1.0, 1.0];
        let other = [0.6, 0.1, 0.9, 0.3];
        let found = figures([strips.as_slice(), &[dot, background, other]].concat());
        let area = |left, top, right, bottom| Area { left, top, right, bottom };
        assert_eq!(found, [area(6000, 1000, 9000, 3000), area(1000, 2000, 5000, 4000)]);
    }

    #[test]
    fn a_turned_picture_is_in_the_rectangle_around_it() {
        // A quarter to the left, 20 wide and 10 high then, with its corner at (30, 40).
        let turned = product([0.0, 10.0, -20.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 1.0, 50.0, 40.0]);
        assert_eq!(unit_square(turned), [30.0, 40.0, 50.0, 50.0]);
    }
}

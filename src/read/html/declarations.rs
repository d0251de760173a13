//! What declarations of CSS say of whether an element is seen.

use cssparser::{Delimiter, ParseError, Parser, ParserInput};

/// A length of so many pixels to the left or above is outside of every window.
const OFF_SCREEN_PIXELS: f32 = -900.0;
/// A box of at most one pixel shows nothing.
const MIN_PIXELS: f32 = 1.0;

/// What is said of each way to hide an element: whether it is used. None where nothing is said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Declared {
    ways: [Option<bool>; WAYS],
}

/// `display`, `visibility`, `opacity`, the size of letters, the place and size of the box, the
/// color, a height of nothing.
const WAYS: usize = 7;

impl Declared {
    /// Reads the value of a `style` attribute.
    pub(super) fn of(style: &str) -> Self {
        Self::read(&mut Parser::new(&mut ParserInput::new(style)))
    }

    /// Reads declarations up to the end of their block.
    pub(super) fn read(parser: &mut Parser<'_, '_>) -> Self {
        let (mut declared, mut layout) = (Self::default(), Layout::default());
        while !parser.is_exhausted() {
            let declaration = parser.parse_until_after(Delimiter::Semicolon, |parser| {
                let name = parser.expect_ident_cloned()?;
                parser.expect_colon()?;
                parser.skip_whitespace();
                let start = parser.position();
                while parser.next().is_ok() {}
                Ok::<_, ParseError<'_, ()>>((name, parser.slice_from(start)))
            });
            // What is no declaration is skipped.
            if let Ok((name, value)) = declaration {
                let value = value.to_ascii_lowercase();
                let value = value.trim_end().trim_end_matches("!important").trim();
                declared.add(&name.to_ascii_lowercase(), value);
                layout.add(&name.to_ascii_lowercase(), value);
            }
        }
        declared.ways[4] = layout.hides();
        declared.ways[5] = layout.has_color_of_background();
        declared.ways[6] = layout.is_flat();
        declared
    }

    fn add(&mut self, name: &str, value: &str) {
        let (way, hides) = match name {
            "display" => (0, value == "none"),
            "visibility" => (1, matches!(value, "hidden" | "collapse")),
            "opacity" => (2, number(value) == Some(0.0)),
            "font-size" => (3, pixels(value).is_some_and(|size| size <= MIN_PIXELS)),
            _ => return,
        };
        self.ways[way] = Some(hides);
    }

    /// Whether the element is hidden in one of these ways.
    pub(super) fn hides(&self) -> bool {
        self.ways.contains(&Some(true))
    }

    /// What is said here, and otherwise what `weaker` says.
    pub(super) fn or(mut self, weaker: Self) -> Self {
        for (way, weaker) in self.ways.iter_mut().zip(weaker.ways) {
            *way = way.or(weaker);
        }
        self
    }
}

/// What is said of the place, the size and the colors of a box.
#[derive(Default)]
struct Layout {
    is_positioned: bool,
    is_moved_away: bool,
    is_indented_away: bool,
    is_clipped: bool,
    cuts_overflow: bool,
    width: Option<f32>,
    height: Option<f32>,
    max_height: Option<f32>,
    /// Whether anything is said of its height.
    has_height: bool,
    color: Option<String>,
    background: Option<String>,
}

impl Layout {
    fn add(&mut self, name: &str, value: &str) {
        let is_away = || pixels(value).is_some_and(|at| at <= OFF_SCREEN_PIXELS);
        match name {
            "position" => self.is_positioned = matches!(value, "absolute" | "fixed"),
            "left" | "top" | "right" | "bottom" => self.is_moved_away |= is_away(),
            "text-indent" | "margin-left" | "margin-top" => self.is_indented_away = is_away(),
            "clip" => self.is_clipped = arguments(value, "rect").is_some_and(is_nothing),
            "clip-path" => {
                let inset = arguments(value, "inset").and_then(number);
                self.is_clipped = inset.is_some_and(|share| share >= 50.0);
            }
            "overflow" => self.cuts_overflow = matches!(value, "hidden" | "clip"),
            "width" => self.width = pixels(value),
            "height" => (self.has_height, self.height) = (true, pixels(value)),
            "max-height" => (self.has_height, self.max_height) = (true, pixels(value)),
            "color" => self.color = Some(value.to_owned()),
            "background" | "background-color" => self.background = Some(value.to_owned()),
            _ => {}
        }
    }

    fn hides(&self) -> Option<bool> {
        let is_dot = self.cuts_overflow && is_small(self.width) && is_small(self.height);
        let is_away = self.is_positioned && self.is_moved_away;
        (is_away || self.is_indented_away || self.is_clipped || is_dot).then_some(true)
    }

    /// Whether it has no height, so that its text is cut off.
    fn is_flat(&self) -> Option<bool> {
        let is_small = is_small(self.height) || is_small(self.max_height);
        self.has_height.then_some(is_small && self.cuts_overflow)
    }

    fn has_color_of_background(&self) -> Option<bool> {
        let color = self.color.as_deref()?;
        Some(color == "transparent" || self.background.as_deref() == Some(color))
    }
}

fn is_small(size: Option<f32>) -> bool {
    size.is_some_and(|size| size <= MIN_PIXELS)
}

/// What is in the parentheses of a function.
fn arguments<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    value.strip_prefix(name)?.trim_start().strip_prefix('(')?.strip_suffix(')')
}

/// Whether a rectangle has no area that shows anything.
fn is_nothing(sides: &str) -> bool {
    let mut sides = sides.split([',', ' ']).filter(|side| !side.is_empty());
    sides.all(|side| pixels(side).is_some_and(|side| side <= MIN_PIXELS))
}

/// The number before a unit.
fn number(value: &str) -> Option<f32> {
    value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%').parse().ok()
}

/// About how many pixels a length has.
fn pixels(value: &str) -> Option<f32> {
    let unit = value.trim_start_matches(|c: char| !c.is_ascii_alphabetic() && c != '%');
    let pixels = match unit {
        "em" | "rem" | "ex" | "ch" | "%" | "vw" | "vh" => 12.0,
        _ => 1.0,
    };
    number(value).map(|number| number * pixels)
}

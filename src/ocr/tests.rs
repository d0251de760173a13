//! The whole room, with networks that are as small as they can be: text is what is bright, and
//! every bar of pale green reads "a".

use super::*;
use crate::error::Error;
use crate::read::Unwatched;

/// Writes ONNX, which is Protocol Buffers (onnx.proto): only what the networks here need.
mod onnx {
    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2];
        let mut length = bytes.len();
        while length >= 128 {
            out.push(length as u8 | 128);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend(bytes);
        out
    }

    /// An attribute that is a list of small numbers.
    pub(super) fn ints(name: &str, values: &[u8]) -> Vec<u8> {
        let values = values.iter().flat_map(|&value| [8 << 3, value]);
        [field(1, name.as_bytes()), values.collect(), vec![0xa0, 1, 7]].concat()
    }

    fn value(name: &str) -> Vec<u8> {
        let dimension = |name: &str| field(1, &field(2, name.as_bytes()));
        let shape = ["a", "b", "c", "d"].map(dimension).concat();
        let tensor = [vec![1 << 3, 1], field(2, &shape)].concat();
        [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
    }

    /// A network that runs one operator after the other.
    pub(super) fn network(operators: &[(&str, Vec<Vec<u8>>)]) -> Vec<u8> {
        let mut graph = field(2, b"test");
        for (at, (operator, attributes)) in operators.iter().enumerate() {
            let (input, output) = (format!("v{at}"), format!("v{}", at + 1));
            let mut node = [field(1, input.as_bytes()), field(2, output.as_bytes())].concat();
            node.extend(field(4, operator.as_bytes()));
            node.extend(attributes.iter().flat_map(|attribute| field(5, attribute)));
            graph.extend(field(1, &node));
        }
        graph.extend(field(11, &value("v0")));
        let output = format!("v{}", operators.len());
        graph.extend(field(12, &field(1, output.as_bytes())));
        let opset = field(8, &[2 << 3, 11]);
        [vec![1 << 3, 6], field(7, &graph), opset].concat()
    }
}

/// Detects what is bright.
fn detection() -> Vec<u8> {
    onnx::network(&[("ReduceMean", vec![onnx::ints("axes", &[1])])])
}

/// Reads a column as the class whose plane is brightest: blank, "a", space.
fn recognition() -> Vec<u8> {
    let pool = vec![onnx::ints("kernel_shape", &[48, 8]), onnx::ints("strides", &[48, 8])];
    onnx::network(&[
        ("MaxPool", pool),
        ("Squeeze", vec![onnx::ints("axes", &[2])]),
        ("Transpose", vec![onnx::ints("perm", &[0, 2, 1])]),
    ])
}

fn models() -> OcrModels {
    OcrModels::load(detection(), recognition(), b"a").expect("two networks")
}

/// A dark page with bright bars, each given by left, top, width and height.
fn page(width: usize, height: usize, bars: &[[usize; 4]]) -> Vec<u8> {
    let mut pixels = vec![0; width * height * 3];
    for &[left, top, bar_width, bar_height] in bars {
        for y in top..top + bar_height {
            let row = &mut pixels[(y * width + left) * 3..][..bar_width * 3];
            row.copy_from_slice(&[200, 255, 200].repeat(bar_width));
        }
    }
    pixels
}

fn read(width: usize, height: usize, pixels: &[u8]) -> Vec<TextLine> {
    let rgb = Rgb { width: width as u32, height: height as u32, pixels };
    models().read_lines(rgb, &Unwatched).expect("a picture")
}

#[test]
fn bars_on_a_page_are_lines_at_their_places_from_the_top() {
    let bars = [[50, 200, 300, 24], [50, 50, 200, 24], [50, 120, 250, 24]];
    let lines = read(500, 300, &page(500, 300, &bars));
    assert_eq!(lines.len(), 3, "{lines:?}");
    for (line, &[left, top, width, height]) in lines.iter().zip([&bars[1], &bars[2], &bars[0]]) {
        assert_eq!(line.text, "a");
        assert!(line.confidence > 0.5 && line.confidence <= 1.0, "{line:?}");
        let centre = [(left + width / 2) as f32, (top + height / 2) as f32];
        let middle = [0, 1].map(|axis| (line.quad[0][axis] + line.quad[2][axis]) / 2.0);
        assert!(geometry::distance(middle, centre) < 2.0, "{line:?}");
    }
}

#[test]
fn bars_in_two_columns_are_read_column_by_column() {
    let tops = [40, 80, 120, 160];
    let bars: Vec<[usize; 4]> =
        tops.iter().flat_map(|&top| [[40, top, 300, 20], [460, top, 300, 20]]).collect();
    let lines = read(800, 220, &page(800, 220, &bars));
    let is_left: Vec<bool> = lines.iter().map(|line| line.quad[0][0] < 400.0).collect();
    assert_eq!(is_left, [true, true, true, true, false, false, false, false]);
}

#[test]
fn the_cells_of_a_row_are_one_line_with_tabs() {
    let bars = [[40, 40, 300, 20], [500, 40, 60, 20]];
    let lines = read(800, 100, &page(800, 100, &bars));
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].text, "a\ta");
}

#[test]
fn pictures_of_no_or_almost_no_pixels_have_no_lines() {
    for (width, height) in [(0, 0), (0, 5), (1, 1), (3, 900), (4, 4)] {
        assert_eq!(read(width, height, &vec![9; width * height * 3]), []);
    }
}

#[test]
fn a_black_page_and_a_white_one_have_no_lines_of_text() {
    assert_eq!(read(200, 100, &page(200, 100, &[])), []);
    assert!(read(200, 100, &[255; 200 * 100 * 3]).len() <= 1);
}

#[test]
fn a_picture_of_40_000_by_20_pixels_is_read_in_pieces() {
    let lines = read(40_000, 20, &page(40_000, 20, &[[100, 5, 39_000, 10]]));
    assert_eq!(lines.len(), 1, "{}", lines.len());
}

#[test]
fn noise_is_read_in_bounded_time() {
    let mut state = 7_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if state >> 62 == 0 { 255 } else { 0 }
    };
    let pixels: Vec<u8> = (0..600 * 400).flat_map(|_| [next(); 3]).collect();
    assert!(read(600, 400, &pixels).len() <= 2_000);
}

#[test]
fn the_same_picture_gives_the_same_lines() {
    let pixels = page(500, 300, &[[50, 50, 200, 24], [300, 52, 100, 24], [50, 200, 300, 24]]);
    assert_eq!(read(500, 300, &pixels), read(500, 300, &pixels));
}

#[test]
fn an_error_of_the_watch_ends_the_work_at_any_step() {
    struct StopAt(std::cell::Cell<u32>);
    impl ReadWatch for StopAt {
        fn step(&self, _done: u64, _total: u64, _unit: &'static str) -> Result<()> {
            self.0.set(self.0.get().checked_sub(1).ok_or(Error::Aborted)?);
            Ok(())
        }
    }
    let pixels = page(500, 300, &[[50, 50, 200, 24], [50, 200, 300, 24]]);
    let rgb = Rgb { width: 500, height: 300, pixels: &pixels };
    let mut stopped = 0;
    while models().read_lines(rgb, &StopAt(stopped.into())) == Err(Error::Aborted) {
        stopped += 1;
    }
    assert!(stopped >= 3, "{stopped}");
}

#[test]
fn networks_that_were_exchanged_or_have_other_characters_are_refused() {
    let errors = [
        OcrModels::load(recognition(), detection(), b"a"),
        OcrModels::load(detection(), recognition(), b"a\nb"),
        OcrModels::load(detection(), b"no network".to_vec(), b"a"),
    ];
    for error in errors {
        assert!(matches!(error, Err(Error::CorruptModel { .. })), "{error:?}");
    }
}

#[test]
fn the_direction_of_a_page_is_that_of_its_long_lines() {
    let region = |angle: f32, width: f32| {
        let (sin, cos) = angle.sin_cos();
        Rectangle { centre: [0.0, 0.0], along: [cos, sin], width, height: 20.0 }
    };
    let regions = [region(0.05, 500.0), region(0.05, 400.0), region(-0.4, 30.0), region(0.0, 40.0)];
    let [x, y] = page_direction(&regions, Quarters::UPRIGHT);
    assert!((y.atan2(x) - 0.05).abs() < 1e-4);
    assert_eq!(page_direction(&[], Quarters::UPRIGHT), [1.0, 0.0]);
}

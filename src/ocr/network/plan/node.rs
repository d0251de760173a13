//! What the attributes and the constants of a node say.

use super::operations::{Layout, Value};
use crate::network::Window;
use crate::ocr::network::graph::{Constant, Node};

/// The window of a node. None for padding that depends on the size of the map.
pub(super) fn window(node: &Node, size: [usize; 2]) -> Option<Window> {
    let stride = node.sizes("strides").unwrap_or([1, 1]);
    (!stride.contains(&0) && !size.contains(&0)).then_some(())?;
    let (before, after) = match node.text("auto_pad").unwrap_or("NOTSET") {
        "NOTSET" => match node.sizes::<4>("pads") {
            Some([top, left, bottom, right]) => ([top, left], [bottom, right]),
            None => ([0, 0], [0, 0]),
        },
        // As much as keeps the size, the odd one below and right.
        "SAME_UPPER" if stride == [1, 1] => {
            let before = size.map(|length| (length - 1) / 2);
            (before, [size[0] - 1 - before[0], size[1] - 1 - before[1]])
        }
        _ => return None,
    };
    let is_small = (0..2).all(|axis| before[axis] < size[axis] && after[axis] < size[axis]);
    let is_plain = node.ints("dilations").is_none_or(|by| by.iter().all(|by| *by == 1))
        && node.int("ceil_mode").unwrap_or(0) == 0;
    (is_small && is_plain).then_some(Window { size, stride, before, after })
}

/// A number for each channel of a value; none for a constant of another shape.
pub(super) fn of_channels(constant: &Constant, value: Value) -> Option<Vec<f32>> {
    let Constant { shape, values } = constant;
    if let [number] = values[..] {
        return Some(vec![number; value.channels]);
    }
    let channels = match (value.layout, &shape[..]) {
        (Layout::Planes, [1, channels, 1, 1] | [channels, 1, 1]) => *channels,
        (Layout::Lines, [1, channels, 1] | [channels, 1]) => *channels,
        (Layout::Rows, [channels] | [1, channels] | [1, 1, channels]) => *channels,
        _ => return None,
    };
    (channels == value.channels).then(|| values.clone())
}

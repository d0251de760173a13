//! Points, convex hulls and the smallest rectangles around them.

/// A point: x to the right, y down.
pub(super) type Point = [f32; 2];

/// A rectangle that may be turned. `along` is the unit vector of its side `width`, which lies
/// within 45 degrees of the x axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rectangle {
    pub(super) centre: Point,
    pub(super) along: Point,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Rectangle {
    /// The corners, clockwise from the one at the top left.
    pub(super) fn corners(&self) -> [Point; 4] {
        let ([x, y], [ux, uy]) = (self.centre, self.along);
        let (w, h) = (self.width / 2.0, self.height / 2.0);
        [(-w, -h), (w, -h), (w, h), (-w, h)]
            .map(|(a, b)| [x + a * ux - b * uy, y + a * uy + b * ux])
    }

    /// The same rectangle with a border of `margin` on every side.
    pub(super) fn grown(self, margin: f32) -> Self {
        Self { width: self.width + 2.0 * margin, height: self.height + 2.0 * margin, ..self }
    }

    /// The same rectangle in a picture that is `x` times as wide and `y` times as high. The two
    /// differ by rounding only.
    pub(super) fn scaled(self, x: f32, y: f32) -> Self {
        let scale = (x * y).sqrt();
        Self {
            centre: [self.centre[0] * x, self.centre[1] * y],
            width: self.width * scale,
            height: self.height * scale,
            ..self
        }
    }
}

pub(super) fn distance(a: Point, b: Point) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The corners of the convex hull of points that are sorted by y, then x: Andrew's monotone
/// chain, in linear time. Fewer than three corners mean that all points are on a line.
pub(super) fn convex_hull(sorted: &[Point]) -> Vec<Point> {
    let mut hull = half_hull(sorted.iter());
    let back = half_hull(sorted.iter().rev());
    hull.pop();
    hull.extend(back);
    hull.pop();
    hull
}

fn half_hull<'a>(points: impl Iterator<Item = &'a Point>) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for &point in points {
        while let [.., a, b] = hull[..] {
            if cross(a, b, point) > 0.0 {
                break;
            }
            hull.pop();
        }
        hull.push(point);
    }
    hull
}

fn cross(origin: Point, a: Point, b: Point) -> f32 {
    (a[0] - origin[0]) * (b[1] - origin[1]) - (a[1] - origin[1]) * (b[0] - origin[0])
}

/// The rectangle of the smallest area around a convex hull: one of its sides lies on a side of
/// the hull (Freeman and Shapira, 1975). None for fewer than three corners. Its cost is the
/// square of the number of corners.
pub(super) fn smallest_rectangle(hull: &[Point]) -> Option<Rectangle> {
    if hull.len() < 3 {
        return None;
    }
    let ends = hull.iter().skip(1).chain(hull.first());
    let rectangles = hull.iter().zip(ends).filter_map(|(&a, &b)| rectangle_along(hull, a, b));
    rectangles.min_by(|a, b| (a.width * a.height).total_cmp(&(b.width * b.height)))
}

fn rectangle_along(hull: &[Point], a: Point, b: Point) -> Option<Rectangle> {
    let length = distance(a, b);
    if length <= 0.0 {
        return None;
    }
    let along = towards_right([(b[0] - a[0]) / length, (b[1] - a[1]) / length]);
    Some(rectangle_in_direction(hull, along))
}

/// The smallest rectangle around points whose sides have the direction `along`, or are
/// perpendicular to it.
pub(super) fn rectangle_in_direction(points: &[Point], along: Point) -> Rectangle {
    let [ux, uy] = along;
    let (mut left, mut right) = (f32::INFINITY, f32::NEG_INFINITY);
    let (mut top, mut bottom) = (f32::INFINITY, f32::NEG_INFINITY);
    for &[x, y] in points {
        let (a, b) = (x * ux + y * uy, y * ux - x * uy);
        (left, right) = (left.min(a), right.max(a));
        (top, bottom) = (top.min(b), bottom.max(b));
    }
    let (a, b) = ((left + right) / 2.0, (top + bottom) / 2.0);
    let centre = [a * ux - b * uy, a * uy + b * ux];
    Rectangle { centre, along, width: right - left, height: bottom - top }
}

/// The direction, turned by quarters until it lies within 45 degrees of the x axis.
fn towards_right([x, y]: Point) -> Point {
    if x.abs() >= y.abs() {
        if x >= 0.0 { [x, y] } else { [-x, -y] }
    } else if y >= 0.0 {
        [y, -x]
    } else {
        [-y, x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned_grid(angle: f32, width: usize, height: usize) -> Vec<Point> {
        let (sin, cos) = angle.sin_cos();
        let mut points: Vec<Point> = (0..=height)
            .flat_map(|y| (0..=width).map(move |x| (x as f32, y as f32)))
            .map(|(x, y)| [100.0 + x * cos - y * sin, 50.0 + x * sin + y * cos])
            .collect();
        points.sort_by(|a, b| a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0])));
        points
    }

    #[test]
    fn the_rectangle_of_a_turned_block_has_its_sides_and_its_angle() {
        for degrees in [-40_f32, -10.0, 0.0, 3.0, 30.0] {
            let points = turned_grid(degrees.to_radians(), 60, 9);
            let found = smallest_rectangle(&convex_hull(&points)).expect("an area");
            assert!((found.width - 60.0).abs() < 0.1, "{degrees}: {found:?}");
            assert!((found.height - 9.0).abs() < 0.1, "{degrees}: {found:?}");
            let angle = found.along[1].atan2(found.along[0]).to_degrees();
            assert!((angle - degrees).abs() < 0.1, "{degrees}: {angle}");
        }
    }

    #[test]
    fn the_corners_of_a_rectangle_begin_at_its_top_left() {
        let points = turned_grid(0.1, 60, 9);
        let corners = smallest_rectangle(&convex_hull(&points)).expect("an area").corners();
        assert!(distance(corners[0], [100.0, 50.0]) < 0.1, "{corners:?}");
        assert!(corners[1][0] > corners[0][0] && corners[3][1] > corners[0][1], "{corners:?}");
    }

    #[test]
    fn points_on_a_line_have_no_rectangle() {
        let points: Vec<Point> = (0..5).map(|at| [at as f32, 2.0]).collect();
        assert_eq!(smallest_rectangle(&convex_hull(&points)), None);
        assert_eq!(smallest_rectangle(&convex_hull(&points[..1])), None);
        assert_eq!(smallest_rectangle(&convex_hull(&[])), None);
    }
}

//! Connected components of a map: the pixels above a threshold that touch each other, by a side
//! or a corner. Rows are cut into runs, and runs that touch are joined (union-find), in two passes
//! over the map and memory for its runs.

use super::geometry::Point;

/// A map of probabilities, in rows from the top.
#[derive(Debug, Clone)]
pub(super) struct ProbabilityMap {
    pub(super) width: usize,
    /// Values from 0 to 1, `width` a row.
    pub(super) values: Vec<f32>,
}

/// One component.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Component {
    /// The corners of the outermost pixels of each row, sorted by y, then x: what is needed for
    /// a convex hull.
    pub(super) outline: Vec<Point>,
    /// Its pixels.
    pub(super) area: usize,
    /// The mean probability of its pixels.
    pub(super) score: f32,
}

/// Pixels `start..end` of row `y`.
#[derive(Debug, Clone, Copy)]
struct Run {
    y: usize,
    start: usize,
    end: usize,
    sum: f32,
}

/// The components of `map` above `threshold` with at least `min_area` pixels, from the top.
pub(super) fn components(map: &ProbabilityMap, threshold: f32, min_area: usize) -> Vec<Component> {
    let runs = runs(map, threshold);
    let mut roots = Roots((0..runs.len()).collect());
    join_touching(&runs, &mut roots);
    let mut areas = vec![0_usize; runs.len()];
    for (at, run) in runs.iter().enumerate() {
        areas[roots.of(at)] += run.end - run.start;
    }
    collect(&runs, &mut roots, &areas, min_area)
}

fn runs(map: &ProbabilityMap, threshold: f32) -> Vec<Run> {
    let mut runs = Vec::new();
    for (y, row) in map.values.chunks_exact(map.width.max(1)).enumerate() {
        let mut open: Option<Run> = None;
        for (x, &value) in row.iter().enumerate() {
            if value > threshold {
                let run = open.get_or_insert(Run { y, start: x, end: x, sum: 0.0 });
                run.end = x + 1;
                run.sum += value;
            } else {
                runs.extend(open.take());
            }
        }
        runs.extend(open);
    }
    runs
}

/// The first run of each component, found along a chain of earlier runs.
struct Roots(Vec<usize>);

impl Roots {
    fn of(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Joins the runs of each row with those of the row above that they touch.
fn join_touching(runs: &[Run], roots: &mut Roots) {
    let mut above = 0;
    for (at, run) in runs.iter().enumerate() {
        while runs[above].y + 1 < run.y
            || (runs[above].y + 1 == run.y && runs[above].end < run.start)
        {
            above += 1;
        }
        let mut next = above;
        while runs[next].y + 1 == run.y && runs[next].start <= run.end {
            roots.join(at, next);
            next += 1;
        }
    }
}

fn collect(runs: &[Run], roots: &mut Roots, areas: &[usize], min_area: usize) -> Vec<Component> {
    let mut places = vec![None; runs.len()];
    let mut found: Vec<Component> = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let root = roots.of(at);
        if areas[root] < min_area {
            continue;
        }
        let place = *places[root].get_or_insert_with(|| {
            found.push(Component { area: areas[root], ..Component::default() });
            found.len() - 1
        });
        let component = &mut found[place];
        component.score += run.sum / areas[root] as f32;
        component.outline.extend(corners(run));
    }
    for component in &mut found {
        component.outline.sort_by(|a, b| a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0])));
    }
    found
}

fn corners(run: &Run) -> [Point; 4] {
    let (left, right, top) = (run.start as f32, run.end as f32, run.y as f32);
    [[left, top], [right, top], [left, top + 1.0], [right, top + 1.0]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_of(rows: &[&str]) -> ProbabilityMap {
        let values: Vec<f32> =
            rows.iter().flat_map(|row| row.bytes()).map(|b| f32::from(b == b'#')).collect();
        ProbabilityMap { width: rows[0].len(), values }
    }

    /// Counts the components of a map as flood fill finds them.
    fn areas_by_flood_fill(map: &ProbabilityMap) -> Vec<usize> {
        let height = map.values.len() / map.width;
        let mut seen = vec![false; map.values.len()];
        let mut areas = Vec::new();
        for start in 0..map.values.len() {
            let (mut open, mut area) = (vec![start], 0);
            while let Some(at) = open.pop() {
                if seen[at] || map.values[at] <= 0.5 {
                    continue;
                }
                seen[at] = true;
                area += 1;
                let (x, y) = ((at % map.width) as isize, (at / map.width) as isize);
                for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
                    let (x, y) = (x + dx, y + dy);
                    if (0..map.width as isize).contains(&x) && (0..height as isize).contains(&y) {
                        open.push(y as usize * map.width + x as usize);
                    }
                }
            }
            areas.extend((area > 0).then_some(area));
        }
        areas
    }

    #[test]
    fn pixels_that_touch_at_a_corner_are_one_component() {
        let found = components(&map_of(&["##..", "..#.", "#..#"]), 0.5, 1);
        assert_eq!(found.iter().map(|c| c.area).collect::<Vec<_>>(), [4, 1]);
        assert_eq!(found[0].score, 1.0);
    }

    #[test]
    fn two_arms_that_meet_below_are_one_component() {
        let found = components(&map_of(&["#...#", "#...#", "#####"]), 0.5, 1);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].outline.first(), Some(&[0.0, 0.0]));
        assert_eq!(found[0].outline.last(), Some(&[5.0, 3.0]));
    }

    #[test]
    fn small_components_are_left_out() {
        assert_eq!(components(&map_of(&["#.##", "..##"]), 0.5, 4).len(), 1);
    }

    #[test]
    fn an_empty_map_has_no_component() {
        let empty = ProbabilityMap { width: 0, values: Vec::new() };
        assert_eq!(components(&empty, 0.5, 1), []);
    }

    #[test]
    fn noise_has_the_components_that_flood_fill_finds() {
        for seed in 1..=20_u64 {
            let mut state = seed;
            let mut values = vec![0.0; 37 * 23];
            for value in &mut values {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *value = f32::from((state >> 60) < 6);
            }
            let map = ProbabilityMap { width: 37, values };
            let mut found: Vec<usize> = components(&map, 0.5, 1).iter().map(|c| c.area).collect();
            let mut expected = areas_by_flood_fill(&map);
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "seed {seed}");
        }
    }
}

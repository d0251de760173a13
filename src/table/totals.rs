//! Rows that add up others.

/// Words in the names of such rows.
const WORDS: [&str; 16] = [
    "total",
    "totals",
    "sum",
    "overall",
    "subtotal",
    "gesamt",
    "summe",
    "insgesamt",
    "gesamtsumme",
    "somme",
    "totale",
    "suma",
    "soma",
    "totaal",
    "summa",
    "razem",
];
/// Words of the longest name of such a row.
const MAX_WORDS: usize = 2;
/// What a sum of rounded numbers may differ by.
const TOLERANCE: f64 = 1e-3;

/// Whether a row whose first cell is this may add up others.
pub(crate) fn names_total(cell: &str) -> bool {
    let mut words = cell.split(|char: char| !char.is_alphanumeric()).filter(|it| !it.is_empty());
    let first: Vec<String> = words.by_ref().take(MAX_WORDS).map(str::to_lowercase).collect();
    words.next().is_none() && first.iter().any(|word| WORDS.contains(&word.as_str()))
}

/// Whether `last` is the sum of at least two numbers.
pub(crate) fn adds_up(numbers: impl Iterator<Item = f64>, last: f64) -> bool {
    let (count, sum) = numbers.fold((0, 0.0), |(count, sum), number| (count + 1, sum + number));
    count >= 2 && (sum - last).abs() <= TOLERANCE * last.abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn totals_are_known_by_their_names() {
        for name in ["Total", "Grand total:", "Gesamt", "SUMME", "Totals (2)"] {
            assert!(names_total(name), "{name}");
        }
        for name in ["", "Total area of the park", "Summer", "Totality"] {
            assert!(!names_total(name), "{name}");
        }
    }

    #[test]
    fn a_sum_may_be_rounded() {
        assert!(adds_up([12.5, 9.0, 7.25].into_iter(), 28.75));
        assert!(adds_up([333.33, 333.33, 333.33].into_iter(), 1000.0));
        assert!(!adds_up([10.0, 20.0].into_iter(), 31.0));
        assert!(!adds_up([30.0].into_iter(), 30.0));
    }
}

//! The header of a table: names of columns in one row, or in two where some have a common name.

/// Completes the header of a table whose columns are named over two rows, and returns how many
/// rows the header has; `stated` where its rows do not tell.
///
/// A name that is parted over both rows is joined. A name that stands over several columns is
/// repeated for each of them in the first row, and the names of the others are in both rows.
pub(super) fn complete(rows: &mut Vec<Vec<String>>, stated: usize) -> usize {
    let names = rows.iter().take_while(|row| !row.iter().any(|cell| is_value(cell))).count();
    let is_data =
        |row: &Vec<String>| 2 * row.iter().filter(|cell| is_value(cell)).count() >= row.len();
    if names != 2 || rows.len() <= names || !rows[names..].iter().all(is_data) {
        return stated;
    }
    let shared = shared_columns(&rows[0], &rows[1]);
    for (column, &is_shared) in shared.iter().enumerate() {
        if is_shared && rows[0][column].is_empty() {
            rows[0][column] = rows[0][column - 1].clone();
        } else if !is_shared {
            let name = joined(&rows[0][column], &rows[1][column]);
            rows[0][column].clone_from(&name);
            rows[1][column] = name;
        }
    }
    if !shared.contains(&true) {
        rows.remove(0);
    }
    if shared.contains(&true) { 2 } else { 1 }
}

/// Which columns have a name in common with a neighbour: it stands over the first of them, with
/// nothing over the others, and each has a name of its own below.
fn shared_columns(first: &[String], second: &[String]) -> Vec<bool> {
    let mut shared = vec![false; first.len()];
    for column in 1..first.len() {
        let has_own = !second[column].is_empty() && !second[column - 1].is_empty();
        let is_covered = !first[column - 1].is_empty() || shared[column - 1];
        if first[column].is_empty()
            && has_own
            && is_covered
            && first[column - 1] != second[column - 1]
        {
            (shared[column - 1], shared[column]) = (true, true);
        }
    }
    shared
}

fn joined(first: &str, second: &str) -> String {
    match first == second || second.is_empty() {
        true => first.to_owned(),
        false => format!("{first} {second}").trim_start().to_owned(),
    }
}

/// Whether a cell is a number with its sign or unit, and no name.
fn is_value(cell: &str) -> bool {
    cell.trim_start_matches(['+', '-', '\u{2212}', '$', '€', '£', '.', ','])
        .starts_with(|c: char| c.is_numeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    fn completed(rows: &[&str], stated: usize) -> (usize, Vec<String>) {
        let cells = |row: &&str| row.split('|').map(|cell| cell.trim().to_owned()).collect();
        let mut rows = rows.iter().map(cells).collect();
        let headers = complete(&mut rows, stated);
        (headers, rows.iter().map(|row| row.join("|")).collect())
    }

    #[test]
    fn a_name_over_several_columns_is_repeated_and_parted_names_are_joined() {
        let (headers, rows) =
            completed(&["layers | Score | | Time", "| easy | hard | (secs)", "6 | .9 | .8 | 3"], 1);
        assert_eq!(headers, 2);
        assert_eq!(rows[0], "layers|Score|Score|Time (secs)");
        assert_eq!(rows[1], "layers|easy|hard|Time (secs)");
        let (headers, rows) = completed(&["Time | Fare", "(min) | (euro)", "7 | $3"], 1);
        assert_eq!((headers, rows[0].as_str(), rows.len()), (1, "Time (min)|Fare (euro)", 2));
    }

    #[test]
    fn a_table_of_words_and_one_with_one_row_of_names_stay_as_they_are() {
        for rows in [&["Bell|Noon", "Lamp|Dusk", "Horn|Dawn"][..], &["Year|Ducks", "2019|120"]] {
            assert_eq!(completed(rows, 1), (1, rows.iter().map(|row| (*row).to_owned()).collect()));
        }
    }
}

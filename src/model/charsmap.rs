//! The table by which SentencePiece's normalizers replace characters. The library follows the table
//! without bounds checks, so it is checked here first.
//!
//! ```text
//! u32     bytes of the trie
//! trie    a double array of u32 (Aoe 1989, as in darts-clone): from a place, a byte leads to the
//!         unit at place ^ byte, if that unit has the byte as its label
//! texts   UTF-8, each with a zero after it; values of the trie are where they begin
//! ```

/// The largest table. That of multilingual encoders takes 240 kB.
const MAX_BYTES: usize = 4 << 20;
const VALUE_MASK: u32 = (1 << 31) - 1;
const LABEL_MASK: u32 = 1 << 31 | 0xFF;
const LEAF: u32 = 1 << 8;

/// Whether every place that a text can lead to is within the table. `table` is in base64.
pub(super) fn is_valid(table: &str) -> bool {
    let Ok(bytes) = base64::decode(table) else { return false };
    let Some((length, rest)) = bytes.split_first_chunk() else { return false };
    let length = u32::from_le_bytes(*length) as usize / 4 * 4;
    let Some((trie, texts)) = rest.split_at_checked(length) else { return false };
    let units: Vec<u32> = trie.as_chunks().0.iter().map(|&unit| u32::from_le_bytes(unit)).collect();
    let texts = std::str::from_utf8(texts);
    bytes.len() <= MAX_BYTES && texts.is_ok_and(|texts| paths_are_valid(&units, texts))
}

fn paths_are_valid(units: &[u32], texts: &str) -> bool {
    let Some(&root) = units.first() else { return false };
    let mut seen = vec![false; units.len()];
    let mut open = vec![offset(root)];
    while let Some(place) = open.pop() {
        // No byte may lead out of the array.
        if place | 0xFF >= units.len() {
            return false;
        }
        if std::mem::replace(&mut seen[place], true) {
            continue;
        }
        for byte in 1..=0xFF {
            let unit = units[place ^ byte];
            if unit & LABEL_MASK != byte as u32 {
                continue;
            }
            let next = place ^ byte ^ offset(unit);
            let value = units.get(next).map(|value| (value & VALUE_MASK) as usize);
            if unit & LEAF != 0 && !value.is_some_and(|at| texts.is_char_boundary(at)) {
                return false;
            }
            open.push(next);
        }
    }
    true
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    /// A table that replaces "a" by "b".
    fn units() -> Vec<u32> {
        let mut units = vec![0; 512];
        units[0] = 256 << 10;
        // From 256, "a" leads to a leaf, whose value lies at 256 ^ "a" ^ 1.
        units[256 ^ 0x61] = 1 << 10 | LEAF | 0x61;
        units
    }

    fn table(units: &[u32], texts: &[u8]) -> String {
        let mut bytes = (4 * units.len() as u32).to_le_bytes().to_vec();
        bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
        base64::encode([&bytes[..], texts].concat())
    }

    fn with(place: usize, unit: u32) -> String {
        let mut units = units();
        units[place] = unit;
        table(&units, "b\0é\0".as_bytes())
    }

    #[test]
    fn a_table_whose_paths_all_end_within_it_is_valid() {
        let value = 256 ^ 0x61 ^ 1;
        assert!(is_valid(&table(&units(), b"b\0")));
        for value_at_text in [0, 1, 2, 4, 5] {
            assert!(is_valid(&with(value, value_at_text)), "{value_at_text}");
        }
        // "a" leads back to itself, which is allowed.
        assert!(is_valid(&with(256 ^ 0x61, (0x61 << 10) | 0x61)));
    }

    #[test]
    fn a_table_with_a_path_out_of_itself_is_invalid() {
        let value = 256 ^ 0x61 ^ 1;
        for broken in [
            String::new(),
            "no base64!".to_owned(),
            base64::encode([0, 0, 0]),
            base64::encode(u32::MAX.to_le_bytes()),
            table(&[], b""),
            table(&units()[..300], b"b\0"),
            table(&units(), &[0xFF, 0]),
            // Beyond the texts, and within a character.
            with(value, 6),
            with(value, 3),
            with(value, VALUE_MASK),
            with(0, u32::MAX),
            with(0, 512 << 10),
            with(256 ^ 0x61, (1024 << 10) | 0x61),
            with(256 ^ 0x61, (1 << 20 << 10) | LEAF | 0x61),
        ] {
            assert!(!is_valid(&broken));
        }
    }
}

//! A form of `LIMIT` that the parser does not tell from another.

use sqlite3_parser::lexer::Scanner;
use sqlite3_parser::lexer::sql::{TokenType, Tokenizer};

/// Whether a query has `LIMIT 10, 5`, which is `LIMIT 5 OFFSET 10`, and which the parser takes for
/// `LIMIT 10 OFFSET 5`. Also where it has no tokens of SQL.
pub(super) fn has_limit_with_comma(sql: &str) -> bool {
    let mut scanner = Scanner::new(Tokenizer::new());
    // How many brackets are open, and how many were at each LIMIT whose brackets are not closed.
    let (mut depth, mut limits) = (0_usize, Vec::new());
    loop {
        let kind = match scanner.scan(sql.as_bytes()) {
            Ok((_, Some((_, kind)), _)) => kind,
            Ok((_, None, _)) => return false,
            Err(_) => return true,
        };
        match kind {
            TokenType::TK_LIMIT => limits.push(depth),
            TokenType::TK_COMMA if limits.last() == Some(&depth) => return true,
            TokenType::TK_LP => depth += 1,
            TokenType::TK_RP => {
                limits.retain(|limit| *limit < depth);
                depth = depth.saturating_sub(1);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_comma_after_limit_is_told_from_others() {
        for sql in [
            "SELECT 1 LIMIT 1, 2",
            "SELECT 1 LIMIT ?,?",
            "SELECT 1 LIMIT max(1, 2), 3",
            "SELECT (SELECT 1 limit 1, 2), 3",
            "SELECT 1 IN (SELECT 2 LIMIT (SELECT 1 LIMIT 1) /* , */ , 3)",
        ] {
            assert!(has_limit_with_comma(sql), "{sql}");
        }
        for sql in [
            "SELECT 1, 2 LIMIT 1 OFFSET 2",
            "SELECT 1 LIMIT max(1, 2) -- 1, 2",
            "WITH a AS (SELECT 1 LIMIT 1), b AS (SELECT 2) SELECT 'LIMIT 1, 2', \"limit\", 1 FROM a, b",
            "SELECT (SELECT 1 LIMIT 1), (SELECT 2 LIMIT 1), 3",
        ] {
            assert!(!has_limit_with_comma(sql), "{sql}");
        }
    }
}

//! What is known of programming languages: the words before a name, and how comments begin.

/// Words that are followed by the name of what they define.
const KEYWORDS: &[&str] = &[
    "fn",
    "func",
    "fun",
    "function",
    "def",
    "class",
    "struct",
    "enum",
    "union",
    "trait",
    "impl",
    "interface",
    "type",
    "typedef",
    "module",
    "mod",
    "namespace",
    "record",
    "object",
    "protocol",
    "extension",
    "actor",
    "macro_rules!",
    "sub",
    "proc",
    "procedure",
    "defmodule",
    "defp",
    "defmacro",
    "defun",
    "defn",
    "message",
    "service",
    "contract",
    "instance",
    "data",
    "newtype",
    "template",
    "test",
    "package",
    "table",
    "view",
    "trigger",
    "index",
];
/// Words that may precede them.
const MODIFIERS: &[&str] = &[
    "abstract",
    "async",
    "const",
    "create",
    "data",
    "declare",
    "default",
    "export",
    "extern",
    "final",
    "inline",
    "internal",
    "local",
    "open",
    "or",
    "override",
    "partial",
    "private",
    "protected",
    "pub",
    "public",
    "pub(crate)",
    "pub(super)",
    "replace",
    "sealed",
    "static",
    "unsafe",
    "virtual",
    "temporary",
    "unique",
    "suspend",
    "companion",
    "mut",
    "case",
    "CREATE",
    "OR",
    "REPLACE",
    "TEMPORARY",
    "UNIQUE",
];
/// Words before a parenthesis that call nothing and define nothing.
const CONTROL: &[&str] = &[
    "if",
    "for",
    "foreach",
    "while",
    "switch",
    "catch",
    "return",
    "else",
    "do",
    "match",
    "when",
    "until",
    "unless",
    "elif",
    "elseif",
    "with",
    "assert",
    "throw",
    "new",
    "await",
    "using",
    "lock",
    "sizeof",
    "typeof",
    "synchronized",
    "guard",
    "defer",
    "go",
    "select",
    "print",
    "echo",
];

/// What is known of the language of a file.
#[derive(Clone, Copy)]
pub(super) struct Language {
    /// Whether a function may have no keyword but its type, its name and its parameters.
    has_bare_functions: bool,
    comments: &'static [&'static str],
}

impl Language {
    /// The language of files with this ending.
    pub(super) fn of(extension: &str) -> Self {
        let (has_bare_functions, comments): (bool, &'static [&'static str]) = match extension {
            "c" | "h" | "cpp" | "cc" | "hpp" | "hh" | "cs" | "java" | "js" | "mjs" | "cjs"
            | "ts" | "tsx" | "jsx" | "m" | "mm" | "dart" | "groovy" | "gradle" | "vue"
            | "svelte" => (true, &["//", "/*", "*", "@", "["]),
            "py" | "rb" | "sh" | "bash" | "zsh" | "pl" | "pm" | "r" | "jl" | "ex" | "exs"
            | "nim" | "cmake" | "ps1" => (false, &["#", "@", "<#"]),
            "sql" | "lua" | "hs" => (false, &["--", "/*", "*", "{-"]),
            "clj" => (false, &[";"]),
            "erl" => (false, &["%", "-spec", "-doc"]),
            "ml" | "mli" | "fs" => (false, &["(*", "//", "[<"]),
            "vb" => (false, &["'", "<"]),
            "php" => (false, &["//", "/*", "*", "#"]),
            _ => (false, &["//", "/*", "*", "@", "#["]),
        };
        Self { has_bare_functions, comments }
    }

    /// Whether a line is a comment, an attribute or a decorator: it belongs to what follows.
    pub(super) fn is_comment(self, line: &str) -> bool {
        self.comments.iter().any(|mark| line.starts_with(mark))
    }

    /// The name of what a line defines, if it does. `has_body` where the next line opens one.
    pub(super) fn defined_name(self, line: &str, has_body: bool) -> Option<&str> {
        // A declaration has no body, but SQL has nothing else.
        let is_declaration = line.ends_with(';') && !line.contains(['{', '=']);
        let is_sql = line.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("create"));
        if self.is_comment(line) || (is_declaration && !is_sql) {
            return None;
        }
        let mut rest = line;
        loop {
            let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let after = after.trim_start();
            let keyword = word.trim_end_matches('*');
            let is_keyword = KEYWORDS.iter().any(|known| known.eq_ignore_ascii_case(keyword));
            if is_keyword && let Some(name) = name_of(keyword, after) {
                return Some(name);
            }
            if !MODIFIERS.contains(&word) || after.is_empty() {
                break;
            }
            rest = after;
        }
        self.function_value(line).or_else(|| self.bare_function(line, has_body))
    }

    /// `const name = (a, b) => {` and `name = function (a) {`.
    fn function_value(self, line: &str) -> Option<&str> {
        let (name, value) = line.split_once(" = ")?;
        let is_function = value.starts_with("function")
            || value.starts_with("async ")
            || (value.contains("=>") && value.starts_with(|c: char| c == '(' || c.is_lowercase()));
        let name = name.split(':').next()?.split_whitespace().next_back()?;
        (self.has_bare_functions && is_function && is_name(name)).then_some(name)
    }

    /// `static int name(char *a)` with its body on this line or the next.
    fn bare_function(self, line: &str, has_body: bool) -> Option<&str> {
        if !self.has_bare_functions || line.ends_with([';', ',']) {
            return None;
        }
        let before = line.split('(').next().filter(|before| before.len() < line.len())?.trim_end();
        let name = before.rsplit(|c: char| c.is_whitespace() || c == '*').next()?;
        let first = before.split(|c: char| !c.is_alphanumeric()).next()?;
        let is_body = line.ends_with(['{', ')']) || line.contains(") {");
        let is_control = CONTROL.contains(&first) || CONTROL.contains(&name);
        // A call has no type before it, and no body.
        let is_call = before == name && !line.ends_with('{') && !has_body;
        (is_body && !is_control && !is_call && !before.contains(['=', '"', '\'']) && is_name(name))
            .then_some(name)
    }
}

/// The name after a keyword: of `impl<T> A for B` it is `A for B`.
fn name_of<'a>(keyword: &str, after: &'a str) -> Option<&'a str> {
    let mut text = after;
    if let Some(receiver) = text.strip_prefix('(').filter(|_| keyword == "func") {
        // The receiver of a method in Go.
        text = receiver.split_once(')')?.1.trim_start();
    }
    if keyword == "impl" || keyword == "instance" {
        let end = text.find(['{', '\n']).unwrap_or(text.len());
        return Some(text[..end].trim()).filter(|name| !name.is_empty());
    }
    for skipped in ["IF NOT EXISTS ", "if not exists ", "class ", "struct ", "body "] {
        text = text.strip_prefix(skipped).unwrap_or(text);
    }
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || "_.:$?!-'`\"".contains(c)))
        .unwrap_or(text.len());
    let name = text[..end].trim_matches(['.', ':', '-', '\'', '`', '"']);
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    name.len() <= 120 && name.chars().next().is_some_and(|c| c.is_alphabetic() || "_$~".contains(c))
}

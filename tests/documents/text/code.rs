//! Source code.

use super::{blocks, file, places};

#[test]
fn code_is_cut_at_functions_with_their_comments() {
    let text = "//! Sums.\n\nuse std::fmt;\n\n/// Adds.\n/// Wraps around.\n#[inline]\npub fn add(a: u32, b: u32) -> u32 {\n\
                \x20   a.wrapping_add(b)\n}\n\nstruct Sum {\n    total: u32,\n}\n";
    let document = file("sums.rs", text).document;
    assert_eq!(places(&document), ["line 1", "line 3", "add, lines 5–10", "Sum, lines 12–14"]);
    assert!(blocks(&document)[2].1.starts_with("/// Adds.\n/// Wraps"));
}

#[test]
fn a_long_class_is_cut_at_its_methods() {
    let method = |name: &str| format!("    def {name}(self):\n{}\n", "        pass\n".repeat(30));
    let text = format!(
        "import os\n\nclass Kiln(Base):\n    \"\"\"Hot.\"\"\"\n\n{}{}",
        method("fire"),
        method("cool")
    );
    let places = places(&file("kiln.py", &text).document);
    let expected = ["line 1", "Kiln, lines 3–4", "Kiln.fire, lines 6–36", "Kiln.cool, lines 38–68"];
    assert_eq!(places, expected);
}

#[test]
fn functions_without_a_keyword_are_found() {
    let text = "/* Adds. */\nstatic int\nadd(int a, int b)\n{\n    if (a) {\n        return b;\n    }\n}\n\n\
                int main(void) {\n    return add(1, 2);\n}\n";
    assert_eq!(places(&file("sums.c", text).document), ["add, lines 1–8", "main, lines 10–12"]);
    let text = "const twice = (a) => {\n  return a * 2;\n};\n\nexport default async function load() {\n}\n";
    assert_eq!(places(&file("a.js", text).document), ["twice, lines 1–3", "load, lines 5–6"]);
}

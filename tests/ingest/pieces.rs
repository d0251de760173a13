//! Random texts.

use crate::rng::Rng;

/// A text of up to 400 random pieces.
pub(crate) fn random_text(rng: &mut Rng) -> String {
    let count = rng.below(400);
    (0..count).map(|_| PIECES[rng.below(PIECES.len())]).collect()
}

/// Every kind of script, and every mark with a meaning in a format.
const PIECES: &[&str] = &[
    "a",
    "word ",
    "Sentence here. ",
    "Dr. ",
    "x\u{301}",
    "😀",
    "👩\u{200d}🚀 ",
    "日本語",
    "。",
    "ไทย",
    " ",
    "\n",
    "\n\n",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "# ",
    "## h\n\n",
    "- item\n",
    "1. ",
    "| a | b |\n",
    "|--|--|\n",
    "```\n",
    "<p>",
    "<div hidden>",
    "</div>",
    "<li>",
    "<td>",
    "<h2>",
    "</h2>",
    "<pre>",
    "<!--",
    "-->",
    "&amp;",
    "&#0;",
    "<script>",
    "</script>",
    "[l](u)",
    "![i](u)",
    "*",
    "`",
    "\r\n",
    "\u{7}",
    "\u{2028}",
    "\u{feff}",
    "<br>",
    "! ",
    "averyveryverylongwordthatgoesonandonandonandonandonandonandonandonandonandonandon",
    "(",
    ")",
    "\"",
    "...",
];

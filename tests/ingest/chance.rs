//! Seeded chance, and texts made of it.

/// xorshift64: the tests' only chance, from a seed that a failure prints.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }

    pub(crate) fn text(&mut self, pieces: &[&str]) -> String {
        let count = self.below(400);
        (0..count).map(|_| pieces[self.below(pieces.len())]).collect()
    }
}

/// Names the seed when a test fails.
pub(crate) struct PrintSeed(pub(crate) u64);

impl Drop for PrintSeed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with seed {}", self.0);
        }
    }
}

/// What random documents are made of: every script and mark that means something.
pub(crate) const PIECES: &[&str] = &[
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

//! Writes small PDF files to test with.

use std::fmt::Write;

/// A PDF file that is being written. Object 1 is the catalog, object 2 the tree of pages,
/// object 3 the font F, Helvetica.
pub(crate) struct PdfFile {
    objects: Vec<String>,
    pages: Vec<usize>,
    catalog: String,
    trailer: String,
}

impl PdfFile {
    pub(crate) fn new() -> Self {
        let font =
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
        let objects = vec![String::new(), String::new(), font.to_owned()];
        Self { objects, pages: Vec::new(), catalog: String::new(), trailer: String::new() }
    }

    /// Adds an object, and returns its number.
    pub(crate) fn object(&mut self, object: &str) -> usize {
        self.objects.push(object.to_owned());
        self.objects.len()
    }

    /// The number of the next object.
    pub(crate) fn next_number(&self) -> usize {
        self.objects.len() + 1
    }

    /// Adds a stream.
    pub(crate) fn stream(&mut self, dictionary: &str, content: &str) -> usize {
        let length = content.len();
        self.object(&format!("<< {dictionary} /Length {length} >> stream\n{content}\nendstream"))
    }

    /// Adds a page of 600 x 800 points with this content, and more entries of its dictionary.
    pub(crate) fn page(&mut self, content: &str, entries: &str) {
        let content = self.stream("", content);
        self.page_of(&format!("/Contents {content} 0 R {entries}"));
    }

    /// Adds a page with these entries of its dictionary.
    pub(crate) fn page_of(&mut self, entries: &str) {
        let page = self.object(&format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] \
             /Resources << /Font << /F 3 0 R >> >> {entries} >>"
        ));
        self.pages.push(page);
    }

    /// Adds a page with these lines of 12 points, each at x, y.
    pub(crate) fn text_page(&mut self, lines: &[(i32, i32, &str)]) {
        self.page(&text(lines), "");
    }

    /// Adds entries to the catalog.
    pub(crate) fn catalog(&mut self, entries: &str) {
        self.catalog.push_str(entries);
    }

    /// Adds entries to the trailer.
    pub(crate) fn trailer(&mut self, entries: &str) {
        self.trailer.push_str(entries);
    }

    /// The file.
    pub(crate) fn bytes(mut self) -> Vec<u8> {
        let kids: Vec<String> = self.pages.iter().map(|page| format!("{page} 0 R")).collect();
        self.objects[0] = format!("<< /Type /Catalog /Pages 2 0 R {} >>", self.catalog);
        self.objects[1] =
            format!("<< /Type /Pages /Count {} /Kids [{}] >>", kids.len(), kids.join(" "));
        let mut file = "%PDF-1.7\n".to_owned();
        let mut table = String::new();
        for (number, object) in (1..).zip(&self.objects) {
            let _ = write!(table, "{:010} 00000 n\r\n", file.len());
            let _ = write!(file, "{number} 0 obj\n{object}\nendobj\n");
        }
        let (start, size) = (file.len(), self.objects.len() + 1);
        let _ = write!(
            file,
            "xref\n0 {size}\n0000000000 65535 f\r\n{table}trailer\n<< /Size {size} /Root 1 0 R {} \
             >>\nstartxref\n{start}\n%%EOF\n",
            self.trailer
        );
        file.into_bytes()
    }
}

/// The content of a page with these lines of 12 points, each at x, y.
pub(crate) fn text(lines: &[(i32, i32, &str)]) -> String {
    lines.iter().map(|(x, y, line)| format!("BT /F 12 Tf {x} {y} Td ({line}) Tj ET\n")).collect()
}

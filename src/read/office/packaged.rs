//! Readers of the formats that are ZIP packages of XML.

use docling::backend::{DeclarativeBackend, DocxBackend, OdfBackend, PptxBackend, XlsxBackend};
use docling::{DiagramFormat, InputFormat};

use super::output::Output;
use super::package::Package;
use super::xml_check::Dialect;
use super::{convert, encryption, nodes, properties, tree};
use crate::error::Result;
use crate::read::{Input, ReadFile};

/// Reads Word: headings, lists, tables, footnotes, comments, text boxes, headers and footers.
pub(crate) fn docx(input: &Input<'_>) -> Result<ReadFile> {
    let backend = DocxBackend { extract_diagrams: DiagramFormat::None, ..DocxBackend::default() };
    read(input, Dialect::Word, "word/document.xml", &backend, InputFormat::Docx)
}

/// Reads PowerPoint: slides in order with their notes, comments, tables and charts.
pub(crate) fn pptx(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Dialect::Slides, "ppt/presentation.xml", &PptxBackend, InputFormat::Pptx)
}

/// Reads Excel: the tables of each sheet as they are shown, with their cells.
pub(crate) fn xlsx(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Dialect::Sheet, "xl/workbook.xml", &XlsxBackend::default(), InputFormat::Xlsx)
}

/// Reads a text of OpenDocument.
pub(crate) fn odt(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Dialect::OpenDocument, "content.xml", &OdfBackend, InputFormat::Odt)
}

/// Reads a spreadsheet of OpenDocument.
pub(crate) fn ods(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Dialect::OpenDocument, "content.xml", &OdfBackend, InputFormat::Ods)
}

/// Reads a presentation of OpenDocument.
pub(crate) fn odp(input: &Input<'_>) -> Result<ReadFile> {
    read(input, Dialect::OpenDocument, "content.xml", &OdfBackend, InputFormat::Odp)
}

fn read(
    input: &Input<'_>,
    dialect: Dialect,
    main: &str,
    backend: &impl DeclarativeBackend,
    format: InputFormat,
) -> Result<ReadFile> {
    let decrypted = encryption::decrypted(input)?;
    let input = &Input { bytes: decrypted.as_deref().unwrap_or(input.bytes), ..*input };
    let mut package = Package::open(input, dialect, main)?;
    let mut out = Output::new(input);
    out.details.warnings = std::mem::take(&mut package.warnings);
    properties::read(&package, &mut out.details);
    out.media = Some(std::mem::take(&mut package.media));
    let bytes = package.into_bytes(input)?;
    input.step(0, 1, "files")?;
    let document = convert::convert(input, backend, format, bytes)?;
    input.step(1, 1, "files")?;
    match &document.tree {
        Some(items) => tree::write(items, &mut out),
        None => nodes::write(&document.nodes, nodes::Text::Plain, None, &mut out),
    }
    Ok(out.finish())
}

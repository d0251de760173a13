//! Small office files, made where they are needed.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A package of these parts.
pub(crate) fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        let method = match *name {
            "mimetype" => CompressionMethod::Stored,
            _ => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const CONTENT_TYPES: &str =
    "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORD: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const SHEET: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A file of Word with this body, and further parts.
pub(crate) fn docx(body: &str, further: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("<w:document xmlns:w=\"{WORD}\"><w:body>{body}</w:body></w:document>");
    let mut parts = vec![("[Content_Types].xml", CONTENT_TYPES), ("word/document.xml", &document)];
    parts.extend(further);
    package(&parts)
}

/// A workbook of sheets with a name, a state ("visible", "hidden") and the XML of their rows.
pub(crate) fn xlsx(sheets: &[(&str, &str, &str)]) -> Vec<u8> {
    workbook(sheets, &[])
}

/// A workbook of one sheet with the XML of its rows, and with parts beside it, as "styles".
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn xlsx_with(data: &str, parts: &[(&str, &str)]) -> Vec<u8> {
    workbook(&[("S", "visible", data)], parts)
}

/// A workbook of one sheet, and the texts that its cells share. They come after the sheet.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn shared_strings(strings: &str, data: &str) -> Vec<u8> {
    xlsx_with(data, &[("sharedStrings", &format!("<sst xmlns=\"{SHEET}\">{strings}</sst>"))])
}

fn workbook(sheets: &[(&str, &str, &str)], further: &[(&str, &str)]) -> Vec<u8> {
    let (mut list, mut links, mut parts) = (String::new(), String::new(), Vec::new());
    for (index, (name, state, data)) in sheets.iter().enumerate() {
        let id = index + 1;
        list +=
            &format!("<sheet name=\"{name}\" sheetId=\"{id}\" state=\"{state}\" r:id=\"r{id}\"/>");
        links += &relation(&format!("r{id}"), "worksheet", &format!("worksheets/sheet{id}.xml"));
        let sheet = format!("<worksheet xmlns=\"{SHEET}\">{data}</worksheet>");
        parts.push((format!("xl/worksheets/sheet{id}.xml"), sheet));
    }
    for (name, text) in further {
        links += &relation(name, name, &format!("{name}.xml"));
        parts.push((format!("xl/{name}.xml"), (*text).to_owned()));
    }
    let workbook = format!(
        "<workbook xmlns=\"{SHEET}\" xmlns:r=\"{RELATIONS}\"><sheets>{list}</sheets></workbook>"
    );
    let (links, main_link) =
        (relations(&links), relations(&relation("r1", "officeDocument", "xl/workbook.xml")));
    let mut all = vec![
        ("[Content_Types].xml", CONTENT_TYPES),
        ("xl/workbook.xml", &workbook),
        ("xl/_rels/workbook.xml.rels", &links),
        ("_rels/.rels", &main_link),
    ];
    all.extend(parts.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    package(&all)
}

/// A presentation of one slide with these shapes.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn pptx(shapes: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org";
    let spaces = format!(
        "xmlns:a=\"{main}/drawingml/2006/main\" xmlns:p=\"{main}/presentationml/2006/main\" \
         xmlns:r=\"{RELATIONS}\""
    );
    let list = "<p:sldIdLst><p:sldId id=\"256\" r:id=\"r1\"/></p:sldIdLst>";
    let presentation = format!("<p:presentation {spaces}>{list}</p:presentation>");
    let tree = format!("<p:cSld><p:spTree>{shapes}</p:spTree></p:cSld>");
    package(&[
        ("[Content_Types].xml", CONTENT_TYPES),
        ("ppt/presentation.xml", &presentation),
        (
            "ppt/_rels/presentation.xml.rels",
            &relations(&relation("r1", "slide", "slides/slide1.xml")),
        ),
        ("ppt/slides/slide1.xml", &format!("<p:sld {spaces}>{tree}</p:sld>")),
    ])
}

fn relation(id: &str, kind: &str, target: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>")
}

fn relations(list: &str) -> String {
    let space = "http://schemas.openxmlformats.org/package/2006/relationships";
    format!("<Relationships xmlns=\"{space}\">{list}</Relationships>")
}

/// A file of OpenDocument of this kind: "text", "spreadsheet" or "presentation".
pub(crate) fn open_document(kind: &str, body: &str) -> Vec<u8> {
    let space = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        "<office:document-content xmlns:office=\"{space}:office:1.0\" \
         xmlns:table=\"{space}:table:1.0\" xmlns:text=\"{space}:text:1.0\"><office:body>\
         <office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    );
    let media_type = format!("application/vnd.oasis.opendocument.{kind}");
    package(&[("mimetype", &media_type), ("content.xml", &content)])
}

/// A compound file of one sector for each stream, whose names are not longer than 31 characters
/// and which have at most 4,096 bytes. A folder of the root is a stream of none.
pub(crate) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    const SECTOR: usize = 4096;
    let count = streams.len() as u32;
    let directory_sectors = ((streams.len() + 1) * 128).div_ceil(SECTOR) as u32;
    let mut header = vec![0u8; SECTOR];
    header[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    for (at, number) in [(24, 0x3e_u16), (26, 4), (28, 0xfffe), (30, 12), (32, 6)] {
        put(at, &number.to_le_bytes());
    }
    for (at, number) in
        [(40, directory_sectors), (44, 1), (48, 1), (56, 0), (60, u32::MAX - 1), (68, u32::MAX - 1)]
    {
        put(at, &number.to_le_bytes());
    }
    put(76, &0u32.to_le_bytes());
    put(80, &[0xff; 432]);
    let mut table: Vec<u8> = (u32::MAX - 2).to_le_bytes().to_vec();
    for sector in 1..=directory_sectors {
        let next = if sector < directory_sectors { sector + 1 } else { u32::MAX - 1 };
        table.extend(next.to_le_bytes());
    }
    table.extend((0..count).flat_map(|_| (u32::MAX - 1).to_le_bytes()));
    table.resize(SECTOR, 0xff);
    let mut directory =
        entry("Root Entry", 5, u32::MAX, if count > 0 { 1 } else { u32::MAX }, u32::MAX - 1, 0);
    for (index, (name, _)) in streams.iter().enumerate() {
        let index = index as u32;
        let right = if index + 1 < count { index + 2 } else { u32::MAX };
        directory.extend(entry(
            name,
            2,
            right,
            u32::MAX,
            1 + directory_sectors + index,
            SECTOR as u32,
        ));
    }
    directory.resize(directory_sectors as usize * SECTOR, 0);
    let mut file = [header, table, directory].concat();
    for (_, bytes) in streams {
        let mut sector = bytes.to_vec();
        sector.resize(SECTOR, 0);
        file.extend(sector);
    }
    file
}

fn entry(name: &str, kind: u8, right: u32, child: u32, first: u32, size: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let name_bytes = bytes.len() as u16 + 2;
    bytes.resize(64, 0);
    bytes.extend(name_bytes.to_le_bytes());
    bytes.extend([kind, 1]);
    for number in [u32::MAX, right, child] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(116, 0);
    bytes.extend(first.to_le_bytes());
    bytes.extend(u64::from(size).to_le_bytes());
    bytes
}

// Documents whose text is known: a PDF of many pages and a deck of many slides.

import { deflateSync } from "node:zlib";
import { words } from "./texts.mjs";
import { zip } from "./zip.mjs";

const LINES_OF_PAGE = 46;
const WORDS_OF_LINE = 12;
const POINTS_OF_SLIDE = 6;
const WORDS_OF_POINT = 14;

/** Widths of Helvetica's characters 32 to 126, in thousandths of the font's size. */
const WIDTHS = (
  "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 " +
  "1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 " +
  "333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584"
);

/** `{ bytes, text }` of a PDF of so many pages, each with a title and lines of text. */
export function makePdf(pages) {
  const make = words(11);
  const texts = [];
  // The catalog, the list of pages and two fonts come before the pages, of which each has a content.
  const pageOf = (page) => 5 + page * 2;
  const kids = Array.from({ length: pages }, (_, page) => `${pageOf(page)} 0 R`).join(" ");
  const font = (name) =>
    `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 126 /Widths [${WIDTHS}] >>`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Count ${pages} /Kids [${kids}] >>`,
    font("Helvetica"),
    font("Helvetica-Bold"),
  ];
  for (let page = 0; page < pages; page += 1) {
    const title = `Chapter ${page + 1}`;
    const lines = Array.from({ length: LINES_OF_PAGE }, () => make(WORDS_OF_LINE));
    texts.push(title, ...lines);
    const shown = lines.map((line) => `(${line}) Tj T*`).join("\n");
    const content = deflateSync(`BT /F2 18 Tf 60 770 Td (${title}) Tj /F1 10 Tf 15 TL 0 -30 Td\n${shown}\nET`);
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${pageOf(page) + 1} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>`,
      [`<< /Length ${content.length} /Filter /FlateDecode >>\nstream\n`, content, "\nendstream"],
    );
  }
  return { bytes: pdfOf(objects), text: texts.join(" ") };
}

/** The file of these objects, of which the first is the catalog. */
function pdfOf(objects) {
  const parts = [Buffer.from("%PDF-1.7\n")];
  let length = parts[0].length;
  const offsets = objects.map((object, index) => {
    const start = length;
    const pieces = [`${index + 1} 0 obj\n`, ...[object].flat(), "\nendobj\n"].map((piece) => Buffer.from(piece));
    parts.push(...pieces);
    length += pieces.reduce((sum, piece) => sum + piece.length, 0);
    return start;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  parts.push(Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${length}\n%%EOF\n`));
  return Buffer.concat(parts);
}

const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const SLIDES = "http://schemas.openxmlformats.org/presentationml/2006/main";
const DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main";
const TYPES = "application/vnd.openxmlformats-officedocument.presentationml";
const NAMESPACES = `xmlns:a="${DRAWING}" xmlns:r="${OFFICE}" xmlns:p="${SLIDES}"`;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

/** `{ bytes, text }` of a PPTX of so many slides, each with a title and points. */
export function makeDeck(slides) {
  const make = words(13);
  const texts = [];
  const numbers = Array.from({ length: slides }, (_, slide) => slide + 1);
  const members = {
    "[Content_Types].xml": `<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/ppt/presentation.xml" ContentType="${TYPES}.presentation.main+xml"/><Override PartName="/ppt/slideMasters/slideMaster1.xml" ContentType="${TYPES}.slideMaster+xml"/><Override PartName="/ppt/slideLayouts/slideLayout1.xml" ContentType="${TYPES}.slideLayout+xml"/>${numbers.map((n) => `<Override PartName="/ppt/slides/slide${n}.xml" ContentType="${TYPES}.slide+xml"/>`).join("")}</Types>`,
    "_rels/.rels": relations([["rId1", "officeDocument", "ppt/presentation.xml"]]),
    "ppt/presentation.xml": `<p:presentation ${NAMESPACES}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId0"/></p:sldMasterIdLst><p:sldIdLst>${numbers.map((n) => `<p:sldId id="${255 + n}" r:id="rId${n}"/>`).join("")}</p:sldIdLst><p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>`,
    "ppt/_rels/presentation.xml.rels": relations([
      ["rId0", "slideMaster", "slideMasters/slideMaster1.xml"],
      ...numbers.map((n) => [`rId${n}`, "slide", `slides/slide${n}.xml`]),
    ]),
    "ppt/slideMasters/slideMaster1.xml": `<p:sldMaster ${NAMESPACES}>${shapes("")}<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/><p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>`,
    "ppt/slideMasters/_rels/slideMaster1.xml.rels": relations([["rId1", "slideLayout", "../slideLayouts/slideLayout1.xml"]]),
    "ppt/slideLayouts/slideLayout1.xml": `<p:sldLayout ${NAMESPACES} type="obj">${shapes("")}</p:sldLayout>`,
    "ppt/slideLayouts/_rels/slideLayout1.xml.rels": relations([["rId1", "slideMaster", "../slideMasters/slideMaster1.xml"]]),
  };
  for (const number of numbers) {
    const title = `Topic ${number}`;
    const points = Array.from({ length: POINTS_OF_SLIDE }, () => make(WORDS_OF_POINT));
    texts.push(title, ...points);
    const drawn = shape(2, "title", 300000, [title]) + shape(3, "body", 1700000, points);
    members[`ppt/slides/slide${number}.xml`] = `<p:sld ${NAMESPACES}>${shapes(drawn)}</p:sld>`;
    members[`ppt/slides/_rels/slide${number}.xml.rels`] = relations([["rId1", "slideLayout", "../slideLayouts/slideLayout1.xml"]]);
  }
  const declared = Object.entries(members).map(([path, xml]) => [path, DECLARATION + xml]);
  return { bytes: zip(Object.fromEntries(declared)), text: texts.join(" ") };
}

function relations(list) {
  const one = ([id, type, target]) => `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${target}"/>`;
  return `<Relationships xmlns="${PACKAGE}/relationships">${list.map(one).join("")}</Relationships>`;
}

const shapes = (inner) =>
  `<p:cSld><p:spTree><p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>${inner}</p:spTree></p:cSld>`;

function shape(id, type, top, paragraphs) {
  const texts = paragraphs.map((text) => `<a:p><a:r><a:rPr lang="en-US"/><a:t>${text}</a:t></a:r></a:p>`).join("");
  const place = `<a:xfrm><a:off x="500000" y="${top}"/><a:ext cx="8000000" cy="1200000"/></a:xfrm>`;
  return `<p:sp><p:nvSpPr><p:cNvPr id="${id}" name="${type} ${id}"/><p:cNvSpPr/><p:nvPr><p:ph type="${type}"${type === "body" ? ' idx="1"' : ""}/></p:nvPr></p:nvSpPr><p:spPr>${place}</p:spPr><p:txBody><a:bodyPr/>${texts}</p:txBody></p:sp>`;
}

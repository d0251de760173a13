//! Conversions between JavaScript's values and the core's types. Spans become UTF-16 offsets
//! here and nowhere else.

use js_sys::{Object, Reflect};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::WorkerGlobalScope;

use super::place::JsPlace;
use super::tables::JsComputed;
use crate::answer::{AnswerEvent, AskTimings, Citation, CitedPicture, EndReason};
use crate::document::{DocumentId, DocumentInfo, FileKind, Picture, Span, chunk_id};
use crate::engine::{AddedDocument, OriginalPicture, QueuedInfo, is_outdated};
use crate::error::{Error, Result};
use crate::format::Format;
use crate::generate::GenerateInput;
use crate::question::Correction;
use crate::retrieve::Passage;

/// The global scope of the worker.
pub(super) fn global() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// A plain object.
pub(super) fn to_js(value: &impl Serialize) -> JsValue {
    let serializer = Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or(JsValue::UNDEFINED)
}

/// The object that is thrown for an error: `{ code, message }`.
pub(super) fn thrown(error: Error) -> JsValue {
    #[derive(Serialize)]
    struct Thrown {
        code: &'static str,
        message: String,
    }
    to_js(&Thrown { code: error.code(), message: error.to_string() })
}

/// What a generator continues.
pub(super) fn generate_input(input: JsValue) -> Result<GenerateInput> {
    serde_wasm_bindgen::from_value(input).map_err(|error| Error::InvalidOption {
        option: "input",
        got: format!("read ({error})"),
        expected: "{ messages: { role, content }[] } or { prompt: string }",
    })
}

/// A property of an object; none where it is `undefined` or `null`.
pub(super) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// A property that is a string.
pub(super) fn text_property(object: &JsValue, name: &str) -> Option<String> {
    property(object, name)?.as_string()
}

/// The browser's description of a failure, without the full stop at its end.
pub(super) fn describe(value: &JsValue) -> String {
    let text = text_property(value, "message")
        .filter(|message| !message.is_empty())
        .or_else(|| text_property(value, "name"))
        .or_else(|| value.as_string())
        .unwrap_or_else(|| "the browser gives no reason".to_owned());
    text.trim_end().trim_end_matches('.').to_owned()
}

/// The media type that is reported for a kind of file.
fn media_type(kind: FileKind) -> &'static str {
    Format::of(kind).map_or("application/octet-stream", Format::media_type)
}

/// The UTF-16 offset of a byte of `text`.
fn utf16(text: &str, byte: usize) -> u32 {
    utf16_length(&text[..byte])
}

/// How many units of UTF-16 a text has.
pub(super) fn utf16_length(text: &str) -> u32 {
    // A character has one byte that continues none, and two units where its first byte begins four.
    let units = |byte: u8| u32::from(byte as i8 >= -0x40) + u32::from(byte >= 0xf0);
    text.bytes().map(units).sum()
}

/// A span of `text` in UTF-16.
fn utf16_span(text: &str, span: Span) -> (u32, u32) {
    let range = span.range();
    let start = utf16(text, range.start);
    (start, start + utf16(&text[range.clone()], range.len()))
}

/// The package's `DocumentInfo`. What is not known is absent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsDocument<'a> {
    id: String,
    name: &'a str,
    r#type: &'static str,
    bytes: u64,
    chunks: usize,
    added_at: f64,
    already_added: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    authors: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pages: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    reader: &'a str,
    reader_version: u16,
    outdated: bool,
    warnings: &'a [String],
    /// The id of the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    has_original: bool,
    members: Vec<String>,
    /// The name of the shipped knowledge base that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<&'a str>,
}

/// The package's `DocumentInfo`.
pub(super) fn document(added: &AddedDocument) -> JsValue {
    let stored = &added.info;
    let (details, container) = (&stored.details, stored.container.as_ref());
    let info = to_js(&JsDocument {
        id: stored.id.to_string(),
        name: &stored.name,
        r#type: media_type(stored.kind),
        bytes: stored.bytes,
        chunks: added.chunks,
        added_at: stored.added_at,
        already_added: added.already_added,
        title: details.title.as_deref(),
        authors: &details.authors,
        date: details.date.as_deref(),
        language: details.language.as_deref(),
        pages: details.pages,
        encoding: details.encoding.as_deref(),
        reader: &details.reader,
        reader_version: details.reader_version,
        outdated: is_outdated(stored),
        warnings: &details.warnings,
        container: container.map(|container| container.id.to_string()),
        path: container.map(|container| container.path.as_str()),
        has_original: stored.has_original,
        members: added.members.iter().map(DocumentId::to_string).collect(),
        shipped: added.shipped.as_deref(),
    });
    // Parsed from JSON, so that null and large numbers come back unchanged.
    let metadata = js_sys::JSON::parse(&stored.metadata).unwrap_or_else(|_| Object::new().into());
    let _ = Reflect::set(&info, &"metadata".into(), &metadata);
    info
}

/// The package's `QueuedFile[]`.
pub(super) fn queued(files: &[QueuedInfo]) -> JsValue {
    #[derive(Serialize)]
    struct JsQueued<'a> {
        number: u64,
        name: &'a str,
        bytes: u64,
    }
    let file = |QueuedInfo { number, name, bytes }: &'_ QueuedInfo| {
        to_js(&JsQueued { number: *number, name, bytes: *bytes })
    };
    files.iter().map(file).collect::<js_sys::Array>().into()
}

/// A file that was kept: `{ blob, name, type }`.
pub(super) fn original(blob: &web_sys::Blob, info: &DocumentInfo) -> JsValue {
    #[derive(Serialize)]
    struct JsOriginal<'a> {
        name: &'a str,
        r#type: &'static str,
    }
    let file = to_js(&JsOriginal { name: &info.name, r#type: media_type(info.kind) });
    let _ = Reflect::set(&file, &"blob".into(), blob);
    file
}

/// A picture within a file: `{ blob, name, type }`.
pub(super) fn picture(blob: &web_sys::Blob, number: u32, picture: &OriginalPicture) -> JsValue {
    #[derive(Serialize)]
    struct JsFile {
        name: String,
        r#type: &'static str,
    }
    let r#type = picture.media_type.unwrap_or_default();
    let ending = r#type.strip_prefix("image/").unwrap_or("bin");
    let file = to_js(&JsFile { name: format!("picture-{}.{ending}", number + 1), r#type });
    let _ = Reflect::set(&file, &"blob".into(), blob);
    file
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsPassage<'a> {
    document_id: String,
    document_name: &'a str,
    chunk_id: String,
    headings: &'a str,
    text: &'a str,
    start: u32,
    end: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_text: Option<String>,
    score: f32,
    scores: JsScores,
    also_in: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<JsPassagePicture<'a>>,
}

/// The picture that a question belongs to.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsPassagePicture<'a> {
    score: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    #[serde(flatten)]
    shown: JsPicture<'a>,
}

/// A picture to show.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsPicture<'a> {
    caption: &'a str,
    thumbnail: &'a serde_bytes::Bytes,
    width: u32,
    height: u32,
}

impl<'a> JsPicture<'a> {
    fn of(caption: &'a str, picture: &'a Picture) -> Self {
        let Picture { width, height, .. } = *picture;
        let thumbnail = serde_bytes::Bytes::new(&picture.thumbnail);
        Self { caption, thumbnail, width, height }
    }
}

#[derive(Serialize)]
struct JsScores {
    dense: f32,
    lexical: f32,
}

fn js_passage(passage: &Passage) -> JsPassage<'_> {
    let (start, end) = utf16_span(passage.document.text(), passage.span);
    let (place, place_text) = JsPlace::of(&passage.document, passage.span);
    JsPassage {
        document_id: passage.document.id().to_string(),
        document_name: &passage.document.info.name,
        chunk_id: chunk_id(passage.document.id(), passage.chunk),
        headings: &passage.headings,
        text: passage.text(),
        start,
        end,
        place,
        place_text,
        score: passage.score,
        scores: JsScores { dense: passage.dense, lexical: passage.lexical },
        also_in: &passage.also_in,
        shipped: passage.document.shipped.as_deref(),
        picture: passage.picture.and_then(|it| {
            let document = &passage.document.document;
            let picture = document.pictures.get(it.picture as usize)?;
            let (score, number) = (it.score, picture.number);
            Some(JsPassagePicture {
                score,
                number,
                shown: JsPicture::of(document.caption(picture), picture),
            })
        }),
    }
}

/// The package's `Passage[]`.
pub(super) fn passages(passages: &[Passage]) -> JsValue {
    to_js(&passages.iter().map(js_passage).collect::<Vec<_>>())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsCitation<'a> {
    number: usize,
    document_id: String,
    document_name: &'a str,
    chunk_id: String,
    start: u32,
    end: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<JsPlace>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place_text: Option<String>,
    headings: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipped: Option<&'a str>,
}

fn js_citation(citation: &Citation) -> JsCitation<'_> {
    let (start, end) = utf16_span(citation.document.text(), citation.span);
    let (place, place_text) = JsPlace::of(&citation.document, citation.span);
    JsCitation {
        number: citation.number,
        document_id: citation.document.id().to_string(),
        document_name: &citation.document.info.name,
        chunk_id: chunk_id(citation.document.id(), citation.chunk),
        start,
        end,
        place,
        place_text,
        headings: &citation.headings,
        text: citation.text(),
        shipped: citation.document.shipped.as_deref(),
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum JsEvent<'a> {
    Passages {
        passages: Vec<JsPassage<'a>>,
    },
    Corrections {
        corrections: &'a [Correction],
    },
    Table(JsComputed<'a>),
    Answer {
        text: &'a str,
        citation: JsCitation<'a>,
        confidence: f32,
    },
    Quote {
        text: &'a str,
        citation: JsCitation<'a>,
    },
    Image {
        citation: JsCitation<'a>,
        #[serde(flatten)]
        shown: JsPicture<'a>,
    },
    Text {
        text: &'a str,
    },
    Citation {
        citation: JsCitation<'a>,
        text_start: u32,
        text_end: u32,
    },
    Unsupported {
        text: &'a str,
        text_start: u32,
        text_end: u32,
    },
    End {
        reason: EndReason,
        timings: AskTimings,
    },
}

fn js_image(cited: &CitedPicture) -> JsEvent<'_> {
    let picture = cited.picture();
    let mut citation = js_citation(&cited.citation);
    if let Some(number) = picture.number {
        citation.place.get_or_insert_default().set_picture(number);
    }
    // What is cited is the text that links to the picture, not words in it.
    if let (Some(_), Some(place)) = (&cited.linked_as, &mut citation.place) {
        place.leave_out_area();
    }
    JsEvent::Image { citation, shown: JsPicture::of(cited.caption(), picture) }
}

/// Converts the events of one answer. It keeps the shown text, because ranges of it are
/// converted too.
#[derive(Default)]
pub(super) struct Events {
    answer: String,
}

impl Events {
    /// The package's `AskEvent`.
    pub(super) fn convert(&mut self, event: AnswerEvent) -> JsValue {
        if let AnswerEvent::Text(text) = &event {
            self.answer.push_str(text);
        }
        let range =
            |text: &std::ops::Range<usize>| utf16_span(&self.answer, Span::new(text.clone()));
        to_js(&match &event {
            AnswerEvent::Passages(passages) => {
                JsEvent::Passages { passages: passages.iter().map(js_passage).collect() }
            }
            AnswerEvent::Corrections(corrections) => JsEvent::Corrections { corrections },
            AnswerEvent::Table(computed) => JsEvent::Table(JsComputed::of(computed)),
            AnswerEvent::Answer { citation, confidence } => JsEvent::Answer {
                text: citation.text(),
                citation: js_citation(citation),
                confidence: *confidence,
            },
            AnswerEvent::Quote(quote) => {
                JsEvent::Quote { text: quote.text(), citation: js_citation(quote) }
            }
            AnswerEvent::Image(picture) => js_image(picture),
            AnswerEvent::Text(text) => JsEvent::Text { text },
            AnswerEvent::Citation { citation, text } => {
                let (text_start, text_end) = range(text);
                JsEvent::Citation { citation: js_citation(citation), text_start, text_end }
            }
            AnswerEvent::Unsupported { text, sentence } => {
                let (text_start, text_end) = range(text);
                JsEvent::Unsupported { text: sentence, text_start, text_end }
            }
            AnswerEvent::End { reason, timings } => {
                JsEvent::End { reason: *reason, timings: *timings }
            }
        })
    }
}

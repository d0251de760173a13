//! Databases and exports that earlier versions stored open in the browser.

use js_sys::{Array, Function, Uint8Array};
use multimodal_rag::browser::EngineHandle;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{
    HARBOUR, add, code, embedder_file, get, import_into, open, open_with, record, records, text,
};

/// Makes the database of the knowledge base `name` hold these records, as an earlier version
/// left it.
async fn write_records(name: &str, records: &[(&str, &[u8])]) {
    let (keys, values) = (Array::new(), Array::new());
    for (key, record) in records {
        keys.push(&(*key).into());
        values.push(&Uint8Array::from(*record));
    }
    let write = Function::new_with_args(
        "name, keys, values",
        "return new Promise((resolve, reject) => {
           const opening = indexedDB.open(`multimodal-rag:${name}`, 1);
           opening.onupgradeneeded = () => opening.result.createObjectStore('records');
           opening.onerror = () => reject(opening.error);
           opening.onsuccess = () => {
             const transaction = opening.result.transaction('records', 'readwrite');
             keys.forEach((key, at) => transaction.objectStore('records').put(values[at], key));
             transaction.onabort = () => reject(transaction.error);
             transaction.oncomplete = () => { opening.result.close(); resolve(); };
           };
         })",
    );
    let written = write.call3(&JsValue::NULL, &name.into(), &keys, &values).unwrap();
    let written = written.unchecked_into::<js_sys::Promise>();
    wasm_bindgen_futures::JsFuture::from(written).await.unwrap();
}

async fn document_names(engine: &EngineHandle) -> Vec<String> {
    let documents = engine.documents().await.unwrap();
    documents.iter().map(|document| text(document, "name")).collect()
}

#[test]
async fn a_database_of_version_1_opens_and_takes_another_document() {
    write_records("version-1", records::RECORDS_V1).await;
    let engine = open_with("version-1", "persistent", &embedder_file(32)).await.unwrap();
    let names = document_names(&engine).await;
    assert_eq!(names.len(), 12, "{names:?}");
    assert_eq!(names[0], "lighthouse.md");
    add(&engine, "harbour.md", HARBOUR).await.unwrap();
    assert!(document_names(&engine).await.contains(&"harbour.md".to_owned()));
}

#[test]
async fn an_export_of_version_1_is_imported() {
    let make = Function::new_with_args("bytes", "return new Blob([bytes])");
    let blob = make.call1(&JsValue::NULL, &Uint8Array::from(records::EXPORT_V1)).unwrap();
    let (embedder, export) = (embedder_file(32), Some(blob.unchecked_into()));
    let engine = import_into("export-1", "persistent", &embedder, export).await.unwrap();
    assert_eq!(document_names(&engine).await.len(), 12);
}

#[test]
async fn a_database_of_the_first_layout_opens_with_all_its_documents() {
    write_records("first-layout", records::FIRST_LAYOUT).await;
    let engine = open("first-layout", "persistent").await.unwrap();
    assert_eq!(document_names(&engine).await, ["bees.html", "kiln.md", "tale.txt"]);
    let stats = engine.stats().await.unwrap();
    assert_eq!(get(&stats, "damaged").unchecked_into::<Array>().length(), 0);
}

#[test]
async fn a_database_of_a_newer_version_is_refused_by_name() {
    let mut records: Vec<(&str, &[u8])> = records::RECORDS_V1.to_vec();
    let manifest = records.iter_mut().find(|(key, _)| *key == "knowledge-base").unwrap();
    let newer = record::with_version(manifest.1, 9);
    manifest.1 = &newer;
    write_records("version-9", &records).await;
    let opened = open_with("version-9", "persistent", &embedder_file(32)).await;
    assert_eq!(code(opened), "record_too_new");
}

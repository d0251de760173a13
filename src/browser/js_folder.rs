//! A folder of a program of Node.js, Bun or Deno.

use std::io;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::convert::{describe, text_property};
use crate::store::Folder;

#[wasm_bindgen]
extern "C" {
    /// The class `Folder` of `node/folder.js`. Its methods throw the errors of the file system.
    #[derive(Debug, Clone)]
    pub type JsFolder;

    #[wasm_bindgen(method, catch)]
    fn read(this: &JsFolder, name: &str) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn write(this: &JsFolder, name: &str, bytes: &[u8]) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn rename(this: &JsFolder, from: &str, to: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn remove(this: &JsFolder, name: &str) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn sync(this: &JsFolder) -> Result<(), JsValue>;

    #[wasm_bindgen(method, catch)]
    fn names(this: &JsFolder) -> Result<Vec<String>, JsValue>;

    #[wasm_bindgen(method, getter)]
    fn path(this: &JsFolder) -> String;
}

/// The error of a file system, by the code that Node.js gives it.
fn failed(thrown: JsValue) -> io::Error {
    use io::ErrorKind::{
        AlreadyExists, InvalidFilename, NotADirectory, NotFound, Other, PermissionDenied,
        QuotaExceeded, ReadOnlyFilesystem, StorageFull,
    };
    let kind = match text_property(&thrown, "code").as_deref() {
        Some("EEXIST") => AlreadyExists,
        Some("ENAMETOOLONG") => InvalidFilename,
        Some("ENOTDIR") => NotADirectory,
        Some("ENOENT") => NotFound,
        Some("EACCES" | "EPERM") => PermissionDenied,
        Some("EDQUOT") => QuotaExceeded,
        Some("EROFS") => ReadOnlyFilesystem,
        Some("ENOSPC") => StorageFull,
        _ => Other,
    };
    io::Error::new(kind, describe(&thrown))
}

impl Folder for JsFolder {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(Self::read(self, name).map_err(failed)?.map(|bytes| bytes.to_vec()))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        Self::write(self, name, bytes).map_err(failed)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Self::rename(self, from, to).map_err(failed)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        Self::remove(self, name).map_err(failed)
    }

    fn sync(&self) -> io::Result<()> {
        Self::sync(self).map_err(failed)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        Self::names(self).map_err(failed)
    }

    fn path(&self) -> String {
        Self::path(self)
    }
}

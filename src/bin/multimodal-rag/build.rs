//! A knowledge base that a site ships as one file.

use std::path::PathBuf;

use clap::Args;
use multimodal_rag::Fingerprint;
use serde_json::json;

use crate::Failure;
use crate::add::{DocumentArguments, add_all};
use crate::files::read_file;
use crate::knowledge::open_in_memory;
use crate::models::{ImageModelArgument, ModelArgument};
use crate::process_reader::ReaderArguments;
use crate::transfer::export_to;

/// Makes the file of a knowledge base that a page opens by its address: `Engine.open({ source })`, or the attribute
/// `src` of the element. Only the texts of the files are in it. Where a file cannot be read nothing is written; files of a
/// folder that no reader knows are left out.
#[derive(Args)]
pub(crate) struct Build {
    /// Files to add, and folders with all files in them.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The file to write.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The address that the files are served from, such as "/docs": each document has its own address as `url` in its
    /// metadata, where citations lead.
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    image_model: ImageModelArgument,
    #[command(flatten)]
    reader: ReaderArguments,
}

impl Build {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let engine = open_in_memory(&self.model, &self.image_model, &self.reader)?;
        add_all(&engine, &self.files, |name| DocumentArguments {
            metadata: self.url.as_ref().map(|url| json!({ "url": address(url, name) }).to_string()),
            drop_original: true,
            ..DocumentArguments::default()
        })?;
        export_to(&engine, &self.output)?;
        let bytes = read_file(&self.output)?;
        let hash = Fingerprint::of(&bytes);
        println!("{}: {} bytes", self.output.display(), bytes.len());
        println!("sha256: {hash}");
        println!("integrity: sha256-{}", base64::encode(hash.as_bytes()));
        Ok(())
    }
}

/// The address of a file below `url`. A page of a folder is at the address of that.
fn address(url: &str, name: &str) -> String {
    let path = name.strip_suffix("index.html").unwrap_or(name);
    let segments: Vec<String> = path.split('/').map(encoded).collect();
    format!("{}/{}", url.trim_end_matches('/'), segments.join("/"))
}

/// A part of a path as it stands in an address (RFC 3986).
fn encoded(part: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(byte);
    let byte = |byte: u8| match is_plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    part.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_document_has_the_address_of_its_file() {
        assert_eq!(address("/docs/", "guide/first steps.html"), "/docs/guide/first%20steps.html");
        assert_eq!(address("https://example.org", "a/index.html"), "https://example.org/a/");
        assert_eq!(address("", "größe.md"), "/gr%C3%B6%C3%9Fe.md");
    }
}

//! Pictures that a text links to: files that were added beside it.

use std::rc::Rc;

use super::Engine;
use crate::answer::CitedPicture;
use crate::document::{DocumentId, DocumentInfo};
use crate::error::Result;
use crate::format::{Format, ReaderModule};
use crate::knowledge_base::{KnowledgeBase, StoredDocument};

impl Engine {
    /// Puts the documents of picture files in the place of links to them. A picture whose file is no
    /// document, or whose document cannot be read, is left out.
    pub(super) async fn follow_links(
        &self,
        cited: Vec<CitedPicture>,
        state: &KnowledgeBase,
    ) -> Result<Vec<CitedPicture>> {
        let mut followed: Vec<CitedPicture> = Vec::new();
        for picture in cited {
            let picture = match picture.link() {
                None => Some(picture),
                Some(link) => self
                    .linked(&picture.citation.document.info, link, state)
                    .await
                    .and_then(|file| picture.of_file(file)),
            };
            if let Some(picture) = picture
                && !followed.iter().any(|other| other.is_same(&picture))
            {
                followed.push(picture);
            }
        }
        Ok(followed)
    }

    /// The document of the file that a document links to.
    async fn linked(
        &self,
        from: &DocumentInfo,
        link: &str,
        state: &KnowledgeBase,
    ) -> Option<Rc<StoredDocument>> {
        let found = state.index.find(find_linked(from, link, state)?)?;
        self.document_cache.get(&*self.store, &found).await.ok()
    }
}

/// The picture file of this path; where there is none, the only one of its name: the folders may not
/// have been added with the files, and notes name a picture without its folder. Both files are in the
/// same container, or in none.
fn find_linked(from: &DocumentInfo, link: &str, state: &KnowledgeBase) -> Option<DocumentId> {
    let container = |info: &DocumentInfo| info.container.as_ref().map(|container| container.id);
    let is_picture = |info: &DocumentInfo| {
        Format::of(info.kind).is_some_and(|format| format.module == ReaderModule::Image)
    };
    let documents = state.index.documents().map(|(info, _)| info);
    let pictures: Vec<_> = documents
        .filter(|info| is_picture(info) && container(info) == container(from))
        .filter(|info| base_name(&info.name) == base_name(link))
        .collect();
    let path = joined(&from.name, link);
    let of_path = pictures.iter().find(|info| info.name == path);
    match (of_path, &*pictures) {
        (Some(info), _) | (None, [info]) => Some(info.id),
        _ => None,
    }
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The path of a link in the file `name`.
fn joined(name: &str, link: &str) -> String {
    let folder = match link.strip_prefix('/') {
        Some(_) => "",
        None => name.rsplit_once('/').map_or("", |(folder, _)| folder),
    };
    let mut path: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(link.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn a_link_begins_in_the_folder_of_its_file() {
        for (name, link, expected) in [
            ("a.md", "b.png", "b.png"),
            ("docs/a.md", "b.png", "docs/b.png"),
            ("docs/a.md", "./images/b.png", "docs/images/b.png"),
            ("docs/deep/a.md", "../b.png", "docs/b.png"),
            ("docs/a.md", "/b.png", "b.png"),
            ("a.md", "../../b.png", "b.png"),
        ] {
            assert_eq!(joined(name, link), expected, "{name} {link}");
        }
    }
}

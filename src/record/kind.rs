//! The kinds of records, and which versions of them can be read.

/// What a record holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A document: what is known of it, its blocks and its text.
    Document,
    /// A segment of the index.
    Segment,
    /// The graph of a segment.
    Graph,
    /// The list of live segments.
    Manifest,
    /// The fingerprint of the embedder, stored a second time.
    Embedder,
    /// A document that is being added.
    Job,
    /// Vectors of the first chunks of a job.
    Vectors,
    /// A part of a file that is kept beside its document, or that waits to be added.
    Original,
    /// A file that waits to be added.
    Queued,
    /// The feedback on a question.
    Feedback,
    /// Marks a store into which an export is being imported.
    Import,
    /// Who may write to a store.
    #[allow(dead_code, reason = "only a store that several tabs share has such a record")]
    Writer,
    /// The list of files of a directory store.
    #[allow(dead_code, reason = "browsers have no directory store")]
    Directory,
    /// A whole knowledge base as one file.
    Export,
}

/// What is known of a kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KindInfo {
    /// The fourth byte of the envelope.
    pub(super) letter: u8,
    /// The name that errors use.
    pub(super) name: &'static str,
    /// The oldest version that can be read.
    pub(super) oldest: u16,
    /// The version that is written.
    pub(super) current: u16,
}

impl Kind {
    /// All kinds.
    #[cfg(test)]
    const ALL: [Self; 14] = [
        Self::Document,
        Self::Segment,
        Self::Graph,
        Self::Manifest,
        Self::Embedder,
        Self::Job,
        Self::Vectors,
        Self::Original,
        Self::Queued,
        Self::Feedback,
        Self::Import,
        Self::Writer,
        Self::Directory,
        Self::Export,
    ];

    /// The table of kinds, with the oldest readable and the current version of each. A change
    /// to the body of a kind increases its current version; `tests/engine/stored.rs` opens a fixture
    /// of every version.
    pub(super) fn info(self) -> KindInfo {
        let row =
            |letter, name, [oldest, current]: [u16; 2]| KindInfo { letter, name, oldest, current };
        match self {
            Self::Document => row(b't', "document", [1, 3]),
            Self::Segment => row(b's', "segment", [1, 3]),
            Self::Graph => row(b'g', "graph", [1, 1]),
            Self::Manifest => row(b'k', "manifest", [1, 1]),
            Self::Embedder => row(b'e', "embedder", [1, 1]),
            Self::Job => row(b'j', "job", [1, 3]),
            Self::Vectors => row(b'c', "vectors", [1, 1]),
            Self::Original => row(b'o', "original", [1, 1]),
            Self::Queued => row(b'q', "queued file", [1, 1]),
            Self::Feedback => row(b'f', "feedback", [1, 1]),
            Self::Import => row(b'i', "import", [1, 1]),
            Self::Writer => row(b'w', "writer", [1, 1]),
            Self::Directory => row(b'd', "directory", [1, 1]),
            Self::Export => row(b'x', "export", [1, 1]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test;

    #[test]
    fn every_kind_has_a_letter_of_its_own_and_reads_what_it_writes() {
        for kind in Kind::ALL {
            let info = kind.info();
            assert!((1..=info.current).contains(&info.oldest), "{}", info.name);
            let same = Kind::ALL.iter().filter(|other| other.info().letter == info.letter);
            assert_eq!(same.count(), 1, "{}", info.name);
        }
    }
}

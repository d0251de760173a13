//! The parts of GGUF files, to write files with changes.

/// Kinds of metadata values.
pub(crate) const U32: u32 = 4;
pub(crate) const F32: u32 = 6;
pub(crate) const TEXT: u32 = 8;
pub(crate) const ARRAY: u32 = 9;
pub(crate) const U64: u32 = 10;
pub(crate) const F64: u32 = 12;

/// The parts of a GGUF file; metadata values are their kind and bytes.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(crate) metadata: Vec<(String, u32, Vec<u8>)>,
    pub(crate) tensors: Vec<Tensor>,
    pub(crate) data: Vec<u8>,
    /// Bytes before the data, without padding.
    pub(crate) header: usize,
}

#[derive(Clone)]
pub(crate) struct Tensor {
    pub(crate) name: String,
    /// Innermost dimension first, as in the file.
    pub(crate) shape: Vec<u64>,
    pub(crate) kind: u32,
    pub(crate) offset: u64,
}

impl Parts {
    /// Reads a file that is known to be valid.
    pub(crate) fn read(file: &[u8]) -> Self {
        let mut reader = Reader { file, at: 8 };
        let (tensors, values) = (reader.u64(), reader.u64());
        let metadata = (0..values)
            .map(|_| {
                let (key, kind) = (reader.text(), reader.u32());
                let start = reader.at;
                reader.skip(kind);
                (key, kind, file[start..reader.at].to_vec())
            })
            .collect();
        let tensors = (0..tensors)
            .map(|_| {
                let (name, dimensions) = (reader.text(), reader.u32());
                let shape = (0..dimensions).map(|_| reader.u64()).collect();
                Tensor { name, shape, kind: reader.u32(), offset: reader.u64() }
            })
            .collect();
        let header = reader.at;
        let data = file[header.next_multiple_of(32)..].to_vec();
        Self { metadata, tensors, data, header }
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3u32.to_le_bytes());
        file.extend((self.tensors.len() as u64).to_le_bytes());
        file.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, kind, value) in &self.metadata {
            file.extend(text(key));
            file.extend(kind.to_le_bytes());
            file.extend(value);
        }
        for tensor in &self.tensors {
            file.extend(text(&tensor.name));
            file.extend((tensor.shape.len() as u32).to_le_bytes());
            file.extend(tensor.shape.iter().flat_map(|n| n.to_le_bytes()));
            file.extend(tensor.kind.to_le_bytes());
            file.extend(tensor.offset.to_le_bytes());
        }
        file.resize(file.len().next_multiple_of(32), 0);
        file.extend(&self.data);
        file
    }

    /// The file without this metadata value.
    pub(crate) fn without(&self, key: &str) -> Self {
        let mut parts = self.clone();
        parts.metadata.retain(|(known, ..)| known != key);
        assert!(parts.metadata.len() < self.metadata.len(), "{key} was not there");
        parts
    }

    /// The file with this metadata value added or replaced.
    pub(crate) fn with(&self, key: &str, kind: u32, value: impl Into<Vec<u8>>) -> Self {
        let mut parts = self.clone();
        parts.metadata.retain(|(known, ..)| known != key);
        parts.metadata.push((key.to_owned(), kind, value.into()));
        parts
    }

    /// The file with a tensor changed.
    pub(crate) fn with_tensor(&self, name: &str, change: impl FnOnce(&mut Tensor)) -> Self {
        let mut parts = self.clone();
        change(parts.tensors.iter_mut().find(|tensor| tensor.name == name).unwrap());
        parts
    }

    /// The file with some bytes of a tensor's data changed.
    pub(crate) fn with_data(&self, name: &str, at: usize, bytes: &[u8]) -> Self {
        let mut parts = self.clone();
        let offset = parts.tensors.iter().find(|tensor| tensor.name == name).unwrap().offset;
        let start = offset as usize + at;
        parts.data[start..start + bytes.len()].copy_from_slice(bytes);
        parts
    }
}

/// A string in the format: its length, then its bytes.
pub(crate) fn text(text: &str) -> Vec<u8> {
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

/// An array in the format: kind, count, items.
pub(crate) fn array(kind: u32, items: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend((items.len() as u64).to_le_bytes());
    bytes.extend(items.concat());
    bytes
}

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn u32(&mut self) -> u32 {
        self.at += 4;
        u32::from_le_bytes(self.file[self.at - 4..self.at].try_into().unwrap())
    }

    fn u64(&mut self) -> u64 {
        self.at += 8;
        u64::from_le_bytes(self.file[self.at - 8..self.at].try_into().unwrap())
    }

    fn text(&mut self) -> String {
        let length = self.u64() as usize;
        self.at += length;
        String::from_utf8(self.file[self.at - length..self.at].to_vec()).unwrap()
    }

    fn skip(&mut self, kind: u32) {
        match kind {
            0 | 1 | 7 => self.at += 1,
            2 | 3 => self.at += 2,
            U32 | 5 | F32 => self.at += 4,
            TEXT => drop(self.text()),
            ARRAY => {
                let (kind, count) = (self.u32(), self.u64());
                (0..count).for_each(|_| self.skip(kind));
            }
            _ => self.at += 8,
        }
    }
}

//! Knowledge bases that earlier versions stored, record by record.
#![allow(dead_code, reason = "not every test binary needs each of them")]

/// A record: its key and its bytes.
pub(crate) type Record = (&'static str, &'static [u8]);

/// The first layout: a segment for each document, and a manifest that is only the embedder.
pub(crate) const FIRST_LAYOUT: &[Record] = &[
    (
        "document/00181de37d89a2249d61d32177bc03e3",
        include_bytes!("../fixtures/stored/first-layout/document~00181de37d89a2249d61d32177bc03e3"),
    ),
    (
        "document/e2a531ec99a9aeb6c8088cd190a11abe",
        include_bytes!("../fixtures/stored/first-layout/document~e2a531ec99a9aeb6c8088cd190a11abe"),
    ),
    (
        "document/e59478dc348ad2db08601fd6810b7e2a",
        include_bytes!("../fixtures/stored/first-layout/document~e59478dc348ad2db08601fd6810b7e2a"),
    ),
    ("knowledge-base", include_bytes!("../fixtures/stored/first-layout/knowledge-base")),
    (
        "segment/00181de37d89a2249d61d32177bc03e3",
        include_bytes!("../fixtures/stored/first-layout/segment~00181de37d89a2249d61d32177bc03e3"),
    ),
    (
        "segment/e2a531ec99a9aeb6c8088cd190a11abe",
        include_bytes!("../fixtures/stored/first-layout/segment~e2a531ec99a9aeb6c8088cd190a11abe"),
    ),
    (
        "segment/e59478dc348ad2db08601fd6810b7e2a",
        include_bytes!("../fixtures/stored/first-layout/segment~e59478dc348ad2db08601fd6810b7e2a"),
    ),
];

/// Version 1 of every record but graphs and directories, with a job that was interrupted.
pub(crate) const RECORDS_V1: &[Record] = &[
    (
        "document/0504552e2a7248fab5fbad06c218cd51",
        include_bytes!("../fixtures/stored/records-v1/document~0504552e2a7248fab5fbad06c218cd51"),
    ),
    (
        "document/1536251cd4e5add7a1886886053f74da",
        include_bytes!("../fixtures/stored/records-v1/document~1536251cd4e5add7a1886886053f74da"),
    ),
    (
        "document/1b6f2d0ef2bca2854e73effbe1f0fe17",
        include_bytes!("../fixtures/stored/records-v1/document~1b6f2d0ef2bca2854e73effbe1f0fe17"),
    ),
    (
        "document/3948d34d97ab9648111d551dc7867164",
        include_bytes!("../fixtures/stored/records-v1/document~3948d34d97ab9648111d551dc7867164"),
    ),
    (
        "document/3c27d0805fe22d2736fcbb91408c98a7",
        include_bytes!("../fixtures/stored/records-v1/document~3c27d0805fe22d2736fcbb91408c98a7"),
    ),
    (
        "document/76285ab458f754289484826d1afbfbd9",
        include_bytes!("../fixtures/stored/records-v1/document~76285ab458f754289484826d1afbfbd9"),
    ),
    (
        "document/892651c174016c7d4dd153c1bd474621",
        include_bytes!("../fixtures/stored/records-v1/document~892651c174016c7d4dd153c1bd474621"),
    ),
    (
        "document/a3196ff6e49ce3d6c92eb834a76f55d3",
        include_bytes!("../fixtures/stored/records-v1/document~a3196ff6e49ce3d6c92eb834a76f55d3"),
    ),
    (
        "document/ac612cb6b67c06c594378bef9ef4977a",
        include_bytes!("../fixtures/stored/records-v1/document~ac612cb6b67c06c594378bef9ef4977a"),
    ),
    (
        "document/b971163e53446653676d8a0eb98f8247",
        include_bytes!("../fixtures/stored/records-v1/document~b971163e53446653676d8a0eb98f8247"),
    ),
    (
        "document/f4732314f42f44642451dd41063ec1d2",
        include_bytes!("../fixtures/stored/records-v1/document~f4732314f42f44642451dd41063ec1d2"),
    ),
    (
        "document/f9106e84fc54a44713fac9d9802ba75b",
        include_bytes!("../fixtures/stored/records-v1/document~f9106e84fc54a44713fac9d9802ba75b"),
    ),
    ("embedder", include_bytes!("../fixtures/stored/records-v1/embedder")),
    (
        "job/656e0caed014316e99ade895d58f3c42",
        include_bytes!("../fixtures/stored/records-v1/job~656e0caed014316e99ade895d58f3c42"),
    ),
    (
        "job/656e0caed014316e99ade895d58f3c42/00000000",
        include_bytes!(
            "../fixtures/stored/records-v1/job~656e0caed014316e99ade895d58f3c42~00000000"
        ),
    ),
    (
        "job/656e0caed014316e99ade895d58f3c42/00000010",
        include_bytes!(
            "../fixtures/stored/records-v1/job~656e0caed014316e99ade895d58f3c42~00000010"
        ),
    ),
    ("knowledge-base", include_bytes!("../fixtures/stored/records-v1/knowledge-base")),
    ("segment/0", include_bytes!("../fixtures/stored/records-v1/segment~0")),
    ("segment/1", include_bytes!("../fixtures/stored/records-v1/segment~1")),
    ("segment/11", include_bytes!("../fixtures/stored/records-v1/segment~11")),
    ("segment/12", include_bytes!("../fixtures/stored/records-v1/segment~12")),
    ("segment/13", include_bytes!("../fixtures/stored/records-v1/segment~13")),
    ("segment/3", include_bytes!("../fixtures/stored/records-v1/segment~3")),
    ("writer", include_bytes!("../fixtures/stored/records-v1/writer")),
];

/// An export of [`RECORDS_V1`] without its job.
pub(crate) const EXPORT_V1: &[u8] = include_bytes!("../fixtures/stored/export-v1.rag");

/// Version 2: a knowledge base with files that are kept and a container, a job that was
/// interrupted, and a queued file.
pub(crate) const RECORDS_V2: &[Record] = &[
    (
        "document/1536251cd4e5add7a1886886053f74da",
        include_bytes!("../fixtures/stored/records-v2/document~1536251cd4e5add7a1886886053f74da"),
    ),
    (
        "document/1b6f2d0ef2bca2854e73effbe1f0fe17",
        include_bytes!("../fixtures/stored/records-v2/document~1b6f2d0ef2bca2854e73effbe1f0fe17"),
    ),
    (
        "document/3948d34d97ab9648111d551dc7867164",
        include_bytes!("../fixtures/stored/records-v2/document~3948d34d97ab9648111d551dc7867164"),
    ),
    (
        "document/3c27d0805fe22d2736fcbb91408c98a7",
        include_bytes!("../fixtures/stored/records-v2/document~3c27d0805fe22d2736fcbb91408c98a7"),
    ),
    (
        "document/6096af6e96b1c84946162cc5a52ee2ac",
        include_bytes!("../fixtures/stored/records-v2/document~6096af6e96b1c84946162cc5a52ee2ac"),
    ),
    (
        "document/656e0caed014316e99ade895d58f3c42",
        include_bytes!("../fixtures/stored/records-v2/document~656e0caed014316e99ade895d58f3c42"),
    ),
    (
        "document/76ba803c62d5321482855f5226053f37",
        include_bytes!("../fixtures/stored/records-v2/document~76ba803c62d5321482855f5226053f37"),
    ),
    (
        "document/892651c174016c7d4dd153c1bd474621",
        include_bytes!("../fixtures/stored/records-v2/document~892651c174016c7d4dd153c1bd474621"),
    ),
    (
        "document/ac612cb6b67c06c594378bef9ef4977a",
        include_bytes!("../fixtures/stored/records-v2/document~ac612cb6b67c06c594378bef9ef4977a"),
    ),
    (
        "document/b971163e53446653676d8a0eb98f8247",
        include_bytes!("../fixtures/stored/records-v2/document~b971163e53446653676d8a0eb98f8247"),
    ),
    (
        "document/e9c8c453876f5266abd5e984994895ca",
        include_bytes!("../fixtures/stored/records-v2/document~e9c8c453876f5266abd5e984994895ca"),
    ),
    (
        "document/f4732314f42f44642451dd41063ec1d2",
        include_bytes!("../fixtures/stored/records-v2/document~f4732314f42f44642451dd41063ec1d2"),
    ),
    ("embedder", include_bytes!("../fixtures/stored/records-v2/embedder")),
    (
        "job/43273e7803059c330138f28125cbbbf2",
        include_bytes!("../fixtures/stored/records-v2/job~43273e7803059c330138f28125cbbbf2"),
    ),
    (
        "job/43273e7803059c330138f28125cbbbf2/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/job~43273e7803059c330138f28125cbbbf2~00000000"
        ),
    ),
    (
        "job/43273e7803059c330138f28125cbbbf2/00000010",
        include_bytes!(
            "../fixtures/stored/records-v2/job~43273e7803059c330138f28125cbbbf2~00000010"
        ),
    ),
    (
        "job/43273e7803059c330138f28125cbbbf2/original/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/job~43273e7803059c330138f28125cbbbf2~original~00000000"
        ),
    ),
    ("knowledge-base", include_bytes!("../fixtures/stored/records-v2/knowledge-base")),
    (
        "original/1536251cd4e5add7a1886886053f74da/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~1536251cd4e5add7a1886886053f74da~00000000"
        ),
    ),
    (
        "original/1b6f2d0ef2bca2854e73effbe1f0fe17/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~1b6f2d0ef2bca2854e73effbe1f0fe17~00000000"
        ),
    ),
    (
        "original/3948d34d97ab9648111d551dc7867164/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~3948d34d97ab9648111d551dc7867164~00000000"
        ),
    ),
    (
        "original/3c27d0805fe22d2736fcbb91408c98a7/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~3c27d0805fe22d2736fcbb91408c98a7~00000000"
        ),
    ),
    (
        "original/6096af6e96b1c84946162cc5a52ee2ac/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~6096af6e96b1c84946162cc5a52ee2ac~00000000"
        ),
    ),
    (
        "original/656e0caed014316e99ade895d58f3c42/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~656e0caed014316e99ade895d58f3c42~00000000"
        ),
    ),
    (
        "original/892651c174016c7d4dd153c1bd474621/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~892651c174016c7d4dd153c1bd474621~00000000"
        ),
    ),
    (
        "original/ac612cb6b67c06c594378bef9ef4977a/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~ac612cb6b67c06c594378bef9ef4977a~00000000"
        ),
    ),
    (
        "original/b971163e53446653676d8a0eb98f8247/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~b971163e53446653676d8a0eb98f8247~00000000"
        ),
    ),
    (
        "original/f4732314f42f44642451dd41063ec1d2/00000000",
        include_bytes!(
            "../fixtures/stored/records-v2/original~f4732314f42f44642451dd41063ec1d2~00000000"
        ),
    ),
    (
        "queued/0001700000000096",
        include_bytes!("../fixtures/stored/records-v2/queued~0001700000000096"),
    ),
    (
        "queued/0001700000000096/00000000",
        include_bytes!("../fixtures/stored/records-v2/queued~0001700000000096~00000000"),
    ),
    ("segment/10", include_bytes!("../fixtures/stored/records-v2/segment~10")),
    ("segment/11", include_bytes!("../fixtures/stored/records-v2/segment~11")),
    ("segment/12", include_bytes!("../fixtures/stored/records-v2/segment~12")),
    ("segment/2", include_bytes!("../fixtures/stored/records-v2/segment~2")),
];

/// An export of [`RECORDS_V2`] without its job and its queue.
pub(crate) const EXPORT_V2: &[u8] = include_bytes!("../fixtures/stored/export-v2.rag");

/// An export of version 3 of a document: a picture, with the area and the sureness of its words.
pub(crate) const EXPORT_V3: &[u8] = include_bytes!("../fixtures/stored/export-v3.rag");

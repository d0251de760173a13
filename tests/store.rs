//! Every store fulfils the contract of `Store`: one suite runs on each of them. The store of
//! the browser runs it in the browser tests.

#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use multimodal_rag::MemoryStore;

#[path = "support/rng.rs"]
mod rng;
#[path = "store/suite.rs"]
mod suite;

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[test]
fn the_memory_store_fulfils_the_contract() {
    pollster::block_on(suite::fulfils_the_contract(async |_| MemoryStore::new()));
}

#[test]
fn the_memory_store_is_shared_by_its_clones() {
    let open = async |_: &str| {
        let store = MemoryStore::new();
        [store.clone(), store.clone(), store]
    };
    pollster::block_on(suite::is_shared(open, MemoryStore::revoke_lease));
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_directory_store_fulfils_the_contract_and_keeps_its_records() {
    use multimodal_rag::DirectoryStore;

    let name = format!("multimodal-rag-store-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    let open = async |name: &str| DirectoryStore::open(directory.join(name)).unwrap();
    pollster::block_on(suite::fulfils_the_contract(open));
    pollster::block_on(suite::keeps_records_when_reopened(open));
    std::fs::remove_dir_all(&directory).unwrap();
}

#[cfg(unix)]
#[test]
fn a_new_directory_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let name = format!("multimodal-rag-private-store-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    drop(multimodal_rag::DirectoryStore::open(&directory).unwrap());
    let mode = std::fs::metadata(&directory).unwrap().permissions().mode();
    std::fs::remove_dir_all(&directory).unwrap();
    assert_eq!(mode & 0o777, 0o700);
}

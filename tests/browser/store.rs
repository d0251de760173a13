//! The store in IndexedDB: leases, locks, and databases that are deleted.

use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};
use js_sys::Function;
use multimodal_rag::browser::IndexedDbStore;
use multimodal_rag::{Batch, Store};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{get, in_browser, open_store, suite};

fn batch(key: &str, bytes: &[u8]) -> Batch {
    Batch { puts: vec![(key.to_owned(), bytes.to_vec())], deletes: vec![] }
}

async fn commit_one(store: &IndexedDbStore, key: &str) {
    let lease = store.lease().await.unwrap();
    store.commit(batch(key, b"1"), &lease).await.unwrap();
}

#[test]
async fn the_indexed_db_store_fulfils_the_contract_and_keeps_its_records() {
    let open = async |name: &str| IndexedDbStore::open(&format!("suite-{name}")).await.unwrap();
    suite::fulfils_the_contract(open).await;
    suite::keeps_records_when_reopened(open).await;
}

#[test]
async fn the_indexed_db_store_is_shared_by_several_tabs() {
    let open = async |name: &str| {
        let open = async || IndexedDbStore::open(&format!("shared-{name}")).await.unwrap();
        [open().await, open().await, open().await.with_holder_timeout(Duration::ZERO)]
    };
    suite::is_shared(open, |_| ()).await;
}

#[test]
async fn after_a_failure_the_worker_that_died_writes_nothing_more() {
    let name = "after-failure";
    let [died, other] = [open_store(name).await, open_store(name).await];
    let lease = died.lease().await.unwrap();
    died.commit(batch("a", b"1"), &lease).await.unwrap();
    let reopened = IndexedDbStore::open_after_failure(name).await.unwrap();
    assert_eq!(reopened.keys("").await.unwrap(), ["a"]);
    let failed = died.commit(batch("b", b"2"), &lease).await.unwrap_err();
    assert_eq!(failed.code(), "lease_lost");
    assert_eq!(reopened.keys("").await.unwrap(), ["a"]);
    assert!(!reopened.take_changed());
    drop(lease);
    commit_one(&reopened, "c").await;
    commit_one(&other, "d").await;
    assert_eq!(other.keys("").await.unwrap(), ["a", "c", "d"]);
}

#[test]
async fn without_web_locks_the_first_commit_revokes_the_other_leases() {
    let name = "without-locks";
    let [first, second] = [open_store(name).await, open_store(name).await];
    let hide = Function::new_with_args(
        "value",
        "Object.defineProperty(navigator, 'locks', { value, configurable: true })",
    );
    let show = Function::new_no_args("delete navigator.locks");
    hide.call1(&JsValue::NULL, &JsValue::UNDEFINED).unwrap();
    let [one, other] = [first.lease().await.unwrap(), second.lease().await.unwrap()];
    assert!(first.try_lock("job/1").await.unwrap().is_some());
    second.commit(batch("a", b"of the second"), &other).await.unwrap();
    let failed = first.commit(batch("a", b"of the first"), &one).await.unwrap_err();
    assert_eq!(failed.code(), "lease_lost");
    second.commit(batch("b", b"of the second"), &other).await.unwrap();
    let one = first.lease().await.unwrap();
    assert!(first.take_changed());
    first.commit(batch("c", b"of the first"), &one).await.unwrap();
    show.call0(&JsValue::NULL).unwrap();
    assert_eq!(first.keys("").await.unwrap(), ["a", "b", "c"]);
    assert_eq!(first.get("a").await.unwrap().unwrap(), b"of the second");
}

#[test]
async fn a_commit_that_is_dropped_before_its_end_writes_nothing() {
    let store = open_store("dropped-commit").await;
    let lease = store.lease().await.unwrap();
    assert!(store.commit(batch("a", b"1"), &lease).now_or_never().is_none());
    assert!(store.get("a").await.unwrap().is_none());
    store.commit(batch("b", b"2"), &lease).await.unwrap();
    assert_eq!(store.keys("").await.unwrap(), ["b"]);
}

#[test]
async fn a_deleted_database_is_closed_in_every_tab() {
    let name = "deleted";
    let [first, second] = [open_store(name).await, open_store(name).await];
    let lease = first.lease().await.unwrap();
    first.commit(batch("a", b"1"), &lease).await.unwrap();
    let mut deleting = pin!(IndexedDbStore::delete(name));
    let write = async { first.commit(batch("b", b"2"), &lease).await };
    let Either::Right((written, _)) = select(deleting.as_mut(), pin!(write)).await else {
        panic!("deleted while somebody has the lease");
    };
    written.unwrap();
    drop(lease);
    deleting.await.unwrap();
    for store in [&first, &second] {
        let error = store.get("a").await.unwrap_err();
        assert_eq!(error.code(), "storage_closed");
        assert!(error.to_string().contains("another tab deleted it"), "{error}");
        assert_eq!(store.keys("").await.unwrap_err().code(), "storage_closed");
        assert_eq!(store.lease().await.unwrap_err().code(), "storage_closed");
    }
    let anew = open_store(name).await;
    assert!(anew.keys("").await.unwrap().is_empty());
    anew.commit(batch("c", b"3"), &anew.lease().await.unwrap()).await.unwrap();
    IndexedDbStore::delete("never-there").await.unwrap();
}

#[test]
async fn a_lease_that_outlives_the_database_writes_nothing() {
    let store = open_store("outlived").await;
    let lease = store.lease().await.unwrap();
    in_browser("indexedDB.deleteDatabase('outlived')").await.unwrap();
    let failed = store.commit(batch("a", b"1"), &lease).await.unwrap_err();
    assert_eq!(failed.code(), "storage_closed");
}

#[test]
async fn deleting_a_database_that_another_tab_keeps_open_is_blocked_and_done_later() {
    let name = "kept-open";
    let store = open_store(name).await;
    commit_one(&store, "a").await;
    let kept = in_browser("indexedDB.open('kept-open')").await.unwrap();
    assert_eq!(IndexedDbStore::delete(name).await.unwrap_err().code(), "storage_blocked");
    let close: Function = get(&kept, "close").unchecked_into();
    close.call0(&kept).unwrap();
    assert!(open_store(name).await.keys("").await.unwrap().is_empty());
}

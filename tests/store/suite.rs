//! What every store must do. `open` opens the store of a name: an empty one the first
//! time; where the store is lasting, the same one again.

use multimodal_rag::{Batch, Error, Store};

/// Runs every case that needs no reopening.
pub(crate) async fn keeps_to_the_contract<S: Store>(open: impl AsyncFn(&str) -> S) {
    a_missing_record_is_none(&open("missing").await).await;
    a_record_is_put_replaced_and_deleted(&open("put").await).await;
    keys_are_sorted_and_chosen_by_prefix(&open("keys").await).await;
    a_batch_that_fails_leaves_nothing_behind(&open("failing").await).await;
    an_empty_batch_and_an_empty_record_are_fine(&open("empty").await).await;
    a_record_of_8_mib_comes_back_whole(&open("large").await).await;
    one_batch_may_hold_many_records(&open("many").await).await;
}

/// Runs the cases of a store that outlives its object.
#[allow(dead_code, reason = "a test binary may have no such store on its platform")]
pub(crate) async fn keeps_records_over_reopening<S: Store>(open: impl AsyncFn(&str) -> S) {
    let store = open("lasting").await;
    commit(&store, &[("document/1", b"one"), ("segment/1", b"1"), ("gone", b"")], &[]).await;
    commit(&store, &[("segment/1", b"again")], &["gone"]).await;
    drop(store);
    for _ in 0..2 {
        let store = open("lasting").await;
        assert_eq!(store.keys("").await.unwrap(), ["document/1", "segment/1"]);
        assert_eq!(get(&store, "document/1").await.unwrap(), b"one");
        assert_eq!(get(&store, "segment/1").await.unwrap(), b"again");
    }
    let store = open("lasting").await;
    commit(&store, &[("document/2", b"two")], &["document/1"]).await;
    drop(store);
    let store = open("lasting").await;
    assert_eq!(store.keys("document/").await.unwrap(), ["document/2"]);
    assert_eq!(get(&store, "segment/1").await.unwrap(), b"again");
}

async fn a_missing_record_is_none(store: &impl Store) {
    assert_eq!(get(store, "document/1").await, None);
    assert_eq!(store.keys("").await.unwrap(), [""; 0]);
    commit(store, &[], &["document/1"]).await;
    assert_eq!(get(store, "document/1").await, None);
}

async fn a_record_is_put_replaced_and_deleted(store: &impl Store) {
    commit(store, &[("document/1", b"first"), ("document/2", b"other")], &[]).await;
    assert_eq!(get(store, "document/1").await.unwrap(), b"first");
    commit(store, &[("document/1", b"second")], &[]).await;
    assert_eq!(get(store, "document/1").await.unwrap(), b"second");
    commit(store, &[("document/3", b"third")], &["document/1"]).await;
    assert_eq!(get(store, "document/1").await, None);
    assert_eq!(get(store, "document/2").await.unwrap(), b"other");
    assert_eq!(get(store, "document/3").await.unwrap(), b"third");
    commit(store, &[("document/1", b"back")], &[]).await;
    assert_eq!(get(store, "document/1").await.unwrap(), b"back");
}

async fn keys_are_sorted_and_chosen_by_prefix(store: &impl Store) {
    let keys = ["segment/b", "document/B", "segment/a", "segment", "document/a", "segments/c"];
    for key in keys {
        commit(store, &[(key, key.as_bytes())], &[]).await;
    }
    let all = ["document/B", "document/a", "segment", "segment/a", "segment/b", "segments/c"];
    assert_eq!(store.keys("").await.unwrap(), all);
    assert_eq!(store.keys("segment/").await.unwrap(), ["segment/a", "segment/b"]);
    assert_eq!(store.keys("segment").await.unwrap(), all[2..]);
    assert_eq!(store.keys("t").await.unwrap(), [""; 0]);
    for key in keys {
        assert_eq!(get(store, key).await.unwrap(), key.as_bytes());
    }
}

async fn a_batch_that_fails_leaves_nothing_behind(store: &impl Store) {
    commit(store, &[("kept", b"as it was")], &[]).await;
    let too_long = "k".repeat(101);
    let bad_keys = ["", "a b", "ä", "a.b", "..", "a\\b", "a\0", too_long.as_str()];
    let malformed = bad_keys.map(|key| batch(&[("new", b"1"), (key, b"2")], &[]));
    let malformed_deletes = bad_keys.map(|key| batch(&[("new", b"1")], &["kept", key]));
    let twice = [
        batch(&[("new", b"1"), ("new", b"2")], &[]),
        batch(&[("new", b"1"), ("kept", b"2")], &["kept"]),
        batch(&[("new", b"1")], &["kept", "kept"]),
    ];
    for batch in malformed.into_iter().chain(malformed_deletes).chain(twice) {
        let shown = format!("{batch:?}");
        assert_eq!(commit_batch(store, batch).await.unwrap_err().code(), "internal", "{shown}");
        assert_eq!(store.keys("").await.unwrap(), ["kept"], "{shown}");
        assert_eq!(get(store, "kept").await.unwrap(), b"as it was", "{shown}");
    }
    let longest = "k".repeat(100);
    commit(store, &[(&longest, b"fits")], &["kept"]).await;
    assert_eq!(get(store, &longest).await.unwrap(), b"fits");
}

async fn an_empty_batch_and_an_empty_record_are_fine(store: &impl Store) {
    commit(store, &[], &[]).await;
    commit(store, &[("empty", b"")], &[]).await;
    assert_eq!(get(store, "empty").await.unwrap(), b"");
    assert_eq!(store.keys("").await.unwrap(), ["empty"]);
}

async fn a_record_of_8_mib_comes_back_whole(store: &impl Store) {
    let number = |index: u32| (index.wrapping_mul(2_654_435_761) >> 24) as u8;
    let large: Vec<u8> = (0..8 << 20).map(number).collect();
    commit(store, &[("large", &large), ("small", b"1")], &[]).await;
    // Not assert_eq: it would print them.
    assert!(get(store, "large").await.unwrap() == large);
}

async fn one_batch_may_hold_many_records(store: &impl Store) {
    let keys: Vec<String> = (0..300).map(|index| format!("record/{index:03}")).collect();
    let puts = keys.iter().map(|key| (key.clone(), key.clone().into_bytes())).collect();
    commit_batch(store, Batch { puts, deletes: vec![] }).await.unwrap();
    assert_eq!(store.keys("record/").await.unwrap(), keys);
    assert_eq!(get(store, "record/123").await.unwrap(), b"record/123");
    let (odd, even): (Vec<_>, Vec<_>) = (0..300).partition(|index| index % 2 == 1);
    let deletes = odd.into_iter().map(|index: usize| keys[index].clone()).collect();
    commit_batch(store, Batch { puts: vec![], deletes }).await.unwrap();
    let left: Vec<&String> = even.into_iter().map(|index| &keys[index]).collect();
    assert_eq!(store.keys("").await.unwrap().iter().collect::<Vec<_>>(), left);
}

fn batch(puts: &[(&str, &[u8])], deletes: &[&str]) -> Batch {
    Batch {
        puts: puts.iter().map(|&(key, bytes)| (key.to_owned(), bytes.to_vec())).collect(),
        deletes: deletes.iter().map(|&key| key.to_owned()).collect(),
    }
}

async fn commit(store: &impl Store, puts: &[(&str, &[u8])], deletes: &[&str]) {
    commit_batch(store, batch(puts, deletes)).await.unwrap();
}

async fn commit_batch(store: &impl Store, batch: Batch) -> Result<(), Error> {
    let lease = store.lease().await?;
    store.commit(batch, &lease).await
}

async fn get(store: &impl Store, key: &str) -> Option<Vec<u8>> {
    store.get(key).await.unwrap()
}

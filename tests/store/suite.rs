//! The contract of `Store` as tests. `open` opens the store of a name: an empty one the first
//! time, and the same one again if the store is persistent.

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};
use multimodal_rag::{Batch, Error, Store};

use crate::rng::Rng;

/// Runs the tests that do not reopen the store.
pub(crate) async fn fulfils_the_contract<S: Store>(open: impl AsyncFn(&str) -> S) {
    a_missing_record_is_none(&open("missing").await).await;
    a_record_is_put_replaced_and_deleted(&open("put").await).await;
    keys_are_sorted_and_selected_by_prefix(&open("keys").await).await;
    a_batch_that_fails_leaves_nothing_behind(&open("failing").await).await;
    an_empty_batch_and_an_empty_record_are_fine(&open("empty").await).await;
    a_record_of_8_mib_comes_back_whole(&open("large").await).await;
    one_batch_may_hold_many_records(&open("many").await).await;
    one_lease_at_a_time_is_given(&open("lease").await).await;
    a_cancelled_wait_for_the_lease_leaves_no_trace(&open("waiting").await).await;
    a_locked_name_is_free_again_when_the_lock_is_dropped(&open("lock").await).await;
    a_store_does_not_report_its_own_commits(&open("own").await).await;
}

/// Runs the tests of a store that is open several times. `open` opens a store of a name three
/// times. After `revoke_lease`, the third one does not wait for the holder of the lease.
#[allow(dead_code, reason = "a test binary may have no such store on its platform")]
pub(crate) async fn is_shared<S: Store>(
    open: impl AsyncFn(&str) -> [S; 3],
    revoke_lease: impl Fn(&S),
) {
    a_commit_of_one_is_read_by_the_others(open("shared").await).await;
    a_lease_or_lock_of_one_is_not_given_to_another(open("shared-lease").await).await;
    a_holder_of_a_revoked_lease_writes_nothing(open("revoked").await, revoke_lease).await;
    a_commit_is_reported_to_the_others_once(open("reported").await).await;
}

/// Runs the tests of a persistent store.
#[allow(dead_code, reason = "a test binary may have no such store on its platform")]
pub(crate) async fn keeps_records_when_reopened<S: Store>(open: impl AsyncFn(&str) -> S) {
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

async fn keys_are_sorted_and_selected_by_prefix(store: &impl Store) {
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
    let bad_keys = ["", "writer", "a b", "ä", "a.b", "..", "a\\b", "a\0", too_long.as_str()];
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
    let mut rng = Rng::new(1);
    let large: Vec<u8> = (0..1 << 20).flat_map(|_| rng.bits().to_le_bytes()).collect();
    commit(store, &[("large", &large), ("small", b"1")], &[]).await;
    // `assert_eq` would print 8 MiB.
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

async fn one_lease_at_a_time_is_given(store: &impl Store) {
    let first = store.lease().await.unwrap();
    store.commit(batch(&[("a", b"1")], &[]), &first).await.unwrap();
    store.commit(batch(&[("a", b"2"), ("b", b"2")], &[]), &first).await.unwrap();
    let mut second = pin!(store.lease());
    assert!(still_waits(store, second.as_mut()).await);
    store.commit(batch(&[], &["b"]), &first).await.unwrap();
    drop(first);
    let second = second.await.unwrap();
    assert!(still_waits(store, pin!(store.lease())).await);
    store.commit(batch(&[("c", b"3")], &[]), &second).await.unwrap();
    assert_eq!(store.keys("").await.unwrap(), ["a", "c"]);
}

async fn a_cancelled_wait_for_the_lease_leaves_no_trace(store: &impl Store) {
    let first = store.lease().await.unwrap();
    {
        let mut gives_up = pin!(store.lease());
        assert!(still_waits(store, gives_up.as_mut()).await);
    }
    let next = {
        let mut gives_up_too_late = pin!(store.lease());
        let mut next = Box::pin(store.lease());
        assert!(still_waits(store, gives_up_too_late.as_mut()).await);
        assert!(still_waits(store, next.as_mut()).await);
        drop(first);
        next
    };
    let next = next.await.unwrap();
    store.commit(batch(&[("a", b"1")], &[]), &next).await.unwrap();
    drop(next);
    let last = store.lease().await.unwrap();
    store.commit(batch(&[("a", b"2")], &[]), &last).await.unwrap();
    // No lease was revoked.
    assert_eq!(last.epoch(), 0);
}

async fn a_locked_name_is_free_again_when_the_lock_is_dropped(store: &impl Store) {
    let lock = store.try_lock("job/1").await.unwrap().expect("a free name");
    assert!(store.try_lock("job/1").await.unwrap().is_none());
    let other = store.try_lock("job/2").await.unwrap().expect("another name");
    let lease = store.lease().await.unwrap();
    drop(lock);
    until(store, async || store.try_lock("job/1").await.unwrap().is_some()).await;
    assert!(store.try_lock("job/2").await.unwrap().is_none());
    drop((lease, other));
}

async fn a_store_does_not_report_its_own_commits(store: &impl Store) {
    assert!(!store.take_changed());
    commit(store, &[("a", b"1")], &[]).await;
    let _lease = store.lease().await.unwrap();
    some_turns(store).await;
    assert!(!store.take_changed());
}

async fn a_commit_of_one_is_read_by_the_others<S: Store>([first, second, _]: [S; 3]) {
    commit(&first, &[("a", b"1"), ("b", b"1")], &[]).await;
    assert_eq!(get(&second, "a").await.unwrap(), b"1");
    commit(&second, &[("a", b"2")], &["b"]).await;
    assert_eq!(get(&first, "a").await.unwrap(), b"2");
    assert_eq!(first.keys("").await.unwrap(), ["a"]);
}

async fn a_lease_or_lock_of_one_is_not_given_to_another<S: Store>([first, second, _]: [S; 3]) {
    let lease = first.lease().await.unwrap();
    let lock = first.try_lock("job/1").await.unwrap().expect("a free name");
    let mut waiting = pin!(second.lease());
    assert!(still_waits(&second, waiting.as_mut()).await);
    assert!(second.try_lock("job/1").await.unwrap().is_none());
    drop((lease, lock));
    let lease = waiting.await.unwrap();
    second.commit(batch(&[("a", b"1")], &[]), &lease).await.unwrap();
    until(&second, async || second.try_lock("job/1").await.unwrap().is_some()).await;
    assert_eq!(lease.epoch(), 0);
}

async fn a_holder_of_a_revoked_lease_writes_nothing<S: Store>(
    [first, second, third]: [S; 3],
    revoke_lease: impl Fn(&S),
) {
    commit(&first, &[("kept", b"as it was")], &[]).await;
    let old = first.lease().await.unwrap();
    revoke_lease(&third);
    let new = third.lease().await.unwrap();
    let fails = async || {
        let late = batch(&[("new", b"1")], &["kept"]);
        assert_eq!(first.commit(late, &old).await.unwrap_err().code(), "lease_lost");
        assert_eq!(first.commit(batch(&[], &[]), &old).await.unwrap_err().code(), "lease_lost");
    };
    fails().await;
    assert_eq!(first.keys("").await.unwrap(), ["kept"]);
    third.commit(batch(&[("kept", b"changed")], &[]), &new).await.unwrap();
    fails().await;
    assert_eq!(second.keys("").await.unwrap(), ["kept"]);
    assert_eq!(get(&second, "kept").await.unwrap(), b"changed");
    // Dropping a revoked lease does not release the new one.
    drop(old);
    let mut waiting = pin!(second.lease());
    assert!(still_waits(&second, waiting.as_mut()).await);
    third.commit(batch(&[("kept", b"again")], &[]), &new).await.unwrap();
    drop(new);
    drop(waiting.await.unwrap());
    commit(&first, &[("new", b"1")], &["kept"]).await;
    assert_eq!(second.keys("").await.unwrap(), ["new"]);
}

async fn a_commit_is_reported_to_the_others_once<S: Store>([first, second, third]: [S; 3]) {
    let all = [&first, &second, &third];
    commit(&first, &[("a", b"1")], &[]).await;
    for other in [&second, &third] {
        until(other, async || other.take_changed()).await;
    }
    some_turns(&first).await;
    assert!(all.iter().all(|store| !store.take_changed()));
    // The holder of the lease knows of every commit, even before it is reported.
    commit(&second, &[("a", b"2")], &[]).await;
    let lease = first.lease().await.unwrap();
    assert!(first.take_changed());
    some_turns(&first).await;
    assert!(!first.take_changed() && !second.take_changed() && third.take_changed());
    drop(lease);
}

/// Lets every other future run.
async fn some_turns(store: &impl Store) {
    for _ in 0..20 {
        store.get("none").await.unwrap();
    }
}

/// Whether `waiting` is still pending after some turns.
async fn still_waits(store: &impl Store, waiting: impl Future + Unpin) -> bool {
    matches!(select(waiting, pin!(some_turns(store))).await, Either::Right(_))
}

/// Waits until `condition` holds.
async fn until(store: &impl Store, condition: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if condition().await {
            return;
        }
        some_turns(store).await;
    }
    panic!("the condition never held");
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

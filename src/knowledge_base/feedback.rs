//! Records of feedback: one for each question, under the number of the commit that stored it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::records::{FEEDBACK_PREFIX, feedback_key};
use super::{Change, KnowledgeBase};
use crate::document::MAX_NUMBER;
use crate::error::{Error, Result};
use crate::feedback::{Feedback, FeedbackList, MAX_QUESTIONS};
use crate::fingerprint::Fingerprint;
use crate::record;
use crate::store::{Batch, Store};

/// The number of a record of feedback, from its key.
pub(super) fn parse_number(number: &str) -> Option<u64> {
    number
        .parse()
        .ok()
        .filter(|&parsed| parsed < MAX_NUMBER && feedback_key(parsed).ends_with(number))
}

/// The keys of all records of feedback, those that cannot be read as well.
pub(crate) async fn stored_feedback(store: &dyn Store) -> Result<Vec<String>> {
    store.keys(FEEDBACK_PREFIX).await
}

/// Reads the feedback into `state`. What `known` has is not read again. Records that cannot be read are
/// left out.
pub(super) async fn read_feedback(
    store: &dyn Store,
    known: &KnowledgeBase,
    state: &mut KnowledgeBase,
) -> Result<()> {
    let keys = stored_feedback(store).await?;
    let numbers = keys.iter().filter_map(|key| parse_number(&key[FEEDBACK_PREFIX.len()..]));
    // The newest, should there be more.
    let numbers: BTreeSet<u64> = numbers.rev().take(MAX_QUESTIONS).collect();
    let is_known = |(number, _): &(u64, Rc<Feedback>)| known.feedback.get(*number).is_some();
    let mut read = Vec::with_capacity(numbers.len());
    for number in numbers {
        if let Some(feedback) = known.feedback.get(number) {
            read.push((number, feedback.clone()));
            continue;
        }
        let key = feedback_key(number);
        // Another tab may have deleted it meanwhile.
        let Some(record) = store.get(&key).await? else { continue };
        match record::decode::<Feedback>(&key, &record) {
            Ok(feedback) => read.push((number, Rc::new(feedback))),
            Err(Error::CorruptStorage { .. }) => state.unusable_feedback.push(number),
            Err(Error::RecordTooNew { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    // The same list where nothing changed: what was learned of it need not be learned again.
    state.feedback = match known.feedback.len() == read.len() && read.iter().all(is_known) {
        true => known.feedback.clone(),
        false => read.into_iter().collect(),
    };
    Ok(())
}

/// Writes the feedback that is new, and deletes what is gone.
pub(super) fn put_feedback(before: &KnowledgeBase, next: &mut KnowledgeBase, batch: &mut Batch) {
    batch.deletes.extend(next.unusable_feedback.drain(..).map(feedback_key));
    if next.feedback.is(&before.feedback) {
        return;
    }
    for (number, feedback) in next.feedback.iter() {
        let is_stored = before.feedback.get(number).is_some_and(|it| Rc::ptr_eq(it, feedback));
        if !is_stored {
            batch.puts.push((feedback_key(number), feedback.encode()));
        }
    }
    let gone = before.feedback.iter().filter(|(number, _)| next.feedback.get(*number).is_none());
    batch.deletes.extend(gone.map(|(number, _)| feedback_key(number)));
}

/// The change that stores the feedback on a question.
pub(crate) fn store_feedback(
    state: &KnowledgeBase,
    feedback: Feedback,
    embedder: Fingerprint,
) -> Change {
    let mut next = state.clone();
    next.feedback = state.feedback.with(state.commit + 1, feedback);
    Change::new(state, next, embedder, Batch::default())
}

/// The change that deletes all feedback. `keys` are those of its records.
pub(crate) fn clear_feedback(
    state: &KnowledgeBase,
    keys: Vec<String>,
    embedder: Fingerprint,
) -> Change {
    let mut next = state.clone();
    next.feedback = FeedbackList::default();
    let mut change = Change::new(state, next, embedder, Batch::default());
    change.batch.deletes.retain(|key| !keys.contains(key));
    change.batch.deletes.extend(keys);
    change
}

//! The threads of a mailbox.

use std::collections::HashMap;

use super::headers::Headers;

/// What tells the thread of a message.
#[derive(Default)]
pub(super) struct Threads {
    /// For each message, another one of its thread, or itself.
    parents: Vec<usize>,
    timestamps: Vec<i64>,
    /// The first message with this id, or that answers it.
    by_id: HashMap<String, usize>,
    /// The first message with this subject.
    by_subject: HashMap<String, usize>,
}

impl Threads {
    /// Adds the next message of the mailbox.
    ///
    /// It belongs to the thread of the messages that it answers. An answer that names none
    /// belongs to the thread of its subject.
    pub(super) fn add(&mut self, headers: &Headers<'_>) {
        let message = self.parents.len();
        self.parents.push(message);
        // One without a date comes last.
        self.timestamps.push(headers.timestamp().unwrap_or(i64::MAX));
        let ids = headers.ids();
        let mut is_answer = false;
        for id in &ids {
            let first = *self.by_id.entry((*id).to_owned()).or_insert(message);
            is_answer |= first != message;
            self.join(message, first);
        }
        if let Some((subject, has_prefix)) = headers.thread_name() {
            let first = *self.by_subject.entry(subject).or_insert(message);
            if has_prefix && !is_answer {
                self.join(message, first);
            }
        }
    }

    /// The messages of each thread by date, threads in the order of their first message.
    pub(super) fn finish(mut self) -> Vec<Vec<usize>> {
        let mut threads: Vec<Vec<usize>> = Vec::new();
        let mut thread_of: HashMap<usize, usize> = HashMap::new();
        for message in 0..self.parents.len() {
            let root = self.root(message);
            let thread = *thread_of.entry(root).or_insert(threads.len());
            if thread == threads.len() {
                threads.push(Vec::new());
            }
            threads[thread].push(message);
        }
        for thread in &mut threads {
            thread.sort_by_key(|&message| self.timestamps[message]);
        }
        threads
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.parents[one.max(other)] = one.min(other);
    }

    fn root(&mut self, message: usize) -> usize {
        let mut root = message;
        while self.parents[root] != root {
            self.parents[root] = self.parents[self.parents[root]];
            root = self.parents[root];
        }
        root
    }
}

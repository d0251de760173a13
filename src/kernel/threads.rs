//! Fork and join: a job is cut into parts, which waiting threads share with the caller.
//!
//! Threads are added to the pool once: natively they are started here; in a browser each is a
//! worker over the same memory. Between jobs a thread first spins, because the layers of a model
//! follow each other closely, and then sleeps. Which thread runs which part is left to chance, but
//! the result of a part never depends on it.

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};
use std::{hint, ptr};

/// The least work for a thread, in multiplications: some microseconds.
const MIN_WORK: usize = 1 << 16;
/// More parts than threads, so that a slow thread does not delay the others.
const PARTS_PER_THREAD: usize = 4;
/// Spins before a thread sleeps: some 50 microseconds, longer than the serial work of a layer.
/// Natively each spin has a pause.
const SPINS: usize = if cfg!(target_arch = "wasm32") { 100_000 } else { 5_000 };

/// Calls `work` on ranges that together are `0..count`, on several threads where that is
/// worthwhile. `cost` is about the number of multiplications of one item.
pub(super) fn parallel_for(count: usize, cost: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    let threads = threads();
    let worthwhile = count.saturating_mul(cost) / MIN_WORK;
    let max_parts = threads * PARTS_PER_THREAD;
    let parts = worthwhile.min(count).min(max_parts);
    // One job at a time: a second caller works alone.
    if threads == 1 || parts < 2 || POOL.is_busy.swap(true, SeqCst) {
        return work(0..count);
    }
    // Few parts are equal, so that each is worth a thread.
    POOL.run(&Job { work, count, parts, is_equal: parts < max_parts, next: AtomicUsize::new(0) });
}

/// Threads that share work, the caller's included.
pub(crate) fn threads() -> usize {
    POOL.workers.load(SeqCst) + 1
}

/// Makes this thread a worker. Never returns.
#[cfg(any(target_feature = "atomics", not(target_arch = "wasm32")))]
pub(crate) fn serve() -> ! {
    POOL.serve()
}

/// Reports that a worker failed during its work, so that no job waits for it.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
pub(crate) fn give_up() {
    POOL.failed.store(true, SeqCst);
}

/// Shares all work of the kernels among `count` threads, this one included, for the rest of the
/// process. Uses fewer where the machine has no more.
#[cfg(not(target_arch = "wasm32"))]
pub fn use_threads(count: usize) {
    for more in threads()..count {
        // The machine gives no more threads: continue with those that exist.
        let Ok(_) = std::thread::Builder::new().spawn(|| serve()) else { return };
        while threads() <= more {
            std::thread::yield_now();
        }
    }
}

// In cache lines of its own: workers read it while its maker writes what is next to it.
#[repr(align(64))]
struct Job<'a> {
    work: &'a (dyn Fn(Range<usize>) + Sync),
    count: usize,
    parts: usize,
    is_equal: bool,
    next: AtomicUsize,
}

impl Job<'_> {
    /// Where a part begins. If parts are not equal, the first are the largest, because threads wait
    /// for each other at the last.
    fn part_start(&self, part: usize) -> usize {
        let [part, parts, count] = [part, self.parts, self.count].map(|number| number as u64);
        let start = if self.is_equal {
            part * count / parts
        } else {
            count - (parts - part).pow(2) * count / parts.pow(2)
        };
        start as usize
    }

    /// Runs parts until none is left.
    fn run_parts(&self) {
        loop {
            let part = self.next.fetch_add(1, SeqCst);
            if part >= self.parts {
                return;
            }
            let range = self.part_start(part)..self.part_start(part + 1);
            if !range.is_empty() {
                (self.work)(range);
            }
        }
    }
}

struct Pool {
    /// Threads beside the caller.
    workers: AtomicUsize,
    is_busy: AtomicBool,
    /// The running job, for workers that have not joined it.
    job: AtomicPtr<Job<'static>>,
    /// Jobs begun. A worker looks at each once.
    generation: AtomicUsize,
    /// Workers that may hold the job.
    active: AtomicUsize,
    sleeping: AtomicUsize,
    failed: AtomicBool,
    lock: Mutex<()>,
    wake: Condvar,
}

static POOL: Pool = Pool {
    workers: AtomicUsize::new(0),
    is_busy: AtomicBool::new(false),
    job: AtomicPtr::new(ptr::null_mut()),
    generation: AtomicUsize::new(0),
    active: AtomicUsize::new(0),
    sleeping: AtomicUsize::new(0),
    failed: AtomicBool::new(false),
    lock: Mutex::new(()),
    wake: Condvar::new(),
};

impl Pool {
    fn run(&self, job: &Job) {
        self.job.store(ptr::from_ref(job).cast::<Job<'static>>().cast_mut(), SeqCst);
        self.generation.fetch_add(1, SeqCst);
        if self.sleeping.load(SeqCst) > 0 {
            // Held so that a worker either sleeps already or sees the job.
            let _sleepers = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            self.wake.notify_all();
        }
        let _job = JobGuard(self);
        job.run_parts();
    }

    fn check(&self) {
        if !std::thread::panicking() {
            assert!(!self.failed.load(SeqCst), "a worker thread failed during its work");
        }
    }

    fn serve(&self) -> ! {
        let mut seen = self.generation.load(SeqCst);
        self.workers.fetch_add(1, SeqCst);
        loop {
            self.wait_for_next(seen);
            seen = self.generation.load(SeqCst);
            let _active = self.enter();
            let job = self.job.load(SeqCst);
            if !job.is_null() {
                // SAFETY: the job was there after this thread was counted as active, and its maker
                // waits until no thread is.
                unsafe { &*job }.run_parts();
            }
        }
    }

    fn enter(&self) -> ActiveGuard<'_> {
        self.active.fetch_add(1, SeqCst);
        ActiveGuard(self)
    }

    fn wait_for_next(&self, seen: usize) {
        for _ in 0..SPINS {
            if self.generation.load(SeqCst) != seen {
                return;
            }
            hint::spin_loop();
        }
        let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleeping.fetch_add(1, SeqCst);
        while self.generation.load(SeqCst) == seen {
            guard = self.wake.wait(guard).unwrap_or_else(PoisonError::into_inner);
        }
        self.sleeping.fetch_sub(1, SeqCst);
    }
}

/// Ends a job, also when a part of it panics: no worker joins it any more, and it waits for those
/// that did.
struct JobGuard<'a>(&'a Pool);

impl Drop for JobGuard<'_> {
    fn drop(&mut self) {
        self.0.job.store(ptr::null_mut(), SeqCst);
        while self.0.active.load(SeqCst) > 0 {
            self.0.check();
            hint::spin_loop();
            #[cfg(not(target_arch = "wasm32"))]
            std::thread::yield_now();
        }
        self.0.check();
        self.0.is_busy.store(false, SeqCst);
    }
}

/// Counts a worker as no longer active, also when its work panics.
struct ActiveGuard<'a>(&'a Pool);

impl Drop for ActiveGuard<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.failed.store(true, SeqCst);
            self.0.workers.fetch_sub(1, SeqCst);
        }
        self.0.active.fetch_sub(1, SeqCst);
    }
}

/// A slice that the parts of a job write to, each to its own elements.
// In cache lines of its own, as a job is.
#[repr(align(64))]
pub(super) struct DisjointSlice<'a, T> {
    at: *mut T,
    length: usize,
    slice: PhantomData<&'a mut [T]>,
}

// SAFETY: `slice_mut` returns elements that no other part uses.
unsafe impl<T: Send> Sync for DisjointSlice<'_, T> {}

impl<'a, T> DisjointSlice<'a, T> {
    pub(super) fn new(slice: &'a mut [T]) -> Self {
        Self { at: slice.as_mut_ptr(), length: slice.len(), slice: PhantomData }
    }

    /// Some of the elements.
    ///
    /// # Safety
    /// No two slices that are in use at once may have an element in common.
    #[allow(clippy::mut_from_ref)]
    #[inline(always)]
    pub(super) unsafe fn slice_mut(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.length);
        // SAFETY: within the slice, and the caller guarantees that no other part uses it.
        unsafe { std::slice::from_raw_parts_mut(self.at.add(range.start), range.len()) }
    }

    /// Writes the first `count` of `numbers` from index `at` on.
    ///
    /// # Safety
    /// As of [`Self::slice_mut`].
    #[inline(always)]
    pub(super) unsafe fn write<const N: usize>(&self, at: usize, numbers: &[T; N], count: usize)
    where
        T: Copy,
    {
        // SAFETY: the caller guarantees it.
        let target = unsafe { self.slice_mut(at..at + count) };
        // Copying all of them is a store or two, copying fewer is a call.
        match target.first_chunk_mut() {
            Some(all) => *all = *numbers,
            None => target.copy_from_slice(&numbers[..count]),
        }
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::AtomicU32;
    use std::thread::{self, ThreadId};

    use super::*;

    /// More threads than cores: a part may be all that one of them gets.
    const THREADS: usize = 3;

    #[test]
    fn every_item_is_done_once_and_by_several_threads() {
        use_threads(THREADS);
        let seen: Mutex<HashSet<ThreadId>> = Mutex::default();
        for job in 1.. {
            // Also fewer items than parts.
            let done: Vec<AtomicU32> = (0..1 + job % 1000).map(|_| AtomicU32::new(0)).collect();
            parallel_for(done.len(), MIN_WORK, &|part| {
                seen.lock().unwrap_or_else(PoisonError::into_inner).insert(thread::current().id());
                done[part].iter().for_each(|times| _ = times.fetch_add(1, SeqCst));
            });
            assert!(done.iter().all(|times| times.load(SeqCst) == 1), "job {job}");
            // Other tests' jobs may occupy the workers, and sleeping workers take a while to wake.
            if job >= 1000 && seen.lock().unwrap_or_else(PoisonError::into_inner).len() > 1 {
                break;
            }
            assert!(job < 1_000_000, "nobody helps");
        }
    }

    #[test]
    fn nested_work_is_done_by_its_own_thread() {
        use_threads(THREADS);
        let done = AtomicU32::new(0);
        parallel_for(8, MIN_WORK, &|parts| {
            for _ in parts {
                parallel_for(8, MIN_WORK, &|parts| _ = done.fetch_add(parts.len() as u32, SeqCst));
            }
        });
        assert_eq!(done.load(SeqCst), 64);
    }
}

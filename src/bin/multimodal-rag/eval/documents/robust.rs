//! Reads each file of a folder in a process of its own, and counts how that ends.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use multimodal_rag::{FileToRead, ReadLimits, Unwatched, read_file};

use crate::{Failure, files};

/// A reader that takes longer hangs.
const MAX_TIME: Duration = Duration::from_secs(20);
/// The most memory of a reader.
const MAX_MEMORY_BYTES: u64 = 1 << 30;
/// How often the process is looked at.
const INTERVAL: Duration = Duration::from_millis(5);

const HANG: &str = "hang";
const CRASH: &str = "crash";
const TOO_MUCH_MEMORY: &str = "too much memory";

/// How reading a file ended.
struct Outcome {
    /// "read", the code of an error, or one of the three above.
    name: String,
    time: Duration,
    /// The most memory of the process; 0 where the system does not tell.
    peak_bytes: u64,
}

/// Reads all files in a folder and those within it. Fails where a reader hangs, crashes or takes
/// too much memory.
pub(super) fn run(folder: &Path) -> Result<(), Failure> {
    let mut files = Vec::new();
    super::find_files(folder, &mut files, &|_| true)?;
    files.sort();
    let mut out = io::stdout().lock();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    for path in &files {
        let Outcome { name, time, peak_bytes } = read_in_child(path)?;
        let shown = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let (milliseconds, megabytes) = (time.as_millis(), peak_bytes >> 20);
        writeln!(out, "{shown:<44} {name:<20} {milliseconds:>6} ms {megabytes:>5} MB")?;
        *counts.entry(name).or_default() += 1;
        slowest = slowest.max(time);
        largest = largest.max(peak_bytes);
    }
    writeln!(out)?;
    for (name, count) in &counts {
        writeln!(out, "{name:<20} {count}")?;
    }
    let (milliseconds, megabytes) = (slowest.as_millis(), largest >> 20);
    writeln!(out, "at most {milliseconds} ms and {megabytes} MB")?;
    let bad = [HANG, CRASH, TOO_MUCH_MEMORY].map(|name| counts.get(name).copied().unwrap_or(0));
    match bad.iter().sum() {
        0 => Ok(()),
        bad => Err(format!("{bad} of {} files are not read safely.", files.len()).into()),
    }
}

/// What the process of one file does: prints "read" or the code of the error.
pub(super) fn read_one(path: &Path) -> Result<(), Failure> {
    let bytes = files::read_file(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = FileToRead { name: &name, bytes: &bytes, ..FileToRead::default() };
    let outcome = match read_file(&file, &ReadLimits::default(), &Unwatched) {
        Ok(_) => "read",
        Err(error) => error.code(),
    };
    writeln!(io::stdout(), "{outcome}")?;
    Ok(())
}

fn read_in_child(path: &Path) -> Result<Outcome, Failure> {
    let start = Instant::now();
    let mut child = Command::new(std::env::current_exe()?)
        .args(["eval-documents", "--read-one"])
        .arg(path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut peak_bytes = 0;
    let stopped = loop {
        peak_bytes = peak_bytes.max(peak_memory(&child));
        if child.try_wait()?.is_some() {
            break None;
        }
        if peak_bytes > MAX_MEMORY_BYTES {
            break Some(TOO_MUCH_MEMORY);
        }
        if start.elapsed() > MAX_TIME {
            break Some(HANG);
        }
        thread::sleep(INTERVAL);
    };
    let time = start.elapsed();
    if stopped.is_some() {
        child.kill()?;
    }
    let output = child.wait_with_output()?;
    let printed = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let ended = if output.status.success() { printed } else { CRASH.to_owned() };
    Ok(Outcome { name: stopped.map_or(ended, str::to_owned), time, peak_bytes })
}

/// The most memory that a running process has had, as Linux tells it; 0 elsewhere.
fn peak_memory(child: &Child) -> u64 {
    let path = PathBuf::from(format!("/proc/{}/status", child.id()));
    let status = fs::read_to_string(path).unwrap_or_default();
    let kibibytes = status.lines().find_map(|line| {
        line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
    });
    kibibytes.unwrap_or_default() << 10
}

//! Archives that are damaged, or made to do harm.

use std::time::Instant;

use multimodal_rag::{Error, FileToRead, ReadFile, ReadLimits, Unwatched, read_file};

use crate::archive::{deflated, gzipped, paths, read_members, tar_of, zip_of};
use crate::read::read;
use crate::rng::{Rng, seed};

const REPORT: &[u8] = b"The bridge was closed for repairs in March.";

fn read_within(name: &str, bytes: &[u8], limits: &ReadLimits) -> Result<ReadFile, Error> {
    let file = FileToRead { name, bytes, ..FileToRead::default() };
    read_file(&file, limits, &Unwatched).map(|(_, file)| file)
}

fn code(name: &str, bytes: &[u8]) -> &'static str {
    read(name, None, bytes).unwrap_err().code()
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let zeros = vec![0; 64 << 20];
    let tar = tar_of(&[("zeros", &zeros)]);
    assert_eq!(code("a.zip", &zip_of(&[("zeros", &zeros)], deflated())), "too_large");
    assert_eq!(code("a.gz", &gzipped(&zeros, None)), "too_large");
    assert_eq!(code("a.tar.gz", &gzipped(&tar, None)), "too_large");
    let part = vec![0; 2 << 20];
    let names: Vec<String> = (0..20).map(|number| format!("{number}.bin")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &*part)).collect();
    assert_eq!(code("a.zip", &zip_of(&many, deflated())), "too_large");
}

#[test]
fn members_of_a_packed_tar_that_are_left_out_count_as_unpacked() {
    let zeros = vec![0; 64 << 20];
    let tar = tar_of(&[("a.txt", REPORT), ("__MACOSX/zeros", &zeros), ("b.txt", REPORT)]);
    assert_eq!(code("a.tar.gz", &gzipped(&tar, None)), "too_large");
}

#[test]
fn a_declared_size_reserves_no_memory() {
    let mut zip = zip_of(&[("a.txt", REPORT)], deflated());
    let directory = zip.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    zip[directory + 24..directory + 28].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
    let peak = allocated_at_most(|| drop(read("a.zip", None, &zip)));
    assert!(peak < 4 << 20, "{peak}");
    let mut tar = tar_of(&[("a.txt", REPORT)]);
    tar[124..136].copy_from_slice(b"77777777777\0");
    let sum: u32 =
        (0..512).map(|at| if (148..156).contains(&at) { 32 } else { tar[at].into() }).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let peak = allocated_at_most(|| drop(read("a.tar", None, &tar)));
    assert!(peak < 4 << 20, "{peak}");
}

/// The most bytes that were allocated at once.
fn allocated_at_most(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_max
}

#[test]
fn too_many_members_are_refused() {
    let names: Vec<String> = (0..50).map(|number| format!("{number}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, REPORT)).collect();
    let limits = ReadLimits { members: 49, ..ReadLimits::default() };
    for (name, bytes) in [("a.zip", zip_of(&files, deflated())), ("a.tar", tar_of(&files))] {
        let error = read_within(name, &bytes, &limits).unwrap_err();
        assert!(matches!(error, Error::TooLarge { got: 50, limit: 49, .. }), "{error}");
        let limits = ReadLimits { members: 50, ..ReadLimits::default() };
        assert_eq!(read_within(name, &bytes, &limits).unwrap().members.len(), 50);
    }
    // A directory of 65,535 entries is refused before it is held in memory.
    let one = zip_of(&[("a.txt", REPORT)], deflated());
    let directory = one.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let entries = one[directory..one.len() - 22].repeat(2000);
    let bytes = [&one[..directory], &*entries, &one[one.len() - 22..]].concat();
    assert_eq!(read_within("a.zip", &bytes, &limits).unwrap_err().code(), "too_large");
}

#[test]
fn members_that_share_their_bytes_are_refused() {
    let two = zip_of(&[("a.txt", REPORT), ("b.txt", REPORT)], deflated());
    let directory = two.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let mut bytes = two.clone();
    let second =
        directory + 4 + two[directory + 4..].windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    let error = read("a.zip", None, &bytes).unwrap_err();
    assert!(error.to_string().contains("members overlap"), "{error}");
}

#[test]
fn a_path_never_leaves_the_archive() {
    for (path, expected) in [
        ("../../etc/passwd", "etc/passwd"),
        ("/etc/passwd", "etc/passwd"),
        ("C:\\Users\\me\\notes.txt", "Users/me/notes.txt"),
        ("..\\..\\notes.txt", "notes.txt"),
        ("a/./b//c/../notes.txt", "a/b/notes.txt"),
        ("\\\\server\\share\\notes.txt", "server/share/notes.txt"),
        ("note\u{202e}txt.exe", "notetxt.exe"),
        ("a\u{0}b.txt", "ab.txt"),
        ("../..", "unnamed"),
    ] {
        let file = read_members("a.zip", &zip_of(&[(path, REPORT)], deflated()));
        assert_eq!(paths(&file), [expected], "{path:?}");
    }
    let long = format!("{}notes.txt", "folder/".repeat(5000));
    let file = read_members("a.zip", &zip_of(&[(&long, REPORT)], deflated()));
    let path = &file.members[0].path;
    assert!(path.len() <= 512 && path.ends_with("/notes.txt"), "{path}");
}

#[test]
fn members_of_one_path_are_numbered() {
    let files = [("a.txt", REPORT), ("./a.txt", b"2"), ("a (2).txt", b"3"), ("x/../a.txt", b"4")];
    let expected = ["a.txt", "a (2).txt", "a (2) (2).txt", "a (3).txt"];
    assert_eq!(paths(&read_members("a.zip", &zip_of(&files, deflated()))), expected);
    let same = [("a.txt", REPORT), ("a.txt", b"second")];
    let file = read_members("a.tar", &tar_of(&same));
    assert_eq!(paths(&file), ["a.txt", "a (2).txt"]);
    assert_eq!(file.members[1].bytes, b"second");
}

#[test]
fn numbering_members_takes_time_linear_in_them() {
    let files = vec![("a.txt", &b"x"[..]); 10_000];
    let tar = tar_of(&files);
    let start = Instant::now();
    assert_eq!(read_members("a.tar", &tar).members.last().unwrap().path, "a (10000).txt");
    assert!(start.elapsed().as_secs_f32() < 5.0);
}

#[test]
fn an_archive_that_is_cut_off_gives_what_comes_before() {
    let long: Vec<u8> = (0..20_000_u32).flat_map(|number| number.to_le_bytes()).collect();
    let files = [("a.txt", REPORT), ("b.txt", REPORT), ("c.bin", &*long)];
    let zip = zip_of(&files, deflated());
    let file = read_members("a.zip", &zip[..zip.len() / 2]);
    assert_eq!(paths(&file), ["a.txt", "b.txt"]);
    assert_eq!(file.members[1].bytes, REPORT);
    let cut_off = "The archive is cut off. What comes before that was read.";
    assert_eq!(file.details.warnings, ["Left out were damaged members: c.bin.", cut_off]);
    let tar = tar_of(&files);
    for (name, bytes) in [
        ("a.tar", tar[..tar.len() / 2].to_vec()),
        ("a.tgz", {
            let packed = gzipped(&tar, None);
            packed[..packed.len() / 2].to_vec()
        }),
    ] {
        let file = read_members(name, &bytes);
        assert_eq!(paths(&file), ["a.txt", "b.txt", "c.bin"], "{name}");
        assert!(long.starts_with(&file.members[2].bytes), "{name}");
        assert_eq!(file.details.warnings, [cut_off], "{name}");
    }
    let text = "A line of the log.\n".repeat(5000);
    let packed = gzipped(text.as_bytes(), None);
    let file = read_members("a.log.gz", &packed[..packed.len() - 20]);
    assert!(text.as_bytes().starts_with(&file.members[0].bytes));
    assert_eq!(file.details.warnings, [cut_off]);
}

#[test]
fn an_archive_without_any_whole_member_is_damaged() {
    let zip = zip_of(&[("a.txt", &REPORT.repeat(100))], deflated());
    assert_eq!(code("a.zip", &zip[..60]), "damaged_file");
    assert_eq!(code("a.zip", b"PK\x03\x04"), "damaged_file");
    assert_eq!(code("a.gz", b"\x1f\x8b\x08"), "damaged_file");
    assert_eq!(code("a.tar", b"This is no archive at all."), "damaged_file");
}

#[test]
fn a_damaged_member_costs_only_itself() {
    let noise: Vec<u8> = (0..2000_u32).map(|number| (number * number / 7) as u8).collect();
    let mut zip = zip_of(&[("a.txt", &noise), ("b.txt", REPORT)], deflated());
    zip[100] ^= 0xff;
    let file = read_members("a.zip", &zip);
    assert_eq!(paths(&file), ["b.txt"]);
    assert_eq!(file.details.warnings, ["Left out were damaged members: a.txt."]);
}

#[test]
fn an_archive_in_an_archive_is_a_member() {
    let inner = zip_of(&[("a.txt", REPORT)], deflated());
    let file = read_members("a.zip", &zip_of(&[("inner.zip", &inner)], deflated()));
    assert_eq!(paths(&file), ["inner.zip"]);
    assert_eq!(file.members[0].bytes, inner);
}

#[test]
fn mutated_archives_are_read_or_refused_without_a_panic() {
    let mut rng = Rng::new(seed());
    let files = [("a/b.txt", REPORT), ("c.txt", &REPORT.repeat(50)), ("d.txt", b"")];
    let tar = tar_of(&files);
    let originals = [
        ("a.zip", zip_of(&files, deflated())),
        ("a.tar", tar.clone()),
        ("a.tgz", gzipped(&tar, Some("a.tar"))),
    ];
    for round in 0..3000 {
        let (name, original) = &originals[round % originals.len()];
        let mut bytes = original.clone();
        for _ in 0..=rng.below(8) {
            let at = rng.below(bytes.len());
            match rng.below(3) {
                0 => bytes[at] = rng.bits() as u8,
                1 => bytes.truncate(at + 1),
                _ => drop(bytes.splice(at..at, [0xff, 0xff])),
            }
        }
        if let Ok(file) = read_within(name, &bytes, &ReadLimits::default()) {
            let paths = file.members.iter().map(|member| &member.path);
            assert!(paths.clone().all(|path| !path.is_empty() && !path.contains("..")));
            assert!(
                file.members.iter().map(|member| member.bytes.len()).sum::<usize>() <= 16 << 20
            );
        }
    }
}

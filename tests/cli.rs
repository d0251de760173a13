//! The command line, as a process: what it prints, and what it leaves alone.

#![allow(clippy::unwrap_used)]
#![cfg(all(feature = "cli", not(target_arch = "wasm32")))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/models/tiny-bert");
const STORE_TEXT: &str =
    "# Café stores\n\n- The spare bulbs are in the *cellar*.\n- Tea is upstairs.\n";

/// A folder of one test, gone when it ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("rag-cli-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(name: &str, store: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    command.arg(name).arg("--store").arg(store).args(["--model", MODEL]);
    command
}

fn text_of(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A knowledge base of one list, and the folder it is in.
fn stored(name: &str) -> (Folder, PathBuf) {
    let folder = Folder::new(name);
    let store = folder.0.join("base");
    let added = command("add", &store).arg(folder.write("stores.md", STORE_TEXT)).output().unwrap();
    assert_eq!(text_of(&added), "");
    (folder, store)
}

#[test]
fn the_bytes_of_a_source_are_those_of_the_text_that_can_be_printed() {
    let (folder, store) = stored("bytes");
    let mut ask = command("ask", &store);
    ask.args(["Where are the spare bulbs?", "--quotes-only"]);
    let answer = text_of(&ask.output().unwrap());
    let lines: Vec<&str> = answer.lines().collect();
    assert_eq!(lines[0], "> The spare bulbs are in the cellar.", "{answer}");
    let place = lines[1].strip_prefix("  [1] stores.md, lines 1–4, bytes ").unwrap();
    let (bytes, headings) = place.split_once(" of its text").unwrap();
    let (from, to) = bytes.split_once(" to ").unwrap();
    assert_eq!(headings, ", below \"Café stores\"");

    let part = |command: &mut Command| {
        let printed = command.args(["--from", from, "--to", to]).output().unwrap();
        text_of(&printed).trim().to_owned()
    };
    assert_eq!(
        part(command("text", &store).arg("stores.md")),
        "- The spare bulbs are in the cellar."
    );
    let mut of_file = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    of_file.arg("text").arg(folder.0.join("stores.md"));
    assert_eq!(part(&mut of_file), "- The spare bulbs are in the cellar.");

    let inside_a_letter =
        command("text", &store).args(["stores.md", "--to", "4"]).output().unwrap();
    assert!(!inside_a_letter.status.success());
}

#[test]
fn distinct_places_have_distinct_numbers() {
    let (_folder, store) = stored("numbers");
    let mut ask = command("ask", &store);
    ask.args(["Bulbs, upstairs?", "--quotes-only"]);
    let answer = text_of(&ask.output().unwrap());
    let places: Vec<&str> = answer.lines().filter(|line| line.starts_with("  [")).collect();
    assert!(places.len() > 1, "{answer}");
    for (at, place) in places.iter().enumerate() {
        assert!(place.starts_with(&format!("  [{}] ", at + 1)), "{answer}");
    }
}

#[test]
fn only_adding_makes_a_knowledge_base() {
    let folder = Folder::new("absent");
    let store = folder.0.join("none");
    for arguments in
        [&["list"][..], &["search", "tea"], &["remove", "id"], &["text", "a"], &["ask", "tea"]]
    {
        let output = command(arguments[0], &store).args(&arguments[1..]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && said.starts_with("There is no knowledge base in "),
            "{said}"
        );
        assert!(!store.exists());
    }
}

#[test]
fn a_reader_that_leaves_is_no_failure() {
    let (_folder, store) = stored("pipe");
    let mut list =
        command("list", &store).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(list.stdout.take());
    let output = list.wait_with_output().unwrap();
    assert_eq!((output.status.success(), &*output.stderr), (true, &b""[..]));
}

#[test]
fn a_missing_model_names_what_makes_it() {
    let folder = Folder::new("model");
    let file = folder.write("a.txt", "Tea is upstairs.");
    let mut ask = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    let output = ask.arg("ask").arg("tea").arg(file).args(["--model", "none"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.starts_with("none is missing. `make embedder`") && said.contains("--model FILE"),
        "{said}"
    );
}

#[test]
fn a_knowledge_base_exported_and_imported_answers_the_same() {
    let (folder, store) = stored("export");
    let (file, copy) = (folder.0.join("base.rag"), folder.0.join("copy"));
    assert_eq!(text_of(&command("export", &store).arg(&file).output().unwrap()), "");
    let mut import = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    import.args(["import", "--store"]).arg(&copy).arg(&file);
    assert_eq!(text_of(&import.output().unwrap()), "");
    let search = |store: &Path| {
        text_of(&command("search", store).arg("Where are the spare bulbs?").output().unwrap())
    };
    assert_eq!(search(&copy), search(&store));
    let again = import.output().unwrap();
    assert!(!again.status.success());
    assert!(String::from_utf8_lossy(&again.stderr).contains("already"));
}

#[test]
fn documents_are_chosen_by_metadata_and_replaced() {
    let (folder, store) = stored("where");
    let tea = folder.write("tea.txt", "The spare bulbs are in the shed.");
    let add = |arguments: &[&str]| {
        let output = command("add", &store).args(arguments).arg(&tea).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    add(&["--metadata", "{\"year\": 2001}"]);
    let search = |filter: &str| {
        let mut search = command("search", &store);
        text_of(&search.args(["Where are the spare bulbs?", "--where", filter]).output().unwrap())
    };
    let found = search("{\"year\": {\"gte\": 2000}}");
    assert!(found.contains("tea.txt") && !found.contains("stores.md"), "{found}");
    assert!(!search("{\"year\": null}").contains("tea.txt"));
    let listed = text_of(&command("list", &store).output().unwrap());
    let stores = listed.lines().find(|line| line.ends_with("stores.md")).unwrap();
    add(&["--replaces", stores.split(' ').next().unwrap()]);
    assert!(!text_of(&command("list", &store).output().unwrap()).contains("stores.md"));
    let refused = command("search", &store).args(["x", "--where", "{\"a\": []}"]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("where"));
}

#[test]
fn searches_compare_vectors_in_the_way_that_is_chosen() {
    let (folder, store) = stored("vector-index");
    let ship = |number: usize| format!("Ship {number} carries salt and copper to the harbour. ");
    let ships: String = (0..6_000).map(ship).collect();
    command("add", &store).arg(folder.write("ships.txt", &ships)).output().unwrap();
    let files = || std::fs::read_dir(&store).unwrap().count();
    let search = |way: &[&str]| {
        text_of(&command("search", &store).args(way).arg("Where are the bulbs?").output().unwrap())
    };
    let (expected, without_graph) = (search(&[]), files());
    assert!(expected.contains("stores.md"), "{expected}");
    assert_eq!(search(&["--vector-index", "exact"]), expected);
    assert_eq!(files(), without_graph);
    for _ in 0..2 {
        assert!(search(&["--vector-index", "graph"]).contains("stores.md"));
        assert_eq!(files(), without_graph + 1, "the graph is stored");
    }
    let mut ask = command("ask", &store);
    ask.args(["Where are the bulbs?", "--quotes-only", "--vector-index", "hnsw"]);
    let refused = String::from_utf8(ask.output().unwrap().stderr).unwrap();
    assert!(refused.contains("[possible values: auto, exact, graph]"), "{refused}");
}

/// A folder that an earlier version wrote.
const DIRECTORY_V1: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stored/directory-v1");

#[test]
fn a_knowledge_base_that_an_earlier_version_stored_in_a_folder_opens_answers_and_exports() {
    let folder = Folder::new("version-1");
    let store = folder.0.join("base");
    std::fs::create_dir_all(&store).unwrap();
    for entry in std::fs::read_dir(DIRECTORY_V1).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), store.join(entry.file_name())).unwrap();
    }
    let run = |name: &str, store: &Path, arguments: &[&str]| {
        text_of(&command(name, store).args(arguments).output().unwrap())
    };
    let listed = run("list", &store, &[]);
    let names = ["bees.html", "kiln.md", "tale.txt"];
    assert!(names.iter().all(|name| listed.contains(name)), "{listed}");
    let question = "How do bees make honey?";
    let answer = run("ask", &store, &[question, "--quotes-only"]);
    assert!(answer.contains("bees.html"), "{answer}");
    let (file, copy) = (folder.0.join("base.rag"), folder.0.join("copy"));
    run("export", &store, &[file.to_str().unwrap()]);
    let mut import = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    text_of(&import.args(["import", "--store"]).arg(&copy).arg(&file).output().unwrap());
    assert_eq!(run("search", &copy, &[question]), run("search", &store, &[question]));
}

#[test]
fn add_goes_on_after_a_file_that_fails_and_exits_with_1() {
    let folder = Folder::new("goes-on");
    let store = folder.0.join("base");
    let missing = folder.0.join("missing.txt");
    let archive = folder.write("archive.txt", "MZ\0\0\0");
    for (file, reason) in [
        (&archive, "has a format that cannot be read"),
        (&missing, "could not be read: No such file"),
    ] {
        let before = folder.write("before.txt", "Tea is upstairs.");
        let after = folder.write("after.txt", "The spare bulbs are in the cellar.");
        let output = command("add", &store).args([&before, file, &after]).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]), "{stderr}");
        let lines: Vec<&str> = stderr.lines().collect();
        assert!(lines[0].starts_with("before.txt: 1 chunks"), "{stderr}");
        assert!(lines[1].starts_with(&format!("{}: ", file.display())), "{stderr}");
        assert!(lines[1].contains(reason), "{stderr}");
        assert!(lines[2].starts_with("after.txt: 1 chunks"), "{stderr}");
        assert_eq!(lines[3..], ["Files that could not be added: 1 of 3."], "{stderr}");
        let listed = text_of(&command("list", &store).output().unwrap());
        let names: Vec<_> = listed.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
        assert_eq!(names, ["before.txt", "after.txt"]);
        std::fs::remove_dir_all(&store).unwrap();
    }
}

#[test]
fn a_failure_names_the_file_or_folder_and_not_a_download_or_the_browser() {
    let (folder, store) = stored("named");
    let stderr = |command: &mut Command| {
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let list = |store: &Path| stderr(&mut command("list", store));
    let import = |file: &Path, store: &Path| {
        let mut import = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
        stderr(import.args(["import", "--store"]).arg(store).arg(file))
    };
    let (none, file) = (folder.0.join("none"), folder.0.join("stores.md"));
    let export = stderr(command("export", &store).arg(none.join("base.rag")));
    assert!(export.contains("base.rag\" could not be written: No such file"), "{export}");
    for (file, reason) in [
        (&none, "none\" could not be read: "),
        (&folder.0, "could not be read: is a directory"),
        (&file, "The file cannot be imported: it is no exported knowledge base."),
    ] {
        let import = import(file, &folder.0.join("copy"));
        assert!(import.contains(reason), "{import}");
    }
    let into_a_file = import(&file, &file);
    assert!(into_a_file.contains("stores.md") && into_a_file.contains("Choose a folder"));
    let mut ask = command("ask", &store);
    let ask = stderr(ask.args(["Where are the spare bulbs?", "--generator"]).arg(&folder.0));
    assert!(ask.contains("could not be read: is a directory"), "{ask}");
    let open = multimodal_rag::DirectoryStore::open(&store).unwrap();
    assert!(list(&store).contains("because another process has it open"), "{}", list(&store));
    drop(open);
    std::fs::write(store.join("manifest"), b"damaged").unwrap();
    assert!(list(&store).contains("Delete the knowledge base"), "{}", list(&store));
}

#[test]
fn folders_are_added_with_everything_in_them_that_can_be_read() {
    let folder = Folder::new("folders");
    let store = folder.0.join("base");
    let inner = folder.0.join("papers/deep/.hidden");
    std::fs::create_dir_all(&inner).unwrap();
    for (path, text) in [
        ("papers/tea.txt", "Tea is upstairs."),
        ("papers/deep/bulbs.md", "The spare bulbs are in the cellar."),
        ("papers/deep/film.mp4", "film"),
        ("papers/.secret.txt", "A secret."),
        ("papers/deep/.hidden/a.txt", "Another secret."),
    ] {
        folder.write(path, text);
    }
    let add = || {
        let mut add = command("add", &store);
        let output = add.arg("--replace-same-name").arg(folder.0.join("papers")).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = add();
    assert!(said.contains("Added 2, unchanged 0, skipped 1, failed 0."), "{said}");
    assert!(said.contains("skipped: deep/film.mp4 (a .mp4 file)"), "{said}");
    let listed = text_of(&command("list", &store).output().unwrap());
    let names: Vec<_> = listed.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    assert_eq!(names, ["deep/bulbs.md", "tea.txt"]);
    folder.write("papers/tea.txt", "Tea is downstairs.");
    assert!(add().contains("Added 1, unchanged 1, skipped 1, failed 0."));
    assert_eq!(text_of(&command("list", &store).output().unwrap()).lines().count(), 2);
}

#[test]
fn files_that_are_asked_are_told_apart_by_their_folders() {
    let folder = Folder::new("offices");
    let files = [("Ghent", "09 223 44"), ("Bruges", "050 61 72")].map(|(office, phone)| {
        std::fs::create_dir_all(folder.0.join(office)).unwrap();
        folder.write(&format!("{office}/contact.md"), &format!("# Contact\n\nPhone: {phone}\n"))
    });
    let mut ask = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    ask.args(["ask", "Which phone number does the Ghent office have?", "--quotes-only"]);
    let answer = text_of(&ask.args(files).args(["--model", MODEL]).output().unwrap());
    let quotes: Vec<&str> = answer.lines().filter(|line| line.starts_with("> ")).collect();
    assert!(quotes[0].contains("09 223 44"), "{answer}");
    assert!(answer.contains("Ghent/contact.md"), "{answer}");
}

#[test]
fn the_file_of_a_document_is_written_and_read_again() {
    let (folder, store) = stored("original");
    let listed = text_of(&command("list", &store).output().unwrap());
    let id = listed.split(' ').next().unwrap();
    assert!(listed.contains("  Markdown  "), "{listed}");
    let copy = folder.0.join("copy.md");
    let mut original = command("original", &store);
    text_of(&original.arg(id).arg("-o").arg(&copy).output().unwrap());
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), STORE_TEXT);
    let again = command("reread", &store).arg(id).output().unwrap();
    assert!(again.status.success());
    assert!(String::from_utf8(again.stderr).unwrap().starts_with("stores.md: "));
    assert!(command("reread", &store).arg("--outdated").output().unwrap().stderr.is_empty());
    let mut dropped = command("add", &store);
    let tea = folder.write("tea.txt", "Tea is upstairs.");
    text_of(&dropped.arg("--drop-original").arg(tea).output().unwrap());
    let listed = text_of(&command("list", &store).output().unwrap());
    let id = listed.lines().nth(1).unwrap().split(' ').next().unwrap();
    let refused = command("original", &store).args([id, "-o", "x"]).output().unwrap();
    assert!(String::from_utf8(refused.stderr).unwrap().contains("itself was not kept"));
}

/// The process that reads a file is another program here.
#[cfg(unix)]
#[test]
fn a_reader_that_hangs_crashes_or_takes_too_much_memory_costs_only_its_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("readers");
    let store = folder.0.join("base");
    let table = folder.write("table.xlsx", "a,b");
    let tea = folder.write("tea.txt", "Tea is upstairs.");
    let before = std::time::Instant::now();
    for (script, reason) in [
        ("exec sleep 60", "takes too long to read: it was stopped after 1 seconds"),
        ("exit 3", "is damaged: its reader crashed"),
        ("kill -SEGV $$", "is damaged: its reader crashed"),
        ("echo nonsense", "is damaged: its reader crashed"),
        (
            "echo 'memory allocation of 9 bytes failed' >&2; exit 134",
            "more than 1536 MiB of memory",
        ),
    ] {
        let program = folder.write("reader.sh", &format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut add = command("add", &store);
        add.arg("--reader-program").arg(&program).args(["--reader-step-milliseconds", "1000"]);
        let output = add.args([&table, &tea]).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.lines().next().unwrap().contains(reason), "{script}: {said}");
        assert!(said.contains("tea.txt: 1 chunks"), "{said}");
    }
    assert!(before.elapsed().as_secs() < 50);
}

#[test]
fn the_process_that_reads_a_file_ends_without_a_file() {
    let mut reader = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    let output = reader.arg("read-file").stdin(Stdio::null()).output().unwrap();
    assert!(!output.status.success() && output.stdout.is_empty());
}

#[test]
fn an_evaluation_without_questions_or_with_floors_that_nothing_is_held_to_fails() {
    let folder = Folder::new("eval");
    let file = folder.write("none.json", "{\"data\": []}");
    let eval = |arguments: &[&str]| {
        let mut eval = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
        eval.arg("eval").arg(&file).args(["--model", MODEL, "--full-precision"]).args(arguments);
        let output = eval.output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let refused = eval(&["--min-r1", "0.5"]);
    assert!(refused.contains("no question that can be answered"), "{refused}");
    for mode in [&["--refusal"][..], &["--lookup"], &["--follow-ups", "none.json"]] {
        let refused = eval(&[&["--min-quote", "0.5"], mode].concat());
        assert!(refused.contains("cannot be used with"), "{refused}");
    }
}

const RANDOM_MODELS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/models/random");

/// What `ask` prints with a generator of random weights and these adapters.
fn written(store: &Path, generator: &str, adapters: &[String]) -> Output {
    let mut ask = command("ask", store);
    ask.args(["Where are the spare bulbs?", "--max-tokens", "12", "--generator"]);
    ask.arg(format!("{RANDOM_MODELS}/{generator}.gguf"));
    ask.args(adapters.iter().flat_map(|adapter| ["--adapter", adapter]));
    ask.output().unwrap()
}

#[test]
fn adapters_change_what_is_written_by_their_scales() {
    let (folder, store) = stored("adapters");
    let gguf = format!("{RANDOM_MODELS}/adapters/llama.gguf");
    let peft = folder.0.join("peft");
    std::fs::create_dir(&peft).unwrap();
    let copies =
        [("llama.safetensors", "adapter_model.safetensors"), ("llama.json", "adapter_config.json")];
    for (name, copy) in copies {
        let original = Path::new(RANDOM_MODELS).join("adapters").join(name);
        std::fs::copy(original, peft.join(copy)).unwrap();
    }
    let ask = |adapters: &[String]| text_of(&written(&store, "llama-q8_0", adapters));
    let (alone, adapted) = (ask(&[]), ask(std::slice::from_ref(&gguf)));
    assert_ne!(adapted, alone);
    assert_eq!(ask(&[format!("{gguf}=0")]), alone);
    assert_eq!(ask(&[peft.display().to_string()]), adapted);
    assert_eq!(ask(&[format!("{gguf}=0"), format!("{}=1", peft.display())]), adapted);
}

#[test]
fn an_adapter_of_another_generator_is_named_as_such() {
    let (_folder, store) = stored("other-adapter");
    let failed = |adapter: String| {
        let output = written(&store, "qwen2", &[adapter]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let other = failed(format!("{RANDOM_MODELS}/adapters/llama.gguf"));
    assert!(other.contains("The adapter is for another model"), "{other}");
    let missing = failed("no-such.gguf".to_owned());
    assert!(missing.contains("no-such.gguf does not exist"), "{missing}");
}

#[test]
fn the_tables_of_a_file_are_listed_and_asked() {
    let mills = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/eval/tables/mills.csv");
    let tables = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
        command.arg("tables").args(arguments).output().unwrap()
    };
    let listed = text_of(&tables(&[mills]));
    assert!(listed.contains("7 rows") && listed.contains("Height (m) (decimal, m)"), "{listed}");
    let answered = text_of(&tables(&[mills, "--ask", "How many mills are in Carrow?"]));
    assert!(answered.contains("\n  2\n") && answered.contains("COUNT("), "{answered}");
    let unsure = text_of(&tables(&[mills, "--ask", "Why is the sky blue?"]));
    assert!(unsure.contains("No plan is sure"), "{unsure}");
    let folder = Folder::new("tables");
    let without = tables(&[folder.write("note.md", "No table.").to_str().unwrap()]);
    assert!(!without.status.success());
}

#[test]
fn queries_over_files_print_csv_without_formulas() {
    let folder = Folder::new("query");
    let sales = folder.write("sales.csv", "city,amount\nRome,3\nOslo,4\nRome,5\n");
    let notes = folder.write("notes.csv", "city,note\nRome,=cmd|'/c calc'!A0\nOslo,-2\n");
    let run = |sql: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
        command.arg("query").arg(sql).args([&sales, &notes]).args(more).output().unwrap()
    };
    let joined = "SELECT s.city, SUM(amount) AS total, note FROM sales s JOIN notes n ON n.city = s.city \
                  GROUP BY s.city ORDER BY total DESC";
    let printed = text_of(&run(joined, &[]));
    assert_eq!(printed, "city,total,note\nRome,8,'=cmd|'/c calc'!A0\nOslo,4,-2\n");
    let chosen = ["--param", "Rome", "--sources"];
    let printed = text_of(&run("SELECT SUM(amount) FROM sales WHERE city = ?", &chosen));
    assert!(printed.contains("8,") && printed.contains("sales.csv, row"), "{printed}");
    let unknown = run("SELECT * FROM towns", &[]);
    let message = String::from_utf8(unknown.stderr).unwrap();
    assert!(message.contains("no such table: towns; the tables are sales, notes"), "{message}");
    assert!(!run("DELETE FROM sales", &[]).status.success());
}

#[test]
fn a_folder_becomes_the_file_of_a_knowledge_base_with_the_addresses_of_its_documents() {
    let folder = Folder::new("build");
    let docs = folder.0.join("docs");
    std::fs::create_dir_all(docs.join("guide")).unwrap();
    std::fs::write(docs.join("guide/first steps.md"), STORE_TEXT).unwrap();
    std::fs::write(docs.join("photo.xyz"), [0, 1, 2]).unwrap();
    let (file, store) = (folder.0.join("docs.rag"), folder.0.join("base"));
    let mut build = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    build.args(["build", "--model", MODEL, "--url", "/docs"]).arg(&docs).arg("-o").arg(&file);
    let printed = text_of(&build.output().unwrap());
    let bytes = std::fs::read(&file).unwrap();
    let hash = multimodal_rag::Fingerprint::of(&bytes);
    assert!(printed.contains(&format!("{} bytes\nsha256: {hash}\n", bytes.len())), "{printed}");
    assert!(printed.contains("integrity: sha256-"), "{printed}");
    let mut import = Command::new(env!("CARGO_BIN_EXE_multimodal-rag"));
    import.arg("import").arg("--store").arg(&store).arg(&file);
    assert!(import.output().unwrap().status.success());
    let chosen = r#"{"url": "/docs/guide/first%20steps.md"}"#;
    let mut search = command("search", &store);
    let found = text_of(&search.args(["spare bulbs", "--where", chosen]).output().unwrap());
    assert!(found.contains("guide/first steps.md"), "{found}");
}

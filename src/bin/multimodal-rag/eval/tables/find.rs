//! Measures how often the table of a question is found among all tables at once.

use std::io::{self, Write};
use std::rc::Rc;

use multimodal_rag::{Engine, MemoryStore, SourceFile, Task};

use super::questions::{TableChoice, TableSet};
use crate::Failure;
use crate::models::{self, ModelArgument};
use crate::runtime::{NativeRuntime, block_on};

/// The passages that are searched for.
const PASSAGES: usize = 3;
/// Letters of the shortest cell that a question can name.
const MIN_LETTERS: usize = 4;

/// Adds all tables to a knowledge base, and searches with each question. A question names something of its table
/// where a whole cell of it, of at least four letters and not of digits, stands in the question; only such
/// questions count.
pub(super) fn measure(
    set: &TableSet,
    choice: TableChoice,
    model: &ModelArgument,
) -> Result<(), Failure> {
    let engine = open(model)?;
    for (number, table) in set.csv.iter().enumerate() {
        let name = format!("table {number}.csv");
        let file = SourceFile { name: &name, bytes: table.as_bytes(), ..SourceFile::default() };
        block_on(engine.add(file, &Task::default()))?;
    }
    let (mut asked, mut naming, mut first, mut among) = (0, 0, 0, 0);
    for question in set.questions.iter().filter(|it| choice.has(it.table)) {
        asked += 1;
        if !names_something(&question.question, &set.cells[question.table]) {
            continue;
        }
        naming += 1;
        let passages =
            block_on(engine.search(&question.question, PASSAGES, None, &Task::default()))?;
        let name = format!("table {}.csv", question.table);
        let place = passages.iter().position(|passage| passage.document.info.name == name);
        first += usize::from(place == Some(0));
        among += usize::from(place.is_some());
    }
    let share = |part: usize| part as f64 / naming.max(1) as f64;
    let mut out = io::stdout();
    writeln!(out, "{asked} questions, {naming} name something of their table")?;
    writeln!(out, "its table among the first {PASSAGES} passages {:.3}", share(among))?;
    writeln!(out, "its table first {:.3}", share(first))?;
    Ok(())
}

fn open(model: &ModelArgument) -> Result<Engine, Failure> {
    let embedder = Rc::new(models::load_embedder(&model.model, false)?);
    let (store, runtime) = (Box::new(MemoryStore::new()), Rc::new(NativeRuntime::new()));
    Ok(block_on(Engine::open(store, runtime, embedder, None, &Task::default()))?)
}

/// Whether a whole cell stands in a question.
fn names_something(question: &str, cells: &[String]) -> bool {
    let words = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect::<Vec<_>>()
    };
    let question = words(question);
    cells.iter().any(|cell| {
        let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
        let cell = words(cell);
        letters >= MIN_LETTERS
            && !cell.is_empty()
            && question.windows(cell.len()).any(|window| window == cell)
    })
}

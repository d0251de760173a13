//! The command line.

mod add;
mod ask;
mod build;
mod check_model;
mod eval;
mod files;
mod generator;
mod knowledge;
mod mcp;
mod models;
mod originals;
mod parameter;
mod printed;
mod process_reader;
mod progress;
mod query;
mod read_file;
mod reader_protocol;
mod runtime;
mod spreadsheet_text;
mod tables;
mod transfer;
mod vector_index;

use std::io;
use std::num::NonZero;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use multimodal_rag::use_threads;

/// The error of a command. Its message says what happened and what to do.
type Failure = Box<dyn std::error::Error>;

/// Ask your own files, offline: quotes first, then an answer that cites them.
#[derive(Parser)]
#[command(name = "multimodal-rag", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Threads to compute on; all cores by default.
    #[arg(long, global = true)]
    threads: Option<NonZero<usize>>,
}

#[derive(Subcommand)]
enum Command {
    /// Answers a question from files: quotes, the answer as it is written, sources.
    Ask(ask::Ask),
    /// Adds files and folders to a knowledge base.
    Add(add::Add),
    /// Lists the passages that are nearest to a question.
    Search(knowledge::Search),
    /// Removes documents from a knowledge base, by id.
    Remove(knowledge::Remove),
    /// Writes the file that a document was read from.
    Original(originals::Original),
    /// Reads files again that were kept, with today's readers.
    Reread(originals::Reread),
    /// Writes a whole knowledge base to one file.
    Export(transfer::Export),
    /// Makes a knowledge base of an exported one.
    Import(transfer::Import),
    /// Makes the file of a knowledge base that a page opens by its address.
    Build(build::Build),
    /// Lists the documents of a knowledge base.
    List(knowledge::List),
    /// Prints a document's text, which is what the bytes of a source count.
    Text(knowledge::Text),
    /// Lists the tables of a file, with the kinds of their columns, and computes answers from them.
    Tables(tables::Tables),
    /// Runs SQL over the tables of files; prints CSV.
    Query(query::Query),
    /// Serves a knowledge base to agents: the Model Context Protocol over standard input and output.
    Mcp(mcp::Mcp),
    /// Packs an encoder (a folder with model.safetensors, config.json and
    /// tokenizer.json) into the one file that a page loads.
    Quantize(models::Quantize),
    /// Checks an image encoder that was downloaded: that it loads, and that it tells colours apart.
    CheckModel(check_model::CheckModel),
    /// Reads one file: what `add` calls for each file.
    #[command(hide = true)]
    ReadFile(read_file::ReadFileCommand),
    /// Measures retrieval and quotes on a file in SQuAD's format.
    Eval(eval::Eval),
    /// Measures short answers on such a file: right words, refusal, confidence.
    EvalAnswers(eval::EvalAnswers),
    /// Measures how well written claims are told from those that their passage does not support.
    EvalClaims(eval::EvalClaims),
    /// Measures what orders in documents change: nothing may be quoted, cited or obeyed.
    EvalInjection(eval::EvalInjection),
    /// Measures what feedback on half of the questions of such a file does to the other half.
    EvalFeedback(eval::EvalFeedback),
    /// Measures the calibration of an embedder on half of such a file.
    Calibrate(eval::Calibrate),
    /// Measures how well files are read, beside their content as Markdown.
    EvalDocuments(eval::EvalDocuments),
    /// Measures how well words in pictures are read and found.
    EvalOcr(eval::EvalOcr),
    /// Measures how well questions to tables are answered.
    EvalTables(eval::EvalTables),
    /// Trains the weights that rank the plans for tables.
    TrainTables(eval::TrainTables),
}

fn main() -> ExitCode {
    let Arguments { command, threads } = Arguments::parse();
    let cores = std::thread::available_parallelism();
    use_threads(threads.or(cores.ok()).map_or(1, NonZero::get));
    let outcome = match command {
        Command::Ask(command) => command.run(),
        Command::Add(command) => command.run(),
        Command::Search(command) => command.run(),
        Command::Remove(command) => command.run(),
        Command::Original(command) => command.run(),
        Command::Reread(command) => command.run(),
        Command::ReadFile(command) => command.run(),
        Command::Export(command) => command.run(),
        Command::Import(command) => command.run(),
        Command::Build(command) => command.run(),
        Command::List(command) => command.run(),
        Command::Text(command) => command.run(),
        Command::Tables(command) => command.run(),
        Command::Query(command) => command.run(),
        Command::Mcp(command) => command.run(),
        Command::Quantize(command) => command.run(),
        Command::CheckModel(command) => command.run(),
        Command::Eval(command) => command.run(),
        Command::EvalAnswers(command) => command.run(),
        Command::EvalClaims(command) => command.run(),
        Command::EvalInjection(command) => command.run(),
        Command::EvalFeedback(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::EvalDocuments(command) => command.run(),
        Command::EvalOcr(command) => command.run(),
        Command::EvalTables(command) => command.run(),
        Command::TrainTables(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if is_broken_pipe(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            progress::clear_line();
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the reader of the output has closed it, as `head` does. This is not a failure.
fn is_broken_pipe(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

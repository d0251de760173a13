//! A question, and its answer while it is written.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use multimodal_rag::{
    AnswerEvent, AskOptions, AskTimings, Citation, CitedPicture, ComputedAnswer, Correction,
    DocumentId, EndReason, PastQuestion, Sampling, Span, Unsupported,
};

use crate::Failure;
use crate::add::add_asked;
use crate::generator::{AdapterArgument, GeneratorFile};
use crate::knowledge::{FilterArguments, check_exists, open};
use crate::models::{self, AnswerReaderArgument, ImageModelArgument, ModelArgument};
use crate::printed::{in_quotes, quoted_text, single_line, source};
use crate::progress::task_with_progress;
use crate::runtime::block_on;
use crate::vector_index::VectorIndexArgument;

/// Cells of a computed answer that are printed.
const SHOWN_CELLS: usize = 5;

/// Answers a question.
#[derive(Args)]
pub(crate) struct Ask {
    /// The question.
    question: String,
    /// Files to answer from.
    files: Vec<PathBuf>,
    /// Folder that keeps the knowledge base; without it, only the files are asked.
    #[arg(long)]
    store: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgument,
    /// The generator, a GGUF file.
    #[arg(long, default_value = models::GENERATOR)]
    generator: PathBuf,
    /// An adapter (LoRA) of the generator: a GGUF file, or the folder of PEFT; several may be
    /// given. Scales are from -100 to 100 [default: 1].
    #[arg(long = "adapter", value_name = "FILE[=SCALE]")]
    adapters: Vec<AdapterArgument>,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    #[command(flatten)]
    image_model: ImageModelArgument,
    /// Quotes only, without a generator.
    #[arg(long)]
    quotes_only: bool,
    /// Tokens to generate at most.
    #[arg(long, default_value_t = 200)]
    max_tokens: usize,
    /// Show generated sentences that no passage supports, and say so, instead of "…".
    #[arg(long)]
    mark_unsupported: bool,
    /// Hold the generated text to words of the passages and of the question.
    #[arg(long)]
    context_bound: bool,
    /// The question asked before, which this one goes on from ("And when was it built?").
    #[arg(long, value_name = "QUESTION")]
    after: Option<String>,
    /// Passages to answer from.
    #[arg(long, default_value_t = 3)]
    limit: usize,
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    vector_index: VectorIndexArgument,
    /// 0: always the likeliest token; above: more varied.
    #[arg(long, default_value_t = 0.0)]
    temperature: f64,
    /// Equal seeds give equal answers.
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

impl Ask {
    pub(crate) fn run(self) -> Result<(), Failure> {
        if let (Some(folder), []) = (&self.store, &*self.files) {
            check_exists(folder)?;
        }
        let generator = match self.quotes_only {
            true => None,
            false => Some(GeneratorFile::new(self.generator, self.adapters)?),
        };
        let filter = self.filter.parse()?;
        let engine = open(self.store.as_ref(), &self.model.model, generator, false)?;
        let engine = self.image_model.apply(self.answer_reader.apply(engine)?)?;
        add_asked(&engine, &self.files)?;
        let engine = self.vector_index.apply(engine)?;
        let sampling =
            Sampling { temperature: self.temperature, seed: self.seed, ..Sampling::default() };
        let (limit, max_tokens) = (self.limit, self.max_tokens);
        let past = |question| PastQuestion { question, ..PastQuestion::default() };
        let history = self.after.into_iter().map(past).collect();
        let unsupported =
            if self.mark_unsupported { Unsupported::Mark } else { Unsupported::default() };
        let context_bound = self.context_bound;
        let options = AskOptions {
            limit,
            filter,
            max_tokens,
            sampling,
            unsupported,
            context_bound,
            history,
            ..AskOptions::default()
        };
        let mut printer = Printer::default();
        let task = task_with_progress();
        let mut printed = Ok(());
        let mut print = |event| {
            if printed.is_ok() {
                printed = printer.print(event);
            }
            if printed.is_err() {
                task.cancel.cancel();
            }
        };
        block_on(engine.ask(&self.question, &options, &task, &mut print))?;
        Ok(printed?)
    }
}

/// Prints an answer while it is written, and its sources at the end. Each cited place has a
/// number, in the order of appearance.
#[derive(Default)]
struct Printer {
    answer: String,
    sources: Vec<String>,
    places: Vec<(DocumentId, Span)>,
}

impl Printer {
    fn print(&mut self, event: AnswerEvent) -> io::Result<()> {
        let mut out = io::stdout().lock();
        match event {
            AnswerEvent::Passages(_) => {}
            AnswerEvent::Image(CitedPicture { citation, .. }) => {
                let place = (citation.document.id(), citation.span);
                // One that is quoted is named with its quote.
                if !self.places.contains(&place) {
                    writeln!(out, "Picture: {}\n", self.describe_place(&citation))?;
                }
            }
            AnswerEvent::Corrections(corrections) => {
                for Correction { from, to } in corrections {
                    let [from, to] = [from, to].map(|word| in_quotes(&word));
                    writeln!(out, "No document has {from}. Asked with {to} instead.")?;
                }
                writeln!(out)?;
            }
            AnswerEvent::Table(computed) => print_computed(&computed)?,
            AnswerEvent::Answer { citation, confidence } => {
                let (text, percent) = (quoted_text(&citation), 100.0 * confidence);
                writeln!(out, "Answer: {text} ({percent:.0} % sure)\n")?;
            }
            AnswerEvent::Quote(quote) => {
                writeln!(out, "> {}\n  {}\n", quoted_text(&quote), self.describe_place(&quote))?;
            }
            AnswerEvent::Text(text) => {
                write!(out, "{text}")?;
                // Without a flush the text would appear all at once.
                out.flush()?;
                self.answer.push_str(&text);
            }
            AnswerEvent::Citation { citation, text } => {
                let claim = single_line(&self.answer[text]);
                let (place, source) = (self.describe_place(&citation), quoted_text(&citation));
                self.sources.push(format!("- {claim}\n  rests on {place}:\n  > {source}"));
            }
            AnswerEvent::Unsupported { sentence, .. } => {
                let claim = single_line(&sentence);
                self.sources.push(format!("- {claim}\n  is not supported by the documents"));
            }
            AnswerEvent::End { reason, timings } => {
                if reason == EndReason::NoAnswer {
                    writeln!(out, "Nothing in the documents is near enough to answer from.")?;
                }
                if !self.sources.is_empty() {
                    writeln!(out, "\n\nSources\n{}", self.sources.join("\n"))?;
                }
                eprintln!("\n{}", format_timings(&timings));
            }
        }
        Ok(())
    }

    /// The number, document and span of a citation.
    fn describe_place(&mut self, citation: &Citation) -> String {
        let Citation { document, span, .. } = citation;
        let place = (document.id(), *span);
        let known = self.places.iter().position(|&known| known == place);
        let number = known.unwrap_or_else(|| {
            self.places.push(place);
            self.places.len() - 1
        });
        let (Span { start, end }, source) = (span, source(document, *span));
        let place = format!("[{}] {source}, bytes {start} to {end} of its text", number + 1);
        match &*citation.headings {
            "" => place,
            headings => format!("{place}, below {}", in_quotes(headings)),
        }
    }
}

/// Prints what was computed from a table: the answer, the query, and the first cells that it is from.
fn print_computed(computed: &ComputedAnswer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let percent = 100.0 * computed.answer.confidence;
    writeln!(out, "Computed: {} ({percent:.0} % sure)", single_line(&computed.text()))?;
    writeln!(out, "  {}", single_line(&computed.answer.sql))?;
    for cell in computed.citations.iter().take(SHOWN_CELLS) {
        let (text, column) = (in_quotes(cell.text()), single_line(&cell.column));
        writeln!(out, "  {column}: {text}, {}", source(&cell.document, cell.span))?;
    }
    if let Some(more) = computed.citations.len().checked_sub(SHOWN_CELLS).filter(|more| *more > 0) {
        writeln!(out, "  and {more} more cells")?;
    }
    writeln!(out)
}

/// The time of each completed stage, on one line.
fn format_timings(timings: &AskTimings) -> String {
    let stage = |name: &str, ms: Option<f64>| ms.map(|ms| format!("{name} {ms:.0} ms"));
    let counted = |name: &str, tokens: Option<usize>, ms: Option<f64>| {
        tokens.zip(ms).map(|(tokens, ms)| format!("{name} {tokens} tokens in {ms:.0} ms"))
    };
    [
        stage("question", timings.embed_ms),
        stage("search", timings.search_ms),
        stage("reading", timings.read_ms),
        stage("quotes", timings.quote_ms),
        stage("model", timings.load_ms),
        counted("prompt", timings.prompt_tokens, timings.prompt_ms),
        counted("answer", timings.tokens, timings.decode_ms),
        stage("checking", timings.check_ms),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(", ")
}

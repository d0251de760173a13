//! A knowledge base as a server of the Model Context Protocol: agents search it and ask it.
//!
//! ```text
//! standard input -> Inbox: messages, one a line -> Server: methods -> tools -> engine
//!                                                                         |
//! standard output <-------------- results, progress ----------------------+
//! ```
//!
//! The protocol is that of <https://modelcontextprotocol.io/specification/2025-11-25>, over standard input and output.
//! The server is our own: the official crate runs its handlers on threads of tokio, and the engine stays on one.
//! Nothing but messages is written to standard output.

mod allowed;
mod inbox;
mod message;
mod results;
mod server;
mod tools;

use std::path::PathBuf;
use std::rc::Rc;

use clap::Args;

use crate::Failure;
use crate::knowledge::KnowledgeBaseArguments;
use crate::models::AnswerReaderArgument;
use allowed::Allowed;
use inbox::Inbox;
use server::Server;

/// Serves a knowledge base to agents: the Model Context Protocol over standard input and output.
#[derive(Args)]
pub(crate) struct Mcp {
    #[command(flatten)]
    knowledge_base: KnowledgeBaseArguments,
    #[command(flatten)]
    answer_reader: AnswerReaderArgument,
    /// Let agents add documents. Without it nothing is changed.
    #[arg(long)]
    write: bool,
    /// A folder whose files agents may add; several may be given. Texts can be added without.
    #[arg(long = "allow", value_name = "FOLDER", requires = "write")]
    allowed: Vec<PathBuf>,
}

impl Mcp {
    pub(crate) fn run(self) -> Result<(), Failure> {
        let allowed = self.write.then(|| Allowed::new(&self.allowed)).transpose()?;
        let inbox = Rc::new(Inbox::of_standard_input());
        let engine = match self.write {
            true => self.knowledge_base.open_or_create_on(inbox.clone())?,
            false => self.knowledge_base.open_on(inbox.clone())?.read_only(),
        };
        let engine = self.answer_reader.apply(engine)?;
        Ok(Server::new(engine, inbox, allowed).serve()?)
    }
}

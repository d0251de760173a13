//! The chat template of a model file: messages become a prompt, in which text of people is kept
//! apart from text of the template.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error as JinjaError, ErrorKind, Value, context};
use serde::{Deserialize, Serialize};

use super::corrupt;
use crate::error::Result;

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions to the model.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    /// The name of the role in chat templates.
    fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who wrote it.
    pub role: Role,
    /// Its text. It is plain text: control tokens in it have no effect.
    pub content: String,
}

/// A part of a rendered prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text of the template, in which control tokens have an effect.
    Template(String),
    /// The content of the message with this number, as plain text.
    Content(usize),
}

/// The template for files without one: ChatML, as in SmolLM2.
const CHATML: &str = "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

/// Private-use characters around the number of a message, in place of its content.
const OPEN: char = '\u{F8F0}';
const CLOSE: char = '\u{F8F1}';
/// Steps of a template in Jinja. A few hundred messages need a thousand.
const FUEL: u64 = 1_000_000;
/// Nested calls, which take stack. Templates have one or two.
const MAX_RECURSION: usize = 32;

/// A parsed template.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    begin: String,
    end: String,
}

impl ChatTemplate {
    /// Parses a Jinja template; `begin` and `end` are the texts of these two tokens.
    pub(crate) fn parse(source: Option<&str>, begin: &str, end: &str) -> Result<Self> {
        let mut environment = Environment::new();
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        // The settings of the tools that templates are written for.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|e| corrupt(e.to_string()))?);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(MAX_RECURSION);
        environment.add_function(
            "raise_exception",
            |message: String| -> Result<String, JinjaError> {
                Err(JinjaError::new(ErrorKind::InvalidOperation, message))
            },
        );
        // No dates: equal input must give equal prompts.
        environment.add_function("strftime_now", |_format: String| String::new());
        environment
            .add_template_owned("chat", source.unwrap_or(CHATML).to_owned())
            .map_err(|e| corrupt(format!("its chat template cannot be read: {e}")))?;
        Ok(Self { environment, begin: begin.to_owned(), end: end.to_owned() })
    }

    /// The prompt that asks the model for the next message.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<Vec<Piece>> {
        let marked: Value = messages
            .iter()
            .enumerate()
            .map(|(number, message)| {
                let content = format!("{OPEN}{number}{CLOSE}");
                Value::from_pairs([("role", message.role.name()), ("content", &content)])
            })
            .collect();
        let text = self
            .environment
            .get_template("chat")
            .and_then(|template| {
                template.render(context! {
                    messages => marked,
                    add_generation_prompt => true,
                    bos_token => self.begin.as_str(),
                    eos_token => self.end.as_str(),
                })
            })
            .map_err(|e| corrupt(format!("its chat template failed: {e}")))?;
        Ok(split_at_marks(&text, messages.len()))
    }
}

fn split_at_marks(text: &str, messages: usize) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((number, after)) = after.split_once(CLOSE) else { break };
        if !before.is_empty() {
            pieces.push(Piece::Template(before.to_owned()));
        }
        if let Some(number) = number.parse().ok().filter(|&number| number < messages) {
            pieces.push(Piece::Content(number));
        }
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Template(rest.to_owned()));
    }
    pieces
}

//! Answers that a generator of the caller writes.

use std::cell::RefCell;
use std::rc::Rc;

use async_trait::async_trait;
use multimodal_rag::{
    AnswerEvent, AskOptions, EndReason, Error, ExternalGenerator, ExternalText, Message, Result,
    Role, Sampling, Task, Unsupported,
};
use pollster::block_on;

use crate::harness::{Harness, LIGHTHOUSE, LIGHTHOUSE_QUESTION, collect_events};

/// Writes these pieces, then fails with `error` if there is one. Records what it was asked.
#[derive(Default)]
struct Scripted {
    pieces: Vec<&'static str>,
    error: Option<Error>,
    asked: RefCell<Vec<(Vec<Message>, usize)>>,
}

struct ScriptedText {
    left: std::vec::IntoIter<&'static str>,
    error: Option<Error>,
}

#[async_trait(?Send)]
impl ExternalGenerator for Scripted {
    fn context_length(&self) -> usize {
        2_048
    }

    async fn begin(
        &self,
        messages: Vec<Message>,
        max_tokens: usize,
        _: Sampling,
        _: &Task,
    ) -> Result<Box<dyn ExternalText>> {
        self.asked.borrow_mut().push((messages, max_tokens));
        Ok(Box::new(ScriptedText {
            left: self.pieces.clone().into_iter(),
            error: self.error.clone(),
        }))
    }
}

#[async_trait(?Send)]
impl ExternalText for ScriptedText {
    async fn next(&mut self, _: &Task) -> Result<Option<String>> {
        match (self.left.next(), self.error.take()) {
            (Some(piece), error) => {
                self.error = error;
                Ok(Some(piece.to_owned()))
            }
            (None, Some(error)) => Err(error),
            (None, None) => Ok(None),
        }
    }
}

/// The events of an answer that is written so, and the generator.
fn answered(generator: Scripted, options: &AskOptions) -> (Result<Vec<AnswerEvent>>, Rc<Scripted>) {
    let (_, engine) = Harness::with_files();
    let generator = Rc::new(generator);
    engine.use_external_generator(generator.clone());
    let events = block_on(collect_events(&engine, LIGHTHOUSE_QUESTION, options, &Task::default()));
    (events, generator)
}

const FACT: &str = "The keeper of the lighthouse lit the lamp every evening.";

#[test]
fn its_sentences_are_cited_or_hidden_like_those_of_the_engine() {
    let pieces = vec![
        "The keeper of the lighthouse",
        " lit the lamp every evening. ",
        "Zebras pay 17 taxes.",
    ];
    let options = AskOptions { max_tokens: 77, ..AskOptions::default() };
    let (events, generator) = answered(Scripted { pieces, ..Scripted::default() }, &options);
    let events = events.unwrap();
    let cited = events.iter().find_map(|event| match event {
        AnswerEvent::Citation { citation, text } => Some((citation.clone(), text.clone())),
        _ => None,
    });
    let (citation, text) = cited.expect("a citation");
    assert_eq!((citation.document.info.name.as_str(), citation.text()), (LIGHTHOUSE.name, FACT));
    assert_eq!(text, 0..FACT.len());
    let shown: String = events
        .iter()
        .filter_map(
            |event| if let AnswerEvent::Text(piece) = event { Some(&**piece) } else { None },
        )
        .collect();
    assert_eq!(shown, format!("{FACT} …"));
    assert!(matches!(events.last(), Some(AnswerEvent::End { reason: EndReason::Stop, .. })));
    let asked = generator.asked.borrow();
    let [(messages, max_tokens)] = &asked[..] else { panic!("{} calls", asked.len()) };
    assert_eq!(*max_tokens, 77);
    let roles: Vec<Role> = messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User]);
    assert!(
        messages[1].content.contains(FACT) && messages[1].content.contains(LIGHTHOUSE_QUESTION)
    );
}

#[test]
fn its_failure_is_that_of_the_answer() {
    let error = Error::GeneratorFailed { detail: "no power".to_owned() };
    let failing =
        Scripted { pieces: vec!["The"], error: Some(error.clone()), ..Scripted::default() };
    assert_eq!(answered(failing, &AskOptions::default()).0.unwrap_err(), error);
    let stopped = Scripted { error: Some(Error::Aborted), ..Scripted::default() };
    let events = answered(stopped, &AskOptions::default()).0.unwrap();
    assert!(matches!(events.last(), Some(AnswerEvent::End { reason: EndReason::Aborted, .. })));
}

#[test]
fn what_it_cannot_do_is_refused() {
    for options in [
        AskOptions { context_bound: true, ..AskOptions::default() },
        AskOptions { adapters: Some(vec![1.0]), ..AskOptions::default() },
    ] {
        let (events, generator) = answered(Scripted::default(), &options);
        assert_eq!(events.unwrap_err().code(), "invalid_option");
        assert!(generator.asked.borrow().is_empty());
    }
}

#[test]
fn marked_sentences_are_shown_at_once() {
    let pieces = vec!["Zebras pay", " 17 taxes."];
    let options = AskOptions { unsupported: Unsupported::Mark, ..AskOptions::default() };
    let (events, _) = answered(Scripted { pieces, ..Scripted::default() }, &options);
    let events = events.unwrap();
    assert!(events.iter().any(|event| matches!(event, AnswerEvent::Unsupported { .. })));
    assert!(events.contains(&AnswerEvent::Text("Zebras pay".to_owned())));
}

#[test]
fn a_text_that_goes_on_beyond_its_limit_is_ended() {
    let pieces = (0..10_000).map(|at| &*Box::leak(format!("word{at} ").into_boxed_str()));
    let generator = Scripted { pieces: pieces.collect(), ..Scripted::default() };
    let options = AskOptions { max_tokens: 20, ..AskOptions::default() };
    let events = answered(generator, &options).0.unwrap();
    assert!(matches!(events.last(), Some(AnswerEvent::End { reason: EndReason::Length, .. })));
}

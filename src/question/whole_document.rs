//! Questions about a document as a whole: its title, its author, what it is about; who sent a mail.
//!
//! No passage is near such a question, so it is recognized by its words: in one of the languages of
//! a table, they only name a document and ask for one aspect of it.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::phrases::{PhraseTable, Phrases, Token, tokens};
use crate::lines::is_unspaced;
use crate::text::{is_function_word, words};

/// The most words of a question about a whole document.
const MAX_TOKENS: usize = 60;

/// How many words apart a document and what it says may be.
const SAYING_DISTANCE: usize = 2;

/// What is asked of a whole document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    /// What it is called.
    Title,
    /// Who wrote it.
    Author,
    /// When it was written.
    Date,
    /// Its parts.
    Outline,
    /// What it says.
    Summary,
    /// What it is about: of a mail, its subject.
    Subject,
    /// Who sent a mail.
    Sender,
    /// To whom a mail was sent.
    Recipients,
    /// Who got a copy of a mail.
    Copies,
}

/// A question about documents as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WholeQuestion {
    pub(crate) aspect: Aspect,
    /// The words that say which document is meant; none for whatever is there.
    pub(crate) about: Vec<String>,
    /// Whether its words ask for the aspect only because there are no others.
    pub(crate) is_vague: bool,
    /// Whether it names a mail.
    pub(crate) names_mail: bool,
}

/// What a phrase does in a question (`whole_document.txt`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Document,
    Mail,
    Letter,
    Frame,
    /// Something else is asked.
    Other,
    Asks(Aspect),
    About,
    Says,
    Called,
    Who,
    When,
    ToWhom,
    FromWhom,
    Written,
    Sent,
    Received,
}

static TABLE: LazyLock<PhraseTable<Class>> =
    LazyLock::new(|| PhraseTable::parse(include_str!("whole_document.txt"), Class::named));

impl Class {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "document" => Self::Document,
            "mail" => Self::Mail,
            "letter" => Self::Letter,
            "frame" => Self::Frame,
            "other" => Self::Other,
            "title" => Self::Asks(Aspect::Title),
            "author" => Self::Asks(Aspect::Author),
            "date" => Self::Asks(Aspect::Date),
            "outline" => Self::Asks(Aspect::Outline),
            "summary" => Self::Asks(Aspect::Summary),
            "subject" => Self::Asks(Aspect::Subject),
            "sender" => Self::Asks(Aspect::Sender),
            "recipients" => Self::Asks(Aspect::Recipients),
            "copies" => Self::Asks(Aspect::Copies),
            "about" => Self::About,
            "says" => Self::Says,
            "called" => Self::Called,
            "who" => Self::Who,
            "when" => Self::When,
            "to-whom" => Self::ToWhom,
            "from-whom" => Self::FromWhom,
            "written" => Self::Written,
            "sent" => Self::Sent,
            "received" => Self::Received,
            _ => return None,
        })
    }
}

/// Whether a word stands for a document in a question, or is one of those around it.
pub(super) fn names_a_document(word: &str) -> bool {
    TABLE.is_in(word, |class| {
        matches!(class, Class::Document | Class::Mail | Class::Letter | Class::Frame)
    })
}

/// The words among `words`, in order, by which a question names a document and what it does: "what does
/// the manual say about …", "steht im Handbuch".
pub(super) fn saying(words: &[String]) -> impl Iterator<Item = &String> {
    let is = |word: &String, class: Class| TABLE.is_in(word, |other| other == class);
    let is_one_of = move |at: usize, class: Class, other: Class| {
        let near = at.saturating_sub(SAYING_DISTANCE)..words.len().min(at + SAYING_DISTANCE + 1);
        is(&words[at], class) && words[near].iter().any(|word| is(word, other))
    };
    let places = 0..words.len();
    let said = places.filter(move |&at| {
        is_one_of(at, Class::Document, Class::Says) || is_one_of(at, Class::Says, Class::Document)
    });
    said.map(|at| &words[at])
}

/// A question, read in one language.
#[derive(Debug, Default)]
struct Reading {
    classes: BTreeSet<Class>,
    /// The words of no class.
    rest: Vec<String>,
    /// How many tokens they are.
    rest_tokens: usize,
    ends_in_about: bool,
}

impl Reading {
    fn of(tokens: &[Token], language: &Phrases<Class>) -> Self {
        let mut reading = Self::default();
        let mut rest = String::new();
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at].text;
            if let Some((class, len)) = TABLE.first(language, &tokens[at..]) {
                reading.classes.insert(class);
                at += len;
                reading.ends_in_about = class == Class::About && at == tokens.len();
                continue;
            }
            let is_unspaced = token.starts_with(is_unspaced);
            if is_unspaced || !is_function_word(token, &[language.code]) {
                // Characters of one run are words together.
                let follows = at > 0 && tokens[at - 1].range.end == tokens[at].range.start;
                if !(is_unspaced && follows) {
                    rest.push(' ');
                }
                rest.push_str(token);
                reading.rest_tokens += 1;
            }
            at += 1;
        }
        reading.rest = words(&rest);
        reading
    }

    fn has(&self, class: Class) -> bool {
        self.classes.contains(&class)
    }

    /// The aspect that its words ask for, and whether they do so only because there are no others.
    fn aspect(&self) -> Option<(Aspect, bool)> {
        if self.has(Class::Other) {
            return None;
        }
        let asked: Vec<Aspect> = self
            .classes
            .iter()
            .filter_map(|class| if let Class::Asks(aspect) = class { Some(*aspect) } else { None })
            .collect();
        match asked[..] {
            [aspect] => return Some((aspect, false)),
            // "Who sent the mail, and who got a copy?"
            [_, _, ..] => return None,
            [] => {}
        }
        if let Some(aspect) = self.deed() {
            return Some((aspect, false));
        }
        let names_document =
            [Class::Document, Class::Mail, Class::Letter].iter().any(|class| self.has(*class));
        match () {
            () if self.ends_in_about => Some((Aspect::Summary, false)),
            () if self.has(Class::FromWhom) && self.has(Class::Mail) => {
                Some((Aspect::Sender, true))
            }
            () if self.has(Class::ToWhom) && self.has(Class::Mail) => {
                Some((Aspect::Recipients, true))
            }
            () if self.has(Class::FromWhom) && names_document => Some((Aspect::Author, true)),
            // "When does the letter say?" asks for a fact.
            () if [Class::Who, Class::When, Class::ToWhom].iter().any(|it| self.has(*it)) => None,
            () if self.has(Class::Called) && names_document => Some((Aspect::Title, true)),
            () if self.has(Class::Says) || self.has(Class::About) => Some((Aspect::Summary, true)),
            () => None,
        }
    }

    /// The aspect for which a verb and its question word ask: "When was it sent?"
    fn deed(&self) -> Option<Aspect> {
        let [is_written, is_sent, is_received] =
            [Class::Written, Class::Sent, Class::Received].map(|class| self.has(class));
        match () {
            () if !(is_written || is_sent || is_received) => None,
            // "Who sent the report?" asks for what a text says of it.
            () if !is_written && self.has(Class::Document) => None,
            () if self.has(Class::When) => Some(Aspect::Date),
            () if self.has(Class::ToWhom) => Some(Aspect::Recipients),
            () if is_written => Some(Aspect::Author),
            () if is_sent => Some(Aspect::Sender),
            () if self.has(Class::FromWhom) => Some(Aspect::Sender),
            () => self.has(Class::Who).then_some(Aspect::Recipients),
        }
    }
}

impl WholeQuestion {
    /// The question, if its words ask for one aspect of a document.
    pub(crate) fn of(question: &str) -> Option<Self> {
        let tokens = tokens(question);
        if tokens.is_empty() || tokens.len() > MAX_TOKENS {
            return None;
        }
        let readings = TABLE.languages().map(|language| Reading::of(&tokens, language));
        // The language that leaves the fewest words: "data" is a date in Italian only.
        let reading =
            readings.min_by_key(|reading| (reading.rest_tokens, reading.aspect().is_none()))?;
        let (aspect, is_vague) = reading.aspect()?;
        let names_mail = reading.has(Class::Mail) || aspect.is_of_mail();
        let about: BTreeSet<String> = reading.rest.into_iter().collect();
        Some(Self { aspect, about: about.into_iter().collect(), is_vague, names_mail })
    }

    /// Whether a document with this name, and these terms in its title and its name, is meant.
    /// Where only the absence of other words makes it a question about the whole, they must be the
    /// name itself.
    pub(crate) fn is_about(&self, name: &str, outside_terms: impl FnOnce() -> Vec<String>) -> bool {
        let is_name = || {
            let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
            let in_name = words(file);
            self.about.iter().all(|word| in_name.contains(word))
                && in_name.iter().all(|word| self.about.contains(word) || names_a_document(word))
        };
        match self.is_vague {
            _ if self.about.is_empty() => true,
            true => is_name(),
            false => {
                let terms = outside_terms();
                self.about.iter().all(|word| terms.contains(word)) || is_name()
            }
        }
    }
}

impl Aspect {
    /// Whether only mails have it.
    pub(crate) fn is_of_mail(self) -> bool {
        matches!(self, Self::Sender | Self::Recipients | Self::Copies)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::test;

    fn asked(question: &str) -> Option<Aspect> {
        WholeQuestion::of(question).filter(|whole| whole.about.is_empty()).map(|whole| whole.aspect)
    }

    fn ask_for(aspect: Aspect, questions: &str) {
        for question in questions.lines().map(str::trim).filter(|question| !question.is_empty()) {
            assert_eq!(asked(question), Some(aspect), "{question}");
        }
    }

    #[test]
    fn questions_for_a_summary_are_recognized_in_many_languages() {
        ask_for(Aspect::Summary, include_str!("summary_questions.txt"));
    }

    #[test]
    fn questions_for_a_title_an_author_a_date_or_the_parts_are_recognized() {
        let title = "What is the title of the document?\nWhat's the name of the document?\nTitel?
            Wie heißt das Dokument?\nWie lautet der Titel?\nQuel est le titre ?\n标题是什么？
            ¿Cuál es el título del documento?\nQual è il titolo?\nQual é o título?\nWat is de titel?
            Какой заголовок?\nタイトルは？\n제목이 뭐예요?\nما عنوان المستند؟\nBelgenin başlığı nedir?";
        ask_for(Aspect::Title, title);
        let author = "Who wrote this paper?\nWer hat das geschrieben?\nQuel est l'auteur ?\nQui a écrit ce texte ?
            ¿Quién escribió esto?\nКто написал этот текст?\n作者是谁？\n著者は誰ですか";
        ask_for(Aspect::Author, author);
        let date = "When is the report dated?\nWhen was this written?\nWann wurde das geschrieben?
            When was the mail sent?\nWann wurde die Mail verschickt?\nКогда отправлено письмо?";
        ask_for(Aspect::Date, date);
        let parts = "How many sections are there?\ntable of contents\nList the chapters
            Which headings does the document have?";
        ask_for(Aspect::Outline, parts);
    }

    #[test]
    fn questions_for_the_headers_of_a_mail_are_recognized() {
        let sender = "Who sent the mail?\nWho is the sender?\nFrom whom is the message?\nWer ist der Absender?
            Wer hat die E-Mail geschickt?\nVon wem ist die Mail?\n¿Quién envió el correo?\nQui a envoyé le mail ?
            Chi ha inviato la mail?\nQuem enviou o e-mail?\nWie heeft de mail gestuurd?\nКто отправитель?
            发件人是谁？\n送信者は誰ですか？\n보낸 사람은 누구인가요?";
        ask_for(Aspect::Sender, sender);
        let to = "To whom was the mail sent?\nTo whom is the mail?\nAn wen ging die Mail?\nWer ist der Empfänger?
            Who received the mail?\nÀ qui le mail a-t-il été envoyé ?\n收件人是谁";
        ask_for(Aspect::Recipients, to);
        ask_for(Aspect::Copies, "Who got a copy?\nWer hat eine Kopie bekommen?\nWho is in CC?");
        let subject = "What is the subject of the mail?\nWas ist der Betreff?\nQuel est le sujet du mail ?\n件名は？";
        ask_for(Aspect::Subject, subject);
    }

    #[test]
    fn other_words_say_which_document_is_meant() {
        let question = WholeQuestion::of("Who wrote the glaze tests?").unwrap();
        assert_eq!(question.about, ["glaze", "tests"]);
        assert!(question.is_about("1.md", || crate::text::terms("glaze tests other")));
        assert!(!question.is_about("1.md", || crate::text::terms("glaze")));
    }

    #[test]
    fn a_vague_question_must_have_the_whole_name_of_a_document() {
        let question = WholeQuestion::of("What is in plan.md?").unwrap();
        assert!(question.is_about("notes/plan.md", Vec::new));
        let question = WholeQuestion::of("What does the letter say of fees?").unwrap();
        let terms = || vec!["fees".to_owned()];
        assert!(!question.is_about("Fees for gardens.txt", terms));
    }

    #[test]
    fn questions_about_a_fact_are_not_about_the_whole() {
        for question in [
            "When does the boat come?",
            "What is known about the garden?",
            "What does the letter say about fees?",
            "What does the document say about the report?",
            "What is the subject of the mail from Ann?",
            "Which data do we keep?",
            "When does the letter say?",
            "Who sent the report?",
            "Who are you?",
            "?",
            "",
        ] {
            assert_eq!(asked(question), None, "{question}");
        }
    }
}

//! Whether a place supports a claim, by an answer reader and a few checks.
//!
//! The place is the one that is most like the claim. A number or a name that is not there, and the
//! opposite of a word, speak against it: the reader knows little of these.

use super::claim::Claim;
use super::evidence::likest;
use super::names::lacks_name;
use super::numbers::lacks_number;
use super::opposites::says_opposite;
use super::wording::words;
use super::{Judge, Sources, Verdict};
use crate::answer::quotes::Sentence;
use crate::answer::reader::AnswerReader;
use crate::error::Result;
use crate::model::ClaimCalibration;
use crate::retrieve::Passage;
use crate::text::Language;

/// What speaks against a claim.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Objections {
    lacks_number: bool,
    lacks_name: bool,
    says_opposite: bool,
}

/// Judges a claim by the place that is most like it. The reader reads one row.
pub(super) async fn judge(
    claim: &Claim,
    sentences: &[&Sentence],
    sources: Sources<'_>,
    reader: &AnswerReader,
    calibration: &ClaimCalibration,
    Judge { runtime, task, .. }: Judge<'_>,
) -> Result<Verdict> {
    let Some(evidence) = likest(sentences, claim) else { return Ok(Verdict::UNSUPPORTED) };
    let (passage, span) = evidence.place();
    let source = &sources.passages[passage];
    let text = &source.document.text()[span.range()];
    let logits = reader.support(&[(&claim.text, text)], runtime, task).await?;
    let supported = logits.first().copied().unwrap_or(f32::MIN);
    let objections = Objections::of(&claim.text, text, source);
    let score = calibration.score(supported, evidence.cosine(claim), objections);
    let place = (score >= calibration.supported_from).then_some((passage, span));
    Ok(Verdict { place, score: Some(score) })
}

impl Objections {
    /// What speaks against a claim beside this part of a passage. Words for numbers and opposites are
    /// known in English only, and are not looked for in other languages.
    fn of(claim: &str, evidence: &str, source: &Passage) -> Self {
        let passage = format!("{}\n{}", source.text(), source.context());
        let language = Language::of(&format!("{claim}\n{}", source.text()));
        let is_english = language == Some(Language::English);
        let [claim, evidence, passage] = [claim, evidence, &passage].map(words);
        Self {
            lacks_number: lacks_number(&claim, &evidence, is_english),
            lacks_name: lacks_name(&claim, &evidence, &passage),
            says_opposite: is_english && says_opposite(&claim, &evidence),
        }
    }
}

impl ClaimCalibration {
    fn score(&self, supported: f32, cosine: f32, objections: Objections) -> f32 {
        let against = [
            (objections.lacks_number, self.missing_number),
            (objections.lacks_name, self.missing_name),
            (objections.says_opposite, self.opposite),
        ];
        let against: f32 =
            against.iter().filter(|(is_so, _)| *is_so).map(|(_, weight)| weight).sum();
        self.bias + self.supported_weight * supported + self.cosine_weight * cosine + against
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span;
    use crate::test;

    const TEXT: &str = "The northern gate of the castle was opened in 1591. It had eleven arches, \
                        and the keeper of the gate lived there.";

    fn objections(claim: &str) -> [bool; 3] {
        let source = Passage::of_document("castle.txt", TEXT, Span::new(0..TEXT.len()), 0);
        let Objections { lacks_number, lacks_name, says_opposite } =
            Objections::of(claim, TEXT, &source);
        [lacks_number, lacks_name, says_opposite]
    }

    #[test]
    fn numbers_names_and_opposites_speak_against_a_claim() {
        assert_eq!(objections("The northern gate had 11 arches."), [false; 3]);
        assert_eq!(objections("The northern gate had 12 arches."), [true, false, false]);
        assert_eq!(objections("The gate of Zebulon was opened."), [false, true, false]);
        assert_eq!(objections("The southern gate was opened."), [false, false, true]);
        assert_eq!(objections("The Castle was opened in 1591."), [false; 3], "its name");
    }

    #[test]
    fn in_other_languages_only_digits_and_names_are_compared() {
        let text = "Das nördliche Tor der Burg wurde im Jahr 1591 geöffnet. Es ist das Tor, das die \
                    Burg mit der Stadt und dem Hafen verband.";
        let source = Passage::of_document("burg.txt", text, Span::new(0..text.len()), 0);
        let of = |claim| Objections::of(claim, text, &source);
        let none = Objections::default();
        assert_eq!(of("Das Tor der Burg wurde 1591 geöffnet."), none);
        assert_eq!(
            of("Das Tor der Burg wurde 1592 geöffnet."),
            Objections { lacks_number: true, ..none }
        );
    }

    #[test]
    fn a_score_is_the_weighted_sum_of_all_signs() {
        let calibration = ClaimCalibration {
            supported_weight: 0.5,
            cosine_weight: 4.0,
            missing_number: -2.0,
            missing_name: -1.5,
            opposite: -1.0,
            bias: -3.0,
            supported_from: 1.0,
        };
        assert_eq!(calibration.score(2.0, 0.75, Objections::default()), 1.0);
        let all = Objections { lacks_number: true, lacks_name: true, says_opposite: true };
        assert_eq!(calibration.score(2.0, 0.75, all), -3.5);
    }
}

//! How often claims of each label and kind are accepted.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::refusal::auroc;
use crate::Failure;

/// The label of claims that their passage supports.
const SUPPORTED: &str = "supported";
/// The share of these at which the precision of scores is told.
const TOLD_RECALL: f64 = 0.8;

/// A claim that was judged.
pub(super) struct Judged {
    pub(super) label: String,
    pub(super) kind: String,
    pub(super) is_accepted: bool,
    /// None where words alone judge.
    pub(super) score: Option<f32>,
    pub(super) seconds: f64,
}

impl Judged {
    fn is_supported(&self) -> bool {
        self.label == SUPPORTED
    }
}

/// Prints precision and recall, what the scores tell, the time, and the accepted claims of each kind.
pub(super) fn print_report(judged: &[Judged]) -> Result<(), Failure> {
    let supported = judged.iter().filter(|it| it.is_supported()).count();
    if supported == 0 {
        return Err("The file holds no claim that its passage supports.".into());
    }
    let accepted = judged.iter().filter(|it| it.is_accepted);
    let right = accepted.clone().filter(|it| it.is_supported()).count() as f64;
    let mut out = io::stdout();
    writeln!(out, "precision  {:.3}", right / accepted.count().max(1) as f64)?;
    writeln!(out, "recall     {:.3}", right / supported as f64)?;
    print_scores(judged)?;
    let seconds: f64 = judged.iter().map(|it| it.seconds).sum();
    writeln!(out, "ms a claim {:.1}", 1000.0 * seconds / judged.len() as f64)?;
    let mut kinds: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    for claim in judged {
        let [accepted, all] = kinds.entry((&*claim.label, &*claim.kind)).or_default();
        *accepted += usize::from(claim.is_accepted);
        *all += 1;
    }
    writeln!(out, "\nlabel      kind         accepted of")?;
    for ((label, kind), [accepted, all]) in kinds {
        writeln!(out, "{label:<10} {kind:<12} {accepted:>8} {all}")?;
    }
    Ok(())
}

/// Prints how well the scores tell supported claims from all others, and from altered ones.
fn print_scores(judged: &[Judged]) -> Result<(), Failure> {
    let scores = |has: &dyn Fn(&Judged) -> bool| -> Vec<f32> {
        judged.iter().filter(|it| has(it)).filter_map(|it| it.score).collect()
    };
    let supported = scores(&Judged::is_supported);
    let others = scores(&|it| !it.is_supported());
    let altered = scores(&|it| it.label == "altered");
    if supported.is_empty() || others.is_empty() {
        return Ok(());
    }
    let mut out = io::stdout();
    let precision = precision_at_recall(&supported, &others);
    writeln!(out, "AUROC      {:.3}", auroc(&supported, &others))?;
    writeln!(out, "AUROC beside altered claims {:.3}", auroc(&supported, &altered))?;
    writeln!(out, "precision at recall {TOLD_RECALL} {precision:.3}")?;
    Ok(())
}

/// The precision with the highest threshold that keeps this share of what is supported.
fn precision_at_recall(supported: &[f32], others: &[f32]) -> f64 {
    let mut ordered = supported.to_vec();
    ordered.sort_by(|a, b| b.total_cmp(a));
    let kept = (TOLD_RECALL * ordered.len() as f64).ceil() as usize;
    let threshold = ordered[kept.max(1) - 1];
    let above = |scores: &[f32]| scores.iter().filter(|score| **score >= threshold).count() as f64;
    let right = above(supported);
    right / (right + above(others))
}

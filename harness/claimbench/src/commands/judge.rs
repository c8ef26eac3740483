//! `claimbench judge`: the verdicts of a run, from its record alone.

use anyhow::anyhow;
use model::verdict::Outcome;

use crate::cli::JudgeArgs;
use crate::definitions::Root;
use crate::expected;
use crate::failure::{Exit, Failure, Means};
use crate::print;
use crate::registration::mark_exploratory;
use crate::stored_run::read_run;

/// Judges a run.
///
/// # Errors
/// When the record cannot be read, or a verdict is one of `--fail-on`'s or not as `--expect` says.
pub fn judge(args: &JudgeArgs, root: Option<&Root>) -> Result<(), Failure> {
    let (_, record) = read_run(&args.run)?;
    let analysis = judge::analyse(&record);
    let mut verdicts = judge::verdicts(&record, &analysis);
    mark_exploratory(&mut verdicts, &record, root);
    let expected = expected::read(args.expect.as_deref(), &verdicts)?;
    if args.json {
        print::result(&report::verdicts_json(&verdicts))?;
    } else {
        print::result(&report::terminal_table(&verdicts))?;
    }
    for (claim, why) in verdicts.iter().filter_map(|found| Some((&found.claim, found.exploratory.as_ref()?))) {
        print::note(&format!("{claim} is exploratory: {why}"));
    }
    if record.cut_off {
        print::note("the record's last line was cut off and is left out; `run --resume` measures that trial again");
    }
    let fail_on: Vec<Outcome> = args.fail_on.iter().map(|&verdict| verdict.into()).collect();
    let differing = expected::differences(&expected, &verdicts);
    let hits: Vec<String> = verdicts
        .iter()
        .filter(|verdict| fail_on.contains(&verdict.outcome) && expected.of(&verdict.claim).is_empty())
        .map(|verdict| format!("{} is {}", verdict.claim, verdict.outcome.in_words()))
        .collect();
    conditions(&[("--expect", differing), ("--fail-on", hits)])
}

/// Fails where a condition holds, with all that it holds for.
fn conditions(conditions: &[(&str, Vec<String>)]) -> Result<(), Failure> {
    let met = conditions.iter().filter(|(_, hits)| !hits.is_empty());
    let met: Vec<String> = met.map(|(option, hits)| format!("{option}: {}", hits.join(", "))).collect();
    if met.is_empty() {
        return Ok(());
    }
    Err(anyhow!("{}", met.join("; "))).means(Exit::Condition)
}

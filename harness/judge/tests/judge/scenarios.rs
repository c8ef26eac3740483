//! The scenarios of the judge's examination: what is true, what the machine does beside, and which verdicts are right and wrong.

use model::verdict::Outcome;

use crate::builder::{Kind, Truth};
use crate::world::{Shape, Stealing, World};

/// Blocks of the quick and of the standard profile.
pub(crate) const QUICK: u32 = 6;
const STANDARD: u32 = 15;
/// Spread of an arm's log number between blocks: the log-ratio of two arms then scatters by 0.115, as that of `gil-threads` did in the
/// published run, which has the widest spread for its margin of all claims there that came out definite.
const SPREAD: f64 = 0.0813;
/// A margin that is small for that spread.
const MARGIN: f64 = 0.1;
/// How far from the border, in margins, a truth lies that must be found.
const BEYOND: f64 = 1.5;
/// A ratio that lies beyond every border, whatever the machine does.
const FAR: f64 = 9.0;
/// Off the border by nothing that any number of blocks could tell.
const HAIR: f64 = 1e-9;

/// One scenario.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) at: &'static str,
    pub(crate) truths: Vec<Truth>,
    pub(crate) blocks: u32,
    pub(crate) right: Outcome,
    pub(crate) least_right: f64,
}

/// Where the truth lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum At {
    /// On the border, a hair outside of the region.
    BorderOutside,
    /// On the border, a hair inside.
    BorderInside,
    /// One and a half margins inside (equivalence: in its middle).
    Inside,
    /// One and a half margins outside.
    Outside,
}

const EVERYWHERE: [At; 4] = [At::BorderOutside, At::BorderInside, At::Inside, At::Outside];
const BORDERS: [At; 2] = [At::BorderOutside, At::BorderInside];
const REGIONS: [&str; 4] = ["greater", "at-most", "equivalent", "non-inferior"];

impl Scenario {
    /// Whether the other one is this one from the other side of the border: a hair away, which no run can tell, so that what is wrong here is
    /// right there.
    pub(crate) fn is_turned_over(&self, other: &Self) -> bool {
        let place = |of: &Self| (of.name, of.truths[0].region, of.truths[0].load, of.blocks, of.truths.len());
        let at_border = |of: &Self| BORDERS.iter().any(|at| at.in_words() == of.at);
        place(self) == place(other) && at_border(self) && at_border(other) && self.right != other.right
    }
}

impl At {
    fn in_words(self) -> &'static str {
        match self {
            Self::BorderOutside => "border, outside",
            Self::BorderInside => "border, inside",
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }

    pub(crate) fn right(self) -> Outcome {
        match self {
            Self::BorderOutside | Self::Outside => Outcome::Refuted,
            Self::BorderInside | Self::Inside => Outcome::Supported,
        }
    }

    /// The log-ratio that is true.
    pub(crate) fn theta(self, region: &str, margin: f64) -> f64 {
        let d = margin.ln_1p();
        // The border, and which way leads out of the region.
        let (border, out) = match region {
            "greater" => (d, -1.0),
            "at-most" | "equivalent" => (d, 1.0),
            _ => (-d, -1.0),
        };
        match self {
            Self::BorderOutside => border + out * HAIR,
            Self::BorderInside => border - out * HAIR,
            Self::Inside if region == "equivalent" => 0.0,
            Self::Inside => border - out * BEYOND * d,
            Self::Outside => border + out * BEYOND * d,
        }
    }
}

/// All scenarios.
pub(crate) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for blocks in [QUICK, STANDARD] {
        for region in REGIONS {
            all.extend(EVERYWHERE.map(|at| one("ideal", region, at, blocks, World::default(), Shape::Normal)));
        }
    }
    // An "at most" claim with the same border asks the same of the same interval.
    for (name, world, shape) in machines() {
        for blocks in [QUICK, STANDARD] {
            all.extend(BORDERS.map(|at| one(name, "greater", at, blocks, world, shape)));
        }
    }
    for (name, world, shape) in machines().into_iter().filter(|(name, ..)| LATENCY_TOO.contains(name)) {
        all.extend(BORDERS.map(|at| latency(one(name, "at-most", at, STANDARD, world, shape))));
    }
    all.extend([At::BorderOutside, At::Inside, At::Outside].map(family));
    for (here, elsewhere) in LIES {
        all.extend(lying(here));
        all.extend(lying(elsewhere).into_iter().map(from_elsewhere));
    }
    all
}

/// The scenarios of adaptive effort: at the borders, where looking often could err most.
pub(crate) fn adaptive() -> Vec<Scenario> {
    let of_machines = ["heavy tails", "skewed", "skewed baseline only"];
    let machines = machines().into_iter().filter(|(name, ..)| of_machines.contains(name));
    let of = |(name, world, shape)| {
        let regions = ["greater", "equivalent"].into_iter();
        regions.flat_map(move |region| EVERYWHERE.map(|at| one(name, region, at, STANDARD, world, shape)))
    };
    std::iter::once(("ideal", World::default(), Shape::Normal)).chain(machines).flat_map(of).collect()
}

/// By how many margins the harness is off, and the scenario's name where the claim stands beside the controls, and where it does not.
type Lie = (&'static str, f64);
const LIES: [(Lie, Lie); 5] = [
    (("honest A/A", 0.0), ("honest A/A elsewhere", 0.0)),
    (("A/A lies by half a margin", 0.5), ("A/A elsewhere lies by half a margin", 0.5)),
    (("A/A lies by a margin", 1.0), ("A/A elsewhere lies by a margin", 1.0)),
    (("A/A lies by one and a half margins", 1.5), ("A/A elsewhere lies by one and a half margins", 1.5)),
    (("A/A lies by two margins", 2.0), ("A/A elsewhere lies by two margins", 2.0)),
];

/// A session whose controls show that the harness itself is off.
fn lying((name, margins): Lie) -> Vec<Scenario> {
    // Slower is a lower rate: it makes "greater" look refuted.
    let world = World { lie: Some(margins * MARGIN.ln_1p()), ..World::default() };
    [At::BorderInside, At::Inside].map(|at| one(name, "greater", at, STANDARD, world, Shape::Normal)).to_vec()
}

/// The same with the controls in the experiment of another claim, which is never judged wrong: its truth is far on the right side.
fn from_elsewhere(scenario: Scenario) -> Scenario {
    let claim = scenario.truths[0].clone();
    let beside = Truth { claim: "beside", family: "beside", ratio: FAR, ..claim.clone() };
    let lie_unseen = claim.world.lie.unwrap_or(0.0);
    let apart = Truth { world: World { lie: None, lie_unseen, ..claim.world }, ..claim };
    Scenario { truths: vec![beside, apart], ..scenario }
}

/// The machines that are also tried with response times.
const LATENCY_TOO: [&str; 3] = ["heavy tails", "steals from both", "steals from the treatment"];

/// The machines that are not ideal.
fn machines() -> Vec<(&'static str, World, Shape)> {
    let ideal = World::default();
    let with = |name, world| (name, world, Shape::Normal);
    vec![
        ("heavy tails", ideal, Shape::HeavyTails),
        ("skewed", ideal, Shape::Skewed),
        ("skewed baseline only", World { unequal: -5.0, ..ideal }, Shape::Skewed),
        ("skewed treatment only", World { unequal: 5.0, scale: -5.0, ..ideal }, Shape::Skewed),
        ("skewed, one arm half as much", World { unequal: -0.7, ..ideal }, Shape::Skewed),
        with("unequal spread", World { unequal: 1.0, ..ideal }),
        with("drift", World { drift: 0.05, ..ideal }),
        with("order effect", World { order: 0.1, ..ideal }),
        with("outlier blocks", World { outliers: 0.7, ..ideal }),
        with("steals from both", World { stealing: Stealing::Alike, ..ideal }),
        with("steals from the baseline", World { stealing: Stealing::Baseline, ..ideal }),
        with("steals from the treatment", World { stealing: Stealing::Treatment, ..ideal }),
    ]
}

fn one(name: &'static str, region: &'static str, at: At, blocks: u32, world: World, shape: Shape) -> Scenario {
    let ratio = at.theta(region, MARGIN).exp();
    let truth = Truth { region, margin: MARGIN, spread: SPREAD, shape, world, ..Truth::of(ratio) };
    // Equivalence has no place one and a half margins inside, so that no power is asked for there.
    let far = at == At::Outside || (at == At::Inside && region != "equivalent");
    let least_right = if far && blocks == STANDARD && ["ideal", "honest A/A"].contains(&name) { 0.8 } else { 0.0 };
    Scenario { name, at: at.in_words(), truths: vec![truth], blocks, right: at.right(), least_right }
}

fn latency(mut scenario: Scenario) -> Scenario {
    for truth in &mut scenario.truths {
        (truth.load, truth.baseline) = (Kind::P99, 8_000.0);
    }
    scenario
}

/// Three claims of one family, all of which are as true as the first; a wrong verdict on any of them counts.
fn family(at: At) -> Scenario {
    let scenario = one("family of three", "greater", at, STANDARD, World::default(), Shape::Normal);
    let first = scenario.truths[0].clone();
    let truths = ["one", "two", "three"].map(|claim| Truth { claim, ..first.clone() }).to_vec();
    Scenario { truths, ..scenario }
}

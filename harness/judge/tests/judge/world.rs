//! The simulated machine: how its trials scatter, drift and are disturbed, with everything known that a real machine hides.

use stats::random::SplitMix;

/// How blocks scatter; every shape has mean 0 and a size of about 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Normal,
    /// Most blocks near the truth, some far above it (exponential).
    Skewed,
    /// Student's *t* with two degrees of freedom: no finite variance.
    HeavyTails,
}

/// What a machine does beside the ideal: nothing, where everything is left at its default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct World {
    /// By how much the treatment's spread is greater than the baseline's, as a log ratio.
    pub(crate) unequal: f64,
    /// By how much the spread of both is greater than the usual one, as a log ratio.
    pub(crate) scale: f64,
    /// How much slower each block is than the one before it, as a log ratio.
    pub(crate) drift: f64,
    /// How much slower each place in a block is than the one before it, as a log ratio.
    pub(crate) order: f64,
    /// A trial in ten is this much slower, as a log ratio.
    pub(crate) outliers: f64,
    /// Whose time the host steals.
    pub(crate) stealing: Stealing,
    /// The session has controls of its own, and its harness lies: the treatment, and an arm that is measured again, come out this much
    /// slower, as a log ratio. Nothing where the session has no controls.
    pub(crate) lie: Option<f64>,
    /// What the harness adds to the treatment in an experiment without controls: those of another experiment show it.
    pub(crate) lie_unseen: f64,
}

/// A host that steals time in bursts, as the one did on which the published run was made: four trials in ten lose a twentieth of their
/// time and more. It is seen in the samples, as there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Stealing {
    #[default]
    Nothing,
    /// From both arms alike.
    Alike,
    /// From the baseline only: rates look better than they are.
    Baseline,
    /// From the treatment only.
    Treatment,
}

/// How many trials in a hundred are hit by an outlier.
const OUTLIERS_PERCENT: usize = 10;
/// How many in a hundred meet a burst.
const BURSTS_PERCENT: usize = 40;
/// The mean share of time that a burst takes.
const BURST_SHARE: f64 = 0.08;
/// What a quiet trial loses.
const QUIET_SHARE: f64 = 0.001;
/// The most that any trial loses.
const MOST_SHARE: f64 = 0.6;

/// What an arm is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Baseline,
    Treatment,
    Again,
    Delayed,
}

/// The place of a trial in the run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) block: u32,
    pub(crate) position: u32,
    pub(crate) role: Role,
}

impl World {
    /// How much slower a trial is than its arm's truth, as a log ratio; stolen time left aside.
    pub(crate) fn slowing(&self, random: &mut SplitMix, place: Place) -> f64 {
        let outlier = if random.index(100) < OUTLIERS_PERCENT { self.outliers } else { 0.0 };
        let lie = match place.role {
            Role::Treatment => self.lie.unwrap_or(0.0) + self.lie_unseen,
            Role::Again => self.lie.unwrap_or(0.0),
            Role::Baseline | Role::Delayed => 0.0,
        };
        self.drift * f64::from(place.block) + self.order * f64::from(place.position) + outlier + lie
    }

    /// By how much the spread of a trial is greater than the usual one.
    pub(crate) fn spread_factor(&self, place: Place) -> f64 {
        let unequal = if place.role == Role::Treatment { self.unequal } else { 0.0 };
        (self.scale + unequal).exp()
    }

    /// The share of its time that the host takes from a trial.
    pub(crate) fn stolen(&self, random: &mut SplitMix, place: Place) -> f64 {
        let burst = random.index(100) < BURSTS_PERCENT;
        let share = QUIET_SHARE - BURST_SHARE * (1.0 - uniform(random)).ln();
        let hit = match self.stealing {
            Stealing::Nothing => false,
            Stealing::Alike => true,
            Stealing::Baseline => place.role == Role::Baseline,
            Stealing::Treatment => place.role == Role::Treatment,
        };
        if burst && hit { share.min(MOST_SHARE) } else { QUIET_SHARE }
    }
}

/// One draw of a shape.
pub(crate) fn noise(random: &mut SplitMix, shape: Shape) -> f64 {
    match shape {
        Shape::Normal => normal(random),
        Shape::Skewed => -(1.0 - uniform(random)).ln() - 1.0,
        // A normal over the root of an exponential is Student's t with two degrees of freedom.
        Shape::HeavyTails => normal(random) / (-(1.0 - uniform(random)).ln()).sqrt(),
    }
}

/// Box and Muller 1958.
fn normal(random: &mut SplitMix) -> f64 {
    let radius = (-2.0 * (1.0 - uniform(random)).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(random)).cos()
}

fn uniform(random: &mut SplitMix) -> f64 {
    (random.bits() >> 11) as f64 / (1_u64 << 53) as f64
}

//! What the author of a reference server writes in `server.toml`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::define::workload::Service;
use crate::names::{ModeName, ParameterName, RuntimeName, ServerName};

mod not_offered;

pub use not_offered::{Needed, NotOffered, Offer, not_offered};

/// A reference server: how it is set up and started, and which routes of the contract it offers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// The name, the same as the folder's.
    pub name: ServerName,
    /// The name as readers know it, such as "Express".
    pub title: String,
    /// One sentence on what it is.
    pub about: String,
    /// The language of the app.
    pub language: Language,
    /// Its one colour in every chart (Okabe and Ito's palette, safe for the colour-blind).
    pub colour: Colour,
    /// Its one marker in every chart.
    pub marker: Marker,
    /// The lock file from which its dependencies come, relative to the folder.
    pub lock: String,
    /// The mode taken where none is named.
    pub default_mode: ModeName,
    /// The routes of CONTRACT.md it offers.
    pub routes: Vec<String>,
    /// The runtimes it may run on; arms that name none take `default_runtime`, or the only one.
    pub runtimes: BTreeMap<RuntimeName, RuntimeRequirement>,
    /// The runtime taken where none is named; may be left out where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_runtime: Option<RuntimeName>,
    /// The ways of running it.
    pub modes: BTreeMap<ModeName, Mode>,
    /// Every setting that differs from a default, with its reason.
    #[serde(default)]
    pub settings: Vec<Setting>,
    /// Its own tests and linters, in its own ecosystem's runners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<OwnTests>,
}

/// How a server is tested by the tools of its own ecosystem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnTests {
    /// The lock file with what the tests need, the server's own dependencies included.
    pub lock: String,
    /// The commands, run in the server's folder; `{python}` and `{node}` are filled in. Each must end well.
    pub commands: Vec<Vec<String>>,
}

/// A language that reference servers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Language {
    /// CPython.
    Python,
    /// JavaScript on Node.js.
    Javascript,
    /// Rust.
    Rust,
}

/// Okabe and Ito's colours (Color Universal Design, 2008).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Colour {
    /// `#000000`
    Black,
    /// `#E69F00`
    Orange,
    /// `#56B4E9`
    SkyBlue,
    /// `#009E73`
    BluishGreen,
    /// `#F0E442`
    Yellow,
    /// `#0072B2`
    Blue,
    /// `#D55E00`
    Vermilion,
    /// `#CC79A7`
    ReddishPurple,
}

/// The shape that marks a server's points, so that no chart hangs on colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Marker {
    /// ●
    Circle,
    /// ■
    Square,
    /// ▲
    Triangle,
    /// ◆
    Diamond,
    /// ✕
    Cross,
    /// ＋
    Plus,
}

/// What a runtime must be to run the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeRequirement {
    /// The kind of runtime.
    pub kind: RuntimeKind,
    /// The accepted versions, as a semver requirement such as `">=3.11"`.
    pub version: String,
    /// Whether it must be CPython's free-threaded build; a build with the GIL where left out.
    #[serde(default)]
    pub free_threaded: bool,
    /// Another runtime of this server of which this one must have the same X.Y version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matches: Option<RuntimeName>,
    /// The lock file for this runtime, where it needs another than the server's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// The server's routes that cannot be offered on this runtime, since a dependency does not run on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<String>,
}

impl Server {
    /// Whether it is an instrument and not under test: one that is built from this workspace, such as the calibration server.
    #[must_use]
    pub fn is_instrument(&self) -> bool {
        self.language == Language::Rust
    }

    /// The routes it offers in a mode on a runtime.
    #[must_use]
    pub fn routes_on(&self, mode: &ModeName, runtime: &RuntimeName) -> Vec<String> {
        let lacks = self.runtimes.get(runtime).map_or(&[][..], |runtime| &runtime.lacks);
        let adds = self.modes.get(mode).map_or(&[][..], |mode| &mode.adds);
        self.routes.iter().chain(adds).filter(|route| !lacks.contains(route)).cloned().collect()
    }

    /// The lock file that the dependencies of a mode on a runtime come from: the mode's, the runtime's or the server's own.
    #[must_use]
    pub fn lock_on(&self, mode: &ModeName, runtime: &RuntimeName) -> &str {
        let of_mode = self.modes.get(mode).and_then(|mode| mode.lock.as_deref());
        let of_runtime = || self.runtimes.get(runtime).and_then(|runtime| runtime.lock.as_deref());
        of_mode.or_else(of_runtime).unwrap_or(&self.lock)
    }
}

/// Kinds of runtimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuntimeKind {
    /// A CPython interpreter; dependencies by pip into a virtual environment.
    Cpython,
    /// Node.js; dependencies by `npm ci --ignore-scripts`.
    Node,
    /// A binary of this workspace, built by cargo.
    Cargo,
}

/// One way of running a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mode {
    /// One sentence on what it is.
    pub about: String,
    /// How many processes serve: a number, or a parameter in braces.
    pub processes: String,
    /// The runtimes it runs on; all of the server's where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtimes: Option<Vec<RuntimeName>>,
    /// The lock file for this mode, where it needs more than the server's other modes: what they need not, they do not install.
    /// Relative to the folder; one of npm lies in a folder of its own, beside its `package.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lock: Option<String>,
    /// What it needs of the machine beside the workload's services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<Service>,
    /// The command and its arguments; `{python}`, `{node}`, `{binary}`, `{port}`, `{upstream}`, `{state}`, `{nginx}` and
    /// the mode's parameters in braces are filled in.
    pub command: Vec<String>,
    /// Further environment variables, filled in likewise.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Whether it starts one process more at SIGTTIN.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub grows: bool,
    /// Routes of CONTRACT.md that it offers beside the server's, in this mode only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adds: Vec<String>,
    /// The parameters that arms may set.
    #[serde(default)]
    pub parameters: BTreeMap<ParameterName, Parameter>,
}

impl Mode {
    /// Whether it may run on a runtime of its server.
    #[must_use]
    pub fn runs_on(&self, runtime: &RuntimeName) -> bool {
        self.runtimes.as_ref().is_none_or(|runtimes| runtimes.contains(runtime))
    }

    /// How many processes serve with the parameters that an arm sets; nothing where the mode does not say it in a way that can be read.
    #[must_use]
    pub fn processes_with(&self, parameters: &BTreeMap<ParameterName, u32>) -> Option<u32> {
        let set = |(name, bounds): (&ParameterName, &Parameter)| {
            let is_meant = self.processes == format!("{{{name}}}");
            is_meant.then(|| parameters.get(name).copied().unwrap_or(bounds.default))
        };
        self.parameters.iter().find_map(set).or_else(|| self.processes.parse().ok())
    }
}

/// A whole number that an arm may set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// One sentence on what it sets.
    pub about: String,
    /// The value where an arm sets none.
    pub default: u32,
    /// The least value.
    pub min: u32,
    /// The greatest value.
    pub max: u32,
}

/// A setting that differs from its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The setting, as it is written.
    pub setting: String,
    /// The modes it is made in; all where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modes: Option<Vec<ModeName>>,
    /// Why it differs.
    pub reason: String,
    /// The deployment guide that recommends it.
    pub guide: String,
}

/// The placeholders that every command may use beside its mode's parameters.
pub const PLACEHOLDERS: [&str; 7] = ["python", "node", "binary", "port", "upstream", "state", "nginx"];

/// The names in braces in a text, in order.
pub fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

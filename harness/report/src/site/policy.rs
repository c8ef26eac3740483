//! The page's own script and style sheet, and the content security policy that lets nothing else run or load.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::draw::ink::{css_classes, css_variables};

/// Search, filter, values on hover, switchable series: an addition, without which every page can be read.
pub(crate) const SCRIPT: &str = include_str!("script.js");

const STYLE: &str = include_str!("style.css");
/// The most series of a chart that can be switched off.
pub(crate) const SWITCHES: usize = 12;

/// The whole style sheet.
pub(crate) fn style() -> String {
    let switch = |number: usize| format!(".off-k{number} .k{number}{{display:none}}");
    let switches: String = (1..=SWITCHES).map(switch).collect();
    format!("{}{}{STYLE}{switches}\n", css_variables(), css_classes())
}

/// The policy: this very script and style sheet by their hashes, and nothing from anywhere.
pub(crate) fn policy(style: &str) -> String {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(style)
    )
}

fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

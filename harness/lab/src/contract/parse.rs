//! Reads CONTRACT.md: its routes from the headings, its cases from the fenced `toml` blocks.

use std::collections::BTreeMap;
use std::path::Path;

use model::define::workload::Service;
use serde::Deserialize;

use super::{Case, Dialogue};

/// All routes and cases of the contract.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contract {
    /// The routes that have a heading, such as `/cpu`.
    pub routes: Vec<String>,
    /// The cases, in the order in which they stand.
    pub cases: Vec<Case>,
    /// The dialogues over WebSocket, likewise.
    pub dialogues: Vec<Dialogue>,
    /// The services that routes need.
    pub needs: BTreeMap<String, Vec<Service>>,
    /// Headers that no answer has, each with the modes of which that is not asked, as `server:mode`.
    pub nowhere: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Block {
    #[serde(default)]
    case: Vec<Case>,
    #[serde(default)]
    dialogue: Vec<Dialogue>,
    #[serde(default)]
    needs: BTreeMap<String, Vec<Service>>,
    #[serde(default)]
    nowhere: BTreeMap<String, Vec<String>>,
}

/// Why there is no contract.
#[derive(Debug, thiserror::Error)]
pub enum ContractError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {error}")]
    Unreadable {
        /// The file.
        file: String,
        /// What happened.
        error: std::io::Error,
    },
    /// A block is no list of cases.
    #[error("{file}:{line}: the toml block that begins here has a mistake: {message}")]
    Block {
        /// The file.
        file: String,
        /// The line of the block's fence, from 1.
        line: usize,
        /// What the parser said.
        message: String,
    },
    /// There is nothing to check.
    #[error("{file}: it has no `[[case]]`; each route needs some, in blocks fenced by ```toml")]
    Empty {
        /// The file.
        file: String,
    },
}

impl Contract {
    /// Reads the contract from its file.
    ///
    /// # Errors
    /// When the file cannot be read, a block has a mistake, or there is no case.
    pub fn read(path: &Path) -> Result<Self, ContractError> {
        let file = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| ContractError::Unreadable { file: file.clone(), error })?;
        Self::parse(&file, &text)
    }

    /// Reads the contract from its text; `file` is its name in messages.
    ///
    /// # Errors
    /// When a block has a mistake, or there is no case.
    pub fn parse(file: &str, text: &str) -> Result<Self, ContractError> {
        let mut contract = Self { routes: text.lines().flat_map(routes).collect(), ..Self::default() };
        for (line, block) in blocks(text) {
            let wrong = |error: toml::de::Error| ContractError::Block {
                file: file.to_owned(),
                line,
                message: error.to_string().trim_end().to_owned(),
            };
            let block = toml::from_str::<Block>(&block).map_err(wrong)?;
            contract.cases.extend(block.case);
            contract.dialogues.extend(block.dialogue);
            contract.needs.extend(block.needs);
            contract.nowhere.extend(block.nowhere);
        }
        if contract.cases.is_empty() {
            return Err(ContractError::Empty { file: file.to_owned() });
        }
        Ok(contract)
    }

    /// The services that some routes need, each once.
    #[must_use]
    pub fn services_for(&self, routes: &[String]) -> Vec<Service> {
        let needs = |service: &Service| {
            let mut of_routes = routes.iter().filter_map(|route| self.needs.get(route));
            of_routes.any(|needed| needed.contains(service))
        };
        Service::ALL.into_iter().filter(needs).collect()
    }
}

/// The routes of a heading: `/cpu` for `## GET /cpu/{kernel}`, two for `## GET /a and /b: …`.
fn routes(line: &str) -> impl Iterator<Item = String> {
    let heading = line.strip_prefix("## ").and_then(|heading| heading.trim().split_once(' '));
    let is_method = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let paths = heading.filter(|(method, _)| is_method(method)).map_or("", |(_, paths)| paths);
    let words = paths.split(' ').filter(|word| word.starts_with('/'));
    words.map(|word| word.trim_end_matches([',', ':', '.']).split("/{").next().unwrap_or_default().to_owned())
}

/// The text of every fenced `toml` block, with the line of its fence.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line.trim_end() == "```toml" {
            let block: Vec<&str> =
                lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```")).collect();
            blocks.push((number + 1, block.join("\n")));
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::define::workload::Method;

    const TEXT: &str = "# Contract\n\n## GET /cpu/{kernel}\n\n```json\n{}\n```\n\n```toml\n[[case]]\nname = \"a\"\npath = \
                        \"/cpu/x?n=1\"\n[case.expect]\njson = { n = 1 }\njson_types = { n = \"integer\" }\n```\n\n```toml\n\
                        [[case]]\nname = \"b\"\nmethod = \"POST\"\npath = \"/\"\nexpect = { status = 405 }\n```\n";

    #[test]
    fn routes_and_cases_are_read() {
        let contract = Contract::parse("CONTRACT.md", TEXT).expect("it is right");
        assert_eq!(contract.routes, ["/cpu"]);
        assert_eq!(contract.cases.len(), 2);
        assert_eq!((contract.cases[0].method, contract.cases[0].expect.status), (Method::Get, 200));
        assert_eq!((contract.cases[1].method, contract.cases[1].expect.status), (Method::Post, 405));
    }

    #[test]
    fn what_routes_need_is_read() {
        let text = format!("{TEXT}```toml\n[needs]\n\"/cpu\" = [\"redis\", \"upstream\"]\n```\n");
        let contract = Contract::parse("CONTRACT.md", &text).expect("it is right");
        assert_eq!(contract.services_for(&["/cpu".to_owned()]), [Service::Upstream, Service::Redis]);
        assert!(contract.services_for(&["/plain".to_owned()]).is_empty());
    }

    #[test]
    fn a_heading_may_name_several_routes() {
        let found = |line| routes(line).collect::<Vec<_>>();
        assert_eq!(found("## GET /null, /delay and /body: the calibration server only"), ["/null", "/delay", "/body"]);
        assert_eq!(found("## GET /cpu/{kernel}"), ["/cpu"]);
        assert!(found("## All routes").is_empty() && found("GET /x").is_empty());
    }

    #[test]
    fn a_mistake_is_placed() {
        let error = Contract::parse("CONTRACT.md", &TEXT.replace("POST", "POTS")).expect_err("POTS is no method");
        let text = error.to_string();
        assert!(text.starts_with("CONTRACT.md:18:") && text.contains("POTS"), "{text}");
        assert!(matches!(Contract::parse("CONTRACT.md", "# nothing\n"), Err(ContractError::Empty { .. })));
    }

    #[test]
    fn the_projects_own_contract_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-servers/CONTRACT.md");
        let contract = Contract::read(&path).expect("the contract is right");
        assert!(contract.routes.iter().any(|route| route == "/plain"));
        assert!(contract.cases.len() > 10);
        assert_eq!(contract.nowhere.keys().collect::<Vec<_>>(), ["content-encoding", "etag", "set-cookie"]);
        for (status, header) in [(401, "www-authenticate"), (405, "allow")] {
            let mut such = contract.cases.iter().filter(|case| case.expect.status == status);
            let forgotten = such.find(|case| !case.expect.headers.contains_key(header));
            assert_eq!(forgotten.map(|case| &case.name), None, "every {status} names its {header}");
        }
    }
}

//! Counts source text by its syntax tree: lines that hold something of the program, logical lines, tokens.

use std::collections::BTreeSet;
use std::path::Path;

use model::proxies::SourceSize;
use serde_json::Value;
use tree_sitter::{Node, Parser};

use super::ProxyError;

/// Notes for people, which the program does not have.
const COMMENTS: [&str; 3] = ["comment", "html_comment", "hash_bang_line"];
/// Texts and patterns; each is one token where nothing in it is filled in.
const TEXTS: [&str; 3] = ["string", "template_string", "regex"];
/// What is filled in.
const FILLED_IN: [&str; 2] = ["interpolation", "template_substitution"];

/// A language as far as counting needs to know it.
pub(super) struct Grammar {
    /// The language's name.
    name: &'static str,
    /// How the names of its files end.
    pub(super) ending: &'static str,
    language: tree_sitter::Language,
    /// The kinds of nodes that are statements or declarations.
    statements: BTreeSet<String>,
}

impl Grammar {
    pub(super) fn python() -> Self {
        Self {
            name: "Python",
            ending: "py",
            language: tree_sitter_python::LANGUAGE.into(),
            statements: members(
                tree_sitter_python::NODE_TYPES,
                &["_simple_statement", "_compound_statement"],
                &["decorated_definition"],
            ),
        }
    }

    pub(super) fn javascript() -> Self {
        Self {
            name: "JavaScript",
            ending: "js",
            language: tree_sitter_javascript::LANGUAGE.into(),
            statements: members(
                tree_sitter_javascript::NODE_TYPES,
                &["statement", "declaration"],
                &["statement_block", "empty_statement"],
            ),
        }
    }

    /// Counts one file.
    pub(super) fn count(&self, file: &Path, text: &str) -> Result<SourceSize, ProxyError> {
        let mut parser = Parser::new();
        parser.set_language(&self.language).map_err(|_| ProxyError::Grammar(self.name))?;
        let tree = parser.parse(text, None).filter(|tree| !tree.root_node().has_error());
        let wrong = || ProxyError::Syntax { file: file.to_owned(), language: self.name };
        let tree = tree.ok_or_else(wrong)?;
        let mut tally = Tally::new(&self.statements);
        let mut cursor = tree.walk();
        loop {
            if tally.visit(cursor.node()) && cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return Ok(tally.size());
                }
            }
        }
    }
}

/// The members of a grammar's own groups of nodes, by its table of them, but for those that only hold others, which count for themselves.
fn members(node_types: &str, groups: &[&str], holders: &[&str]) -> BTreeSet<String> {
    let types: Vec<Value> = serde_json::from_str(node_types).unwrap_or_default();
    let name = |of: &Value| of.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let wanted = types.iter().filter(|found| groups.contains(&name(found).as_str()));
    let all = wanted.filter_map(|group| group.get("subtypes").and_then(Value::as_array)).flatten().map(name);
    all.filter(|kind| !holders.contains(&kind.as_str())).collect()
}

struct Tally<'g> {
    statements: &'g BTreeSet<String>,
    lines: BTreeSet<usize>,
    logical_lines: u64,
    tokens: u64,
}

impl<'g> Tally<'g> {
    const fn new(statements: &'g BTreeSet<String>) -> Self {
        Self { statements, lines: BTreeSet::new(), logical_lines: 0, tokens: 0 }
    }

    /// Takes in a node; whether its children are to be looked at.
    fn visit(&mut self, node: Node<'_>) -> bool {
        if COMMENTS.contains(&node.kind()) || only_documents(node) {
            return false;
        }
        if self.statements.contains(node.kind()) && !holds_declaration(node) {
            self.logical_lines += 1;
        }
        if node.child_count() > 0 && !is_whole_text(node) {
            return true;
        }
        if node.start_byte() < node.end_byte() {
            self.tokens += 1;
            self.lines.extend(node.start_position().row..=node.end_position().row);
        }
        false
    }

    fn size(&self) -> SourceSize {
        SourceSize { files: 1, lines: self.lines.len() as u64, logical_lines: self.logical_lines, tokens: self.tokens }
    }
}

/// A statement that is nothing but a text: it documents what it stands in.
fn only_documents(node: Node<'_>) -> bool {
    node.kind() == "expression_statement"
        && node.child_count() == 1
        && node.child(0).is_some_and(|only| only.kind() == "string" && is_whole_text(only))
}

/// `export const x = 1` is one declaration, not two.
fn holds_declaration(node: Node<'_>) -> bool {
    node.kind() == "export_statement" && node.child_by_field_name("declaration").is_some()
}

fn is_whole_text(node: Node<'_>) -> bool {
    let filled_in = |node: Node<'_>| node.children(&mut node.walk()).any(|child| FILLED_IN.contains(&child.kind()));
    TEXTS.contains(&node.kind()) && !filled_in(node)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::process::Command;

    use super::*;

    fn counted(grammar: &Grammar, text: &str) -> SourceSize {
        grammar.count(Path::new("a file"), text).expect("it is of the language")
    }

    /// Counted by hand: each line with its statements and tokens behind it.
    #[test]
    fn javascript_is_counted_as_by_hand() {
        let text = "\
#!/usr/bin/env node
// A note.
import { a } from './a.js'; //   1 statement, 7 tokens
/* Another
   one. */
export const b = (x) => `${x}!` + 'c d'; // 1, 17: the template is filled in
export default function f() { // 1, 7
  if (a) return /[a-z]+/u; //      2, 7: if, return
  for (const c of [1, 2]) { //     1, 12
    b(c); //                       1, 5
  }
}
";
        let found = counted(&Grammar::javascript(), text);
        assert_eq!((found.files, found.lines, found.logical_lines), (1, 8, 7), "{found:?}");
        // `export const b = ( x ) => ` is 8; the template: two ticks, `${`, x, `}`, `!`, 6; then `+`, the text, `;`.
        let by_line = [7, 8 + 6 + 3, 7, 7, 12, 5, 1, 1];
        assert_eq!(found.tokens, by_line.iter().sum::<u64>(), "{found:?}");
    }

    /// What CPython itself makes of a file: statements by `ast`, tokens by `tokenize`, both without what only documents.
    const BY_CPYTHON: &str = r#"
import ast, io, sys, tokenize
text = open(sys.argv[1]).read()
words = list(tokenize.generate_tokens(io.StringIO(text).readline))
skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
nodes = list(ast.walk(ast.parse(text)))
documents = [n for n in nodes if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant) and isinstance(n.value.value, str)]
# To CPython an `elif` is an `if` inside the `else`.
elifs = sum(word.string == 'elif' for word in words)
statements = sum(isinstance(n, ast.stmt) for n in nodes) - len(documents) - elifs
tokens = sum(word.type not in skipped for word in words) - len(documents)
print(statements, tokens)
"#;

    fn by_cpython(file: &Path) -> (u64, u64) {
        let output = Command::new("python3").args(["-c", BY_CPYTHON]).arg(file).output().expect("python3 is there");
        let text = String::from_utf8(output.stdout).expect("numbers");
        let numbers: Vec<u64> = text.split_whitespace().map(|number| number.parse().expect("a number")).collect();
        let [statements, tokens] = numbers[..] else { panic!("{}", String::from_utf8_lossy(&output.stderr)) };
        (statements, tokens)
    }

    #[test]
    fn python_is_counted_as_cpython_counts() {
        let text = "\
\"\"\"What it is.\"\"\"
import os, sys  # a note
@property
async def f(a, *, b: int = 3) -> None:
    'What it does.'
    x = [y ** 2 for y in a if y != 'a b'
         and y]
    if a: return
    elif b: raise ValueError('no') from None
    else:
        with open(r'c\\d') as c, c: pass
    lambda: (yield)
class C(dict): z: int = 1; w = b\"x\"
";
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("some.py");
        fs::write(&file, text).expect("writable");
        let found = counted(&Grammar::python(), text);
        assert_eq!((found.logical_lines, found.tokens), by_cpython(&file), "{found:?}");
        assert_eq!((found.lines, found.logical_lines), (11, 12), "{found:?}");
    }

    #[test]
    fn the_python_servers_have_as_many_statements_as_cpython_finds_in_them() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../reference-servers");
        let mut compared = 0;
        for server in ["django", "fastapi", "flask"] {
            let entries = folder.join(server).read_dir().expect("its folder").flatten().map(|entry| entry.path());
            let sources: Vec<PathBuf> =
                entries.filter(|path| path.extension().is_some_and(|end| end == "py")).collect();
            for file in sources {
                let found = counted(&Grammar::python(), &fs::read_to_string(&file).expect("it can be read"));
                assert_eq!(found.logical_lines, by_cpython(&file).0, "{}", file.display());
                compared += 1;
            }
        }
        assert!(compared > 30, "{compared}");
    }
}

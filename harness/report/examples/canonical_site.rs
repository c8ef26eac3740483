//! Writes the site of the canonical record into a folder, to look at: `cargo run -p report --example canonical_site DIR`.

#[path = "../tests/support/mod.rs"]
mod support;

fn main() -> std::io::Result<()> {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| "canonical-site".to_owned()));
    for artifact in support::canonical().render() {
        let path = folder.join(&artifact.path);
        std::fs::create_dir_all(path.parent().unwrap_or(&folder))?;
        std::fs::write(path, artifact.bytes)?;
    }
    Ok(())
}

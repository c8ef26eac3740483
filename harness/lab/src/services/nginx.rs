//! nginx, which a mode of a server starts in front of itself: where it is. From the machine only; no registry has a wheel of it.

use std::path::PathBuf;

use super::found::Wanted;

pub(super) const WANTED: Wanted = Wanted {
    service: "nginx",
    setting: "CLAIMBENCH_NGINX",
    programs: &["nginx"],
    asks_version: "-v",
    // Not on the PATH of ordinary users.
    usual: || ["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from).to_vec(),
    accepts: |_| Ok(()),
    package: None,
    remedy: "install nginx (Debian: apt-get install nginx-light), or name the folder of nginx in CLAIMBENCH_NGINX",
};

/// The program; nothing where the machine has none.
pub(crate) fn program() -> Option<PathBuf> {
    let found = WANTED.on_machine().ok()??;
    Some(found.folder.join(WANTED.programs[0]))
}

//! Who runs a service: the harness's own user, or an unprivileged account where the harness is root.

use std::os::unix::fs::lchown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::{Uid, User, geteuid};

use super::ServiceError;

/// The accounts that root gives a service to, in this order.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// Who runs a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// Whoever runs the harness.
    Own,
    /// Somebody else, since root must not.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// The account for this process's services.
    pub(super) fn choose() -> Result<Self, ServiceError> {
        Self::chosen(geteuid(), |name| User::from_name(name).ok().flatten())
    }

    fn chosen(own: Uid, find: impl Fn(&str) -> Option<User>) -> Result<Self, ServiceError> {
        if !own.is_root() {
            return Ok(Self::Own);
        }
        let found = UNPRIVILEGED.into_iter().filter_map(find).find(|user| !user.uid.is_root());
        let user = found.ok_or(ServiceError::NoAccount)?;
        Ok(Self::Other { uid: user.uid.as_raw(), gid: user.gid.as_raw() })
    }

    /// Lets a program be run by this account: the standard library changes group and user before `exec`, and drops root's
    /// further groups.
    pub(super) fn runs(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a folder and all in it to this account.
    pub(super) fn owns(self, path: &Path) -> Result<(), ServiceError> {
        let Self::Other { uid, gid } = self else { return Ok(()) };
        give(path, uid, gid).map_err(ServiceError::file(format!("giving {} away", path.display())))
    }
}

fn give(path: &Path, uid: u32, gid: u32) -> std::io::Result<()> {
    lchown(path, Some(uid), Some(gid))?;
    if path.symlink_metadata()?.is_dir() {
        for entry in path.read_dir()? {
            give(&entry?.path(), uid, gid)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, uid: u32) -> User {
        let mut user = User::from_uid(geteuid()).expect("readable").expect("this process has a user");
        user.name = name.to_owned();
        user.uid = Uid::from_raw(uid);
        user
    }

    #[test]
    fn root_gives_services_away_and_others_keep_them() {
        let nobody = |name: &str| (name == "nobody").then(|| user(name, 65_534));
        assert_eq!(Account::chosen(Uid::from_raw(1000), nobody).expect("its own"), Account::Own);
        let given = Account::chosen(Uid::from_raw(0), nobody).expect("there is nobody");
        assert!(matches!(given, Account::Other { uid: 65_534, .. }), "{given:?}");
        let root_in_disguise = |name: &str| Some(user(name, 0));
        assert!(matches!(Account::chosen(Uid::from_raw(0), root_in_disguise), Err(ServiceError::NoAccount)));
    }
}

//! Where generator and server run: a core each, as far as the machine has them.

use anyhow::anyhow;
use model::machine::{Layout, Machine, lay_out};

/// The machine and its two sides.
pub(crate) struct Place {
    pub(crate) machine: Machine,
    layout: Layout,
}

impl Place {
    pub(crate) fn find() -> anyhow::Result<Self> {
        let machine = lab::machine::look();
        let layout = lay_out(&machine, 1).ok_or_else(|| anyhow!("there is no processor to run on"))?;
        Ok(Self { machine, layout })
    }

    /// Puts the calling thread, and the processes that it starts from now on, where generators run.
    pub(crate) fn go_to_generator(&self) -> anyhow::Result<()> {
        Ok(lab::machine::pin_current_thread(&self.layout.generator)?)
    }

    /// Puts the calling thread, and the processes that it starts from now on, where the server runs.
    pub(crate) fn go_to_server(&self) -> anyhow::Result<()> {
        Ok(lab::machine::pin_current_thread(&self.layout.server)?)
    }

    /// Takes the calling thread off its core again.
    pub(crate) fn go_anywhere(&self) -> anyhow::Result<()> {
        let all: Vec<u16> = self.machine.cpus.iter().map(|cpu| cpu.id).collect();
        Ok(lab::machine::pin_current_thread(&all)?)
    }

    /// Whether both sides have to share a core.
    pub(crate) fn is_shared(&self) -> bool {
        self.layout.is_shared()
    }
}

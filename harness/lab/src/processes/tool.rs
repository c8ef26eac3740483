//! Runs a tool such as pip to its end, with a time limit, and keeps what it said.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::{ProcessGroup, last_lines};

/// How often is looked whether a tool has ended.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How many of a failed tool's last lines are shown.
const SHOWN_LINES: usize = 12;

/// Why a tool did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It cannot be run.
    #[error("`{tool}` cannot be run: {error}")]
    Unrunnable {
        /// The tool.
        tool: String,
        /// What happened.
        error: std::io::Error,
    },
    /// It failed.
    #[error("`{tool}` failed ({status}):\n{}", last_lines(output, SHOWN_LINES))]
    Failed {
        /// The tool and its first arguments.
        tool: String,
        /// How it ended.
        status: String,
        /// What it said.
        output: String,
    },
    /// It took too long.
    #[error("`{tool}` was stopped after {limit_s} s; its last lines:\n{}", last_lines(output, SHOWN_LINES))]
    TooLong {
        /// The tool and its first arguments.
        tool: String,
        /// The limit in seconds.
        limit_s: u64,
        /// What it said.
        output: String,
    },
    /// The run was interrupted meanwhile.
    #[error("interrupted")]
    Interrupted,
}

impl ToolError {
    /// What the tool said, where it said anything.
    #[must_use]
    pub fn output(&self) -> &str {
        match self {
            Self::Failed { output, .. } | Self::TooLong { output, .. } => output,
            Self::Unrunnable { .. } | Self::Interrupted => "",
        }
    }
}

/// Runs a tool and gives what it wrote, to both outputs.
pub(crate) fn run_tool(command: Command, limit: Duration, interrupted: &AtomicBool) -> Result<String, ToolError> {
    let tool = in_words(&command);
    let deadline = Instant::now() + limit;
    let mut group = match ProcessGroup::spawn(command, None) {
        Ok(group) => group,
        Err(error) => return Err(ToolError::Unrunnable { tool, error }),
    };
    loop {
        if let Some(status) = group.ended() {
            let output = group.output();
            return if status.success() {
                Ok(output)
            } else {
                Err(ToolError::Failed { tool, status: status.to_string(), output })
            };
        }
        if interrupted.load(Ordering::Relaxed) {
            return Err(ToolError::Interrupted);
        }
        if Instant::now() > deadline {
            group.stop();
            return Err(ToolError::TooLong { tool, limit_s: limit.as_secs(), output: group.output() });
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// The tool and its first few arguments; scripts given in an argument are left out.
fn in_words(command: &Command) -> String {
    const SHOWN_ARGUMENTS: usize = 4;
    let arguments = command.get_args().map(|argument| argument.to_string_lossy()).filter(|text| !text.contains('\n'));
    let words: Vec<String> = std::iter::once(command.get_program().to_string_lossy())
        .chain(arguments.take(SHOWN_ARGUMENTS))
        .map(|word| word.into_owned())
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    static NOT_INTERRUPTED: AtomicBool = AtomicBool::new(false);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn the_output_and_the_failure_are_told() {
        let limit = Duration::from_secs(10);
        assert_eq!(run_tool(shell("echo out; echo err >&2"), limit, &NOT_INTERRUPTED).expect("it ends"), "out\nerr\n");
        let error = run_tool(shell("echo why; exit 7"), limit, &NOT_INTERRUPTED).expect_err("it fails");
        assert!(error.to_string().contains("why") && error.to_string().contains('7'), "{error}");
    }

    #[test]
    fn a_tool_that_takes_too_long_is_stopped() {
        let began = Instant::now();
        let error = run_tool(shell("echo waits; sleep 30"), Duration::from_millis(50), &NOT_INTERRUPTED);
        assert!(matches!(&error, Err(ToolError::TooLong { output, .. }) if output == "waits\n"), "{error:?}");
        assert!(began.elapsed() < Duration::from_secs(5));
        let error = run_tool(shell("sleep 30"), Duration::from_secs(30), &AtomicBool::new(true));
        assert!(matches!(error, Err(ToolError::Interrupted)));
    }
}

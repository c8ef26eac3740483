//! What a server or tool writes to its output: the last of it is kept, the rest is dropped.

use std::collections::VecDeque;
use std::io::{PipeReader, PipeWriter, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How much of a log is kept: several long stack traces, or what cargo says of one package.
const KEPT_BYTES: usize = 256 * 1024;
/// How many of the last lines are shown.
const TAIL_LINES: usize = 20;

/// The end of a server's output so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    kept: Arc<Mutex<VecDeque<u8>>>,
    complete: Arc<AtomicBool>,
}

impl Log {
    /// A log, and the pipe's end that the server writes to. A thread reads the other until every writer is gone.
    pub(crate) fn open() -> std::io::Result<(Self, PipeWriter)> {
        let (reader, writer) = std::io::pipe()?;
        let log = Self::default();
        let kept = log.clone();
        std::thread::Builder::new().name("server log".to_owned()).spawn(move || {
            kept.read(reader);
            kept.complete.store(true, Ordering::Release);
        })?;
        Ok((log, writer))
    }

    fn read(&self, mut reader: PipeReader) {
        let mut buffer = [0; 4096];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => self.push(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn push(&self, bytes: &[u8]) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(bytes);
        let surplus = kept.len().saturating_sub(KEPT_BYTES);
        kept.drain(..surplus);
    }

    /// The last lines.
    pub(crate) fn tail(&self) -> String {
        last_lines(&self.text(), TAIL_LINES)
    }

    /// All that is kept.
    pub(crate) fn text(&self) -> String {
        let kept: Vec<u8> = self.kept.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        String::from_utf8_lossy(&kept).into_owned()
    }

    /// Whether every writer is gone and all was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.load(Ordering::Acquire)
    }
}

/// The last lines of a text.
pub(crate) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_is_kept() {
        let log = Log::default();
        for number in 0..20_000 {
            log.push(format!("line {number}\n").as_bytes());
        }
        let tail = log.tail();
        assert_eq!(tail.lines().count(), TAIL_LINES);
        assert!(tail.starts_with("line 19980\n") && tail.ends_with("line 19999"), "{tail}");
        assert!(log.kept.lock().expect("not poisoned").len() <= KEPT_BYTES);
    }
}

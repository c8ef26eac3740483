//! Analysis, gates and verdicts, from a run record alone.

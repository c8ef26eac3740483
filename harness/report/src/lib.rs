//! Charts, exporters and the site, from analysis and verdicts alone.

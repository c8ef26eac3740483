"""Reads a run's files for other tools as others read them: JSON and XML by their schemas, histograms by the Python implementation of
HdrHistogram. Prints what it read, or every mistake.

usage: read.py SITE
"""

import json
import math
import pathlib
import sys

import fastjsonschema
import xmlschema
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

HERE = pathlib.Path(__file__).parent
HOUR_NS = 3_600_000_000_000
# Three significant digits, and a table rounded to a microsecond.
TOLERANCE, ROUNDING_MS = 0.002, 0.001


def json_by(schema, path):
    fastjsonschema.compile(json.loads((HERE / schema).read_text()))(json.loads(path.read_text()))


def junit(path):
    tree = xmlschema.XMLSchema(str(HERE / "junit.xsd"))
    tree.validate(str(path))


def histograms(log, table):
    total, reader = HdrHistogram(1, HOUR_NS, 3), HistogramLogReader(str(log), HdrHistogram(1, HOUR_NS, 3))
    intervals = 0
    while (interval := reader.get_next_interval_histogram()) is not None:
        total.add(interval)
        intervals += 1
    rows = [line.split() for line in table.read_text().splitlines()[2:] if not line.startswith("#")]
    for value_ms, share, *_ in rows:
        # The Python implementation takes the nearest rank; the original and the table take the next one up.
        rank = math.ceil(float(share) * total.get_total_count() - 1e-6)
        there_ms = total.get_value_at_percentile(rank / total.get_total_count() * 100) / 1e6
        if abs(float(value_ms) - there_ms) > there_ms * TOLERANCE + ROUNDING_MS:
            raise ValueError(f"{share}: {value_ms} ms, but {there_ms} ms in the log")
    if rows and int(rows[-1][2]) != total.get_total_count():
        raise ValueError(f"{rows[-1][2]} values, but {total.get_total_count()} in the log")
    return intervals, len(rows)


def main(site):
    mistakes, intervals, rows = [], 0, 0
    checks = [
        ("bencher.json", lambda path: json_by("bencher-metric-format.json", path)),
        ("benchmark-bigger.json", lambda path: json_by("action-benchmark.json", path)),
        ("benchmark-smaller.json", lambda path: json_by("action-benchmark.json", path)),
        ("junit.xml", junit),
    ]
    for name, check in checks:
        try:
            check(site / name)
        except Exception as error:
            mistakes.append(f"{name}: {error}")
    for log in sorted(site.glob("histograms/*/*.hlog")):
        try:
            of_log, of_table = histograms(log, log.with_suffix(".hgrm"))
            intervals, rows = intervals + of_log, rows + of_table
        except Exception as error:
            mistakes.append(f"{log.name}: {error}")
    print("\n".join(mistakes) or f"read {len(checks)} files, {intervals} intervals and {rows} percentiles")
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))

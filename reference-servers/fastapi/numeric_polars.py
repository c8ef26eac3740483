"""The numeric kernels `group-by` and `window` by Polars; the other kernels are those of numeric.py."""

from functools import lru_cache

import polars as pl

from numeric import LEAST_VALUE, NUMERIC_KERNELS, TABLES_KEPT, WINDOW
from numeric_numpy import kept_rows

GROUP, VALUE = pl.col("group"), pl.col("value")
PLACE = GROUP.cast(pl.Int64) + 1


@lru_cache(TABLES_KEPT)
def kept_frame(n: int) -> pl.LazyFrame:
    groups, values = kept_rows(n)
    return pl.LazyFrame({"group": groups, "value": values})


def group_by(n: int) -> int:
    by_group = kept_frame(n).filter(VALUE >= LEAST_VALUE).group_by(GROUP).agg(pl.len().alias("count"), VALUE.sum())
    return by_group.select((PLACE * (pl.col("count") + VALUE)).sum()).collect().item()


def window(n: int) -> int:
    by_group = kept_frame(n).group_by(GROUP).agg(VALUE.rolling_sum(WINDOW).max())
    return by_group.select((PLACE * VALUE).sum()).collect().item()


RUNS = {"group-by": group_by, "window": window}
POLARS_KERNELS = NUMERIC_KERNELS | {name: NUMERIC_KERNELS[name]._replace(run=run) for name, run in RUNS.items()}

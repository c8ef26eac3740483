"""The schemas that a Python server needs a second time, beside the one module that Express and a browser share.

The cases are those of Express's `test/shared-validation.json`. Where the two sets of rules differ, the case says so.
"""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

import schemas

CASES = json.loads(Path(__file__).with_name("shared-validation.json").read_text(encoding="utf-8"))


def is_right(case):
    try:
        getattr(schemas, case["schema"]).model_validate(case["body"])
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_second_set_of_rules_says_what_the_case_says(case):
    assert is_right(case) == case.get("right_in_python", case["right"])


def test_the_two_sets_of_rules_have_drifted_apart_where_it_is_known():
    apart = [case["name"] for case in CASES if "right_in_python" in case]
    assert apart == ["a whole number written with a point"]

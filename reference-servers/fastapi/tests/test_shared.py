"""What the Python servers share: kernels, passwords, tokens, bodies. Copied like the files that it tests."""

import jwt
import pytest
from pydantic import ValidationError

import credentials
from kernels import KERNELS
from schemas import NewTask, Readings, mistakes

USER = {
    "password_salt": "c1a1b3c4d5e6f708192a3b4c5d6e7f80",
    "password_hash": "6ebf62916ff577ccf152f7f8b46c0da3e448a36cc03e0250ba78a31211b35a68",
}


@pytest.mark.parametrize(("name", "n", "result"), [("sieve", 10, 4), ("mandelbrot", 1, 1), ("edit-distance", 10, 7)])
def test_kernels_compute_what_the_contract_says(name, n, result):
    assert KERNELS[name].run(n) == result


def test_only_the_right_password_of_a_known_user_is_right():
    assert credentials.password_is_right("correct horse battery staple", USER)
    assert not credentials.password_is_right("correct horse battery stable", USER)
    assert not credentials.password_is_right("correct horse battery staple", None)


def test_a_token_names_its_user():
    assert credentials.user_of(f"Bearer {credentials.make_token(7)}") == 7


def test_a_token_is_refused_in_every_way_in_which_it_can_be_wrong():
    claims = {"iss": credentials.ISSUER, "sub": "7", "exp": 4_102_444_800}

    def bearer(key=credentials.SECRET, algorithm="HS256", **changed):
        sent = {name: value for name, value in (claims | changed).items() if value is not None}
        return f"Bearer {jwt.encode(sent, key, algorithm)}"

    assert credentials.user_of(bearer()) == 7
    refused = [
        bearer(exp=1),
        bearer(exp=None),
        bearer(iss="elsewhere"),
        bearer(sub=None),
        bearer(sub="root"),
        bearer(key="x" * 32),
        bearer(key=None, algorithm="none"),
        bearer().replace("Bearer", "Basic"),
        "Bearer",
        None,
    ]
    assert [credentials.user_of(header) for header in refused] == [None] * len(refused)


def test_members_are_of_their_own_type_and_within_their_bounds():
    assert NewTask.model_validate({"title": "x", "priority": 1}).priority == 1
    for wrong in [{"title": "x", "priority": "1"}, {"title": "x", "priority": True}, {"title": "", "priority": 1}]:
        with pytest.raises(ValidationError):
            NewTask.model_validate(wrong)
    with pytest.raises(ValidationError) as caught:
        Readings.model_validate({"device": "d\n", "readings": [{"at_ms": 2**53, "celsius": float("nan")}]})
    told = mistakes(caught.value.errors())
    assert [part.split(":")[0] for part in told.split("; ")] == ["device", "readings.0.at_ms", "readings.0.celsius"]

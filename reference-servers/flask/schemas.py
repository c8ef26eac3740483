"""The bodies of CONTRACT.md's requests, as pydantic checks them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# The most that JSON's numbers can tell apart from their neighbours everywhere.
WHOLE_NUMBER_MAX = 2**53 - 1

# PostgreSQL's texts hold every character but U+0000.
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Priority = Annotated[int, Field(ge=1, le=5)]


class Body(BaseModel):
    """Each member of its own type, and no other members."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Login(Body):
    email: ShortText
    password: ShortText


class NewTask(Body):
    title: ShortText
    priority: Priority


class ChangedTask(Body):
    title: ShortText
    priority: Priority
    done: bool


class Reading(Body):
    at_ms: Annotated[int, Field(ge=0, le=WHOLE_NUMBER_MAX)]
    celsius: Annotated[float, Field(ge=-1_000, le=1_000, allow_inf_nan=False)]


class Readings(Body):
    device: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
    readings: Annotated[list[Reading], Field(min_length=1, max_length=100)]


def mistakes(errors: list[dict]) -> str:
    """What pydantic found wrong, in one line."""
    return "; ".join(f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}" for error in errors)

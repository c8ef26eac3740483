"""The route of CONTRACT.md under /pages: a form, as a page in a browser sends it."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Depends, Form, HTTPException
from pydantic import BaseModel

router = APIRouter(prefix="/pages")


class Profile(BaseModel):
    nickname: str


async def in_session(session: Annotated[str | None, Cookie()] = None) -> None:
    if session != "claimbench":
        raise HTTPException(401, "A session is needed.", {"WWW-Authenticate": "Bearer"})


@router.post("/profile", dependencies=[Depends(in_session)])
async def profile(nickname: Annotated[str, Form(min_length=1, max_length=50)]) -> Profile:
    return Profile(nickname=nickname)

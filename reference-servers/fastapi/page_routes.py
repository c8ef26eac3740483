"""The route of CONTRACT.md under /pages: a form, as a page in a browser sends it."""

from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Cookie, HTTPException, Request
from pydantic import BaseModel

router = APIRouter(prefix="/pages")


class Profile(BaseModel):
    nickname: str


@router.post("/profile")
async def profile(request: Request, session: Annotated[str | None, Cookie()] = None) -> Profile:
    if session != "claimbench":
        raise HTTPException(401, "A session is needed.", {"WWW-Authenticate": "Bearer"})
    form = parse_qs((await request.body()).decode(errors="replace"))
    nickname = form.get("nickname", [""])[0]
    if not 1 <= len(nickname) <= 50:
        raise HTTPException(400, "nickname must be a text of 1 to 50 characters.")
    return Profile(nickname=nickname)

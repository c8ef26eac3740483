"""The routes of CONTRACT.md under /mobile: login by password, then a user's own tasks."""

from typing import Annotated

from asyncpg import Record
from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from credentials import TOKEN_SECONDS, make_token, password_is_right, user_of
from database import Database
from json_body import json_body
from schemas import ChangedTask, Login, NewTask

router = APIRouter(prefix="/mobile")


class Token(BaseModel):
    token: str
    expires_in: int


class Task(BaseModel):
    id: int
    title: str
    priority: int
    done: bool


class Page(BaseModel):
    tasks: list[Task]
    next: int | None


async def authenticated(authorization: Annotated[str | None, Header()] = None) -> int:
    user = user_of(authorization)
    if user is None:
        raise HTTPException(401, "A valid token is needed.", {"WWW-Authenticate": "Bearer"})
    return user


User = Annotated[int, Depends(authenticated)]
# What is no number at all is no task either.
TaskId = Annotated[str, Path(max_length=200)]


@router.post("/login", dependencies=[Depends(json_body)])
async def login(database: Database, body: Login) -> Token:
    text = "SELECT id, password_salt, password_hash FROM users WHERE email = $1"
    async with database.one() as connection:
        user = await connection.fetchrow(text, body.email)
    if not await run_in_threadpool(password_is_right, body.password, user):
        raise HTTPException(401, "The user or the password is wrong.", {"WWW-Authenticate": "Bearer"})
    return Token(token=make_token(user["id"]), expires_in=TOKEN_SECONDS)


@router.get("/tasks")
async def tasks(
    user: User,
    database: Database,
    after: Annotated[int, Query(ge=0, le=999_999_999)] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page:
    text = "SELECT id, title, priority, done FROM tasks WHERE owner_id = $1 AND id > $2 ORDER BY id LIMIT $3"
    async with database.one() as connection:
        # One more than asked for tells whether there is a next page.
        found = await connection.fetch(text, user, after, limit + 1)
    page = [Task(**task) for task in found[:limit]]
    return Page(tasks=page, next=page[-1].id if len(found) > limit else None)


@router.post("/tasks", status_code=201, dependencies=[Depends(json_body)])
async def make_task(user: User, database: Database, body: NewTask, response: Response) -> Task:
    text = "INSERT INTO tasks (owner_id, title, priority, done) VALUES ($1, $2, $3, false) RETURNING id"
    async with database.one() as connection:
        id = await connection.fetchval(text, user, body.title, body.priority)
    response.headers["Location"] = f"/mobile/tasks/{id}"
    return Task(id=id, title=body.title, priority=body.priority, done=False)


@router.get("/tasks/{id}")
async def task(user: User, database: Database, id: TaskId) -> Task:
    text = "SELECT id, title, priority, done FROM tasks WHERE id = $1 AND owner_id = $2"
    return Task(**await own_task(database, text, number(id), user))


@router.put("/tasks/{id}", dependencies=[Depends(json_body)])
async def change_task(user: User, database: Database, id: TaskId, body: ChangedTask) -> Task:
    text = (
        "UPDATE tasks SET title = $3, priority = $4, done = $5 WHERE id = $1 AND owner_id = $2"
        " RETURNING id, title, priority, done"
    )
    return Task(**await own_task(database, text, number(id), user, body.title, body.priority, body.done))


@router.delete("/tasks/{id}", status_code=204)
async def remove_task(user: User, database: Database, id: TaskId) -> None:
    await own_task(database, "DELETE FROM tasks WHERE id = $1 AND owner_id = $2 RETURNING id", number(id), user)


async def own_task(database: Database, text: str, *values: int | str | bool) -> Record:
    """The one row that a statement gives, or a 404."""
    async with database.one() as connection:
        found = await connection.fetchrow(text, *values)
    if found is None:
        raise HTTPException(404, "There is no such task.")
    return found


def number(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    raise HTTPException(404, "There is no such task.")

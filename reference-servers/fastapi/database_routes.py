"""The routes of CONTRACT.md under /db: one row, many rows, and one row read and written."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from database import Database

router = APIRouter(prefix="/db")

Id = Annotated[int, Query(ge=1, le=10_000)]


class Product(BaseModel):
    id: int
    name: str
    price_cents: int


class Products(BaseModel):
    count: int
    rows: list[Product]


class Viewed(BaseModel):
    id: int
    name: str
    views: int


@router.get("/row")
async def row(database: Database, id: Id) -> Product:
    async with database.one() as connection:
        found = await connection.fetchrow("SELECT id, name, price_cents FROM products WHERE id = $1", id)
    if found is None:
        raise HTTPException(404, "There is no such product.")
    return Product(**found)


@router.get("/rows")
async def rows(database: Database, first: Id = 1, count: Annotated[int, Query(ge=1, le=500)] = 20) -> Products:
    text = "SELECT id, name, price_cents FROM products WHERE id >= $1 ORDER BY id LIMIT $2"
    async with database.one() as connection:
        found = await connection.fetch(text, first, count)
    return Products(count=len(found), rows=[Product(**one) for one in found])


@router.get("/search")
async def search(
    database: Database, name: Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
) -> Products:
    text = "SELECT id, name, price_cents FROM products WHERE name = $1 ORDER BY id LIMIT 100"
    async with database.one() as connection:
        found = await connection.fetch(text, name)
    return Products(count=len(found), rows=[Product(**one) for one in found])


@router.post("/read-write")
async def read_write(database: Database, id: Id) -> Viewed:
    async with database.one() as connection, connection.transaction():
        found = await connection.fetchrow("SELECT name, views FROM products WHERE id = $1 FOR UPDATE", id)
        if found is None:
            raise HTTPException(404, "There is no such product.")
        views = found["views"] + 1
        await connection.execute("UPDATE products SET views = $1 WHERE id = $2", views, id)
    return Viewed(id=id, name=found["name"], views=views)

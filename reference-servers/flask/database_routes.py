"""The routes of CONTRACT.md under /db: one row, many rows, and one row read and written."""

from flask import Blueprint, abort

from database import connection
from parameters import short_text, whole_number

LAST_ID = 10_000

blueprint = Blueprint("database", __name__, url_prefix="/db")


@blueprint.get("/row")
def row():
    id = whole_number("id", 1, LAST_ID)
    with connection() as database:
        found = database.execute("SELECT id, name, price_cents FROM products WHERE id = %s", [id]).fetchone()
    if found is None:
        abort(404, "There is no such product.")
    return found


@blueprint.get("/rows")
def rows():
    first = whole_number("first", 1, LAST_ID, default=1)
    count = whole_number("count", 1, 500, default=20)
    text = "SELECT id, name, price_cents FROM products WHERE id >= %s ORDER BY id LIMIT %s"
    with connection() as database:
        found = database.execute(text, [first, count]).fetchall()
    return {"count": len(found), "rows": found}


@blueprint.get("/search")
def search():
    name = short_text("name")
    text = "SELECT id, name, price_cents FROM products WHERE name = %s ORDER BY id LIMIT 100"
    with connection() as database:
        found = database.execute(text, [name]).fetchall()
    return {"count": len(found), "rows": found}


@blueprint.post("/read-write")
def read_write():
    id = whole_number("id", 1, LAST_ID)
    with connection() as database, database.transaction():
        text = "SELECT name, views FROM products WHERE id = %s FOR UPDATE"
        found = database.execute(text, [id]).fetchone()
        if found is None:
            abort(404, "There is no such product.")
        views = found["views"] + 1
        database.execute("UPDATE products SET views = %s WHERE id = %s", [views, id])
    return {"id": id, "name": found["name"], "views": views}

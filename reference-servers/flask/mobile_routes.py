"""The routes of CONTRACT.md under /mobile: login by password, then a user's own tasks."""

from flask import Blueprint, abort, request
from werkzeug.datastructures import WWWAuthenticate

from bodies import body
from credentials import TOKEN_SECONDS, make_token, password_is_right, user_of
from database import connection
from parameters import whole_number
from schemas import ChangedTask, Login, NewTask

blueprint = Blueprint("mobile", __name__, url_prefix="/mobile")


@blueprint.post("/login")
def login():
    sent = body(Login)
    text = "SELECT id, password_salt, password_hash FROM users WHERE email = %s"
    with connection() as database:
        user = database.execute(text, [sent.email]).fetchone()
    if not password_is_right(sent.password, user):
        unauthorized("The user or the password is wrong.")
    return {"token": make_token(user["id"]), "expires_in": TOKEN_SECONDS}


@blueprint.get("/tasks")
def tasks():
    user = authenticated()
    after = whole_number("after", 0, 999_999_999, default=0)
    limit = whole_number("limit", 1, 100, default=20)
    text = "SELECT id, title, priority, done FROM tasks WHERE owner_id = %s AND id > %s ORDER BY id LIMIT %s"
    with connection() as database:
        # One more than asked for tells whether there is a next page.
        found = database.execute(text, [user, after, limit + 1]).fetchall()
    page = found[:limit]
    return {"tasks": page, "next": page[-1]["id"] if len(found) > limit else None}


@blueprint.post("/tasks")
def make_task():
    user, sent = authenticated(), body(NewTask)
    text = (
        "INSERT INTO tasks (owner_id, title, priority, done) VALUES (%s, %s, %s, false)"
        " RETURNING id, title, priority, done"
    )
    with connection() as database:
        task = database.execute(text, [user, sent.title, sent.priority]).fetchone()
    return task, 201, {"Location": f"/mobile/tasks/{task['id']}"}


@blueprint.get("/tasks/<int:id>")
def task(id):
    text = "SELECT id, title, priority, done FROM tasks WHERE id = %s AND owner_id = %s"
    return own_task(text, [id, authenticated()])


@blueprint.put("/tasks/<int:id>")
def change_task(id):
    user, sent = authenticated(), body(ChangedTask)
    text = (
        "UPDATE tasks SET title = %s, priority = %s, done = %s WHERE id = %s AND owner_id = %s"
        " RETURNING id, title, priority, done"
    )
    return own_task(text, [sent.title, sent.priority, sent.done, id, user])


@blueprint.delete("/tasks/<int:id>")
def remove_task(id):
    own_task("DELETE FROM tasks WHERE id = %s AND owner_id = %s RETURNING id", [id, authenticated()])
    return "", 204


def own_task(text, values):
    """The one row that a statement gives, or a 404."""
    with connection() as database:
        found = database.execute(text, values).fetchone()
    if found is None:
        abort(404, "There is no such task.")
    return found


def authenticated():
    """The user whose token comes along, or a 401."""
    user = user_of(request.headers.get("Authorization"))
    if user is None:
        unauthorized("A valid token is needed.")
    return user


def unauthorized(detail):
    abort(401, detail, www_authenticate=WWWAuthenticate("bearer"))

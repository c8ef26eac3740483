"""The routes of CONTRACT.md under /mobile: login by password, then a user's own tasks."""

from django.http import HttpResponse, JsonResponse

from bodies import body
from credentials import TOKEN_SECONDS, make_token, password_is_right, user_of
from models import Task, User
from parameters import whole_number
from problems import ProblemError
from schemas import ChangedTask, Login, NewTask

MEMBERS = ("id", "title", "priority", "done")


def login(request):
    sent = body(request, Login)
    user = User.objects.filter(email=sent.email).values("id", "password_salt", "password_hash").first()
    if not password_is_right(sent.password, user):
        raise ProblemError(401, "The user or the password is wrong.")
    return JsonResponse({"token": make_token(user["id"]), "expires_in": TOKEN_SECONDS})


def tasks(request):
    user = authenticated(request)
    after = whole_number(request, "after", 0, 999_999_999, default=0)
    limit = whole_number(request, "limit", 1, 100, default=20)
    # One more than asked for tells whether there is a next page.
    found = list(Task.objects.filter(owner_id=user, id__gt=after).order_by("id").values(*MEMBERS)[: limit + 1])
    page = found[:limit]
    return JsonResponse({"tasks": page, "next": page[-1]["id"] if len(found) > limit else None})


def make_task(request):
    user, sent = authenticated(request), body(request, NewTask)
    task = Task.objects.create(owner_id=user, title=sent.title, priority=sent.priority)
    return JsonResponse(members(task), status=201, headers={"Location": f"/mobile/tasks/{task.id}"})


def task(request, id):
    return JsonResponse(members(own_task(authenticated(request), id)))


def change_task(request, id):
    user, sent = authenticated(request), body(request, ChangedTask)
    task = own_task(user, id)
    task.title, task.priority, task.done = sent.title, sent.priority, sent.done
    task.save(update_fields=["title", "priority", "done"])
    return JsonResponse(members(task))


def remove_task(request, id):
    removed, _ = Task.objects.filter(id=id, owner_id=authenticated(request)).delete()
    if not removed:
        raise ProblemError(404, "There is no such task.")
    return HttpResponse(status=204)


def own_task(user, id):
    try:
        return Task.objects.get(id=id, owner_id=user)
    except Task.DoesNotExist as error:
        raise ProblemError(404, "There is no such task.") from error


def members(task):
    return {name: getattr(task, name) for name in MEMBERS}


def authenticated(request):
    """The user whose token comes along, or a 401."""
    user = user_of(request.headers.get("Authorization"))
    if user is None:
        raise ProblemError(401, "A valid token is needed.")
    return user

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
    content = {name: getattr(task, name) for name in MEMBERS}
    return JsonResponse(content, status=201, headers={"Location": f"/mobile/tasks/{task.id}"})


def task(request, id):
    return JsonResponse(found(own_task(request, id).values(*MEMBERS).first()))


def change_task(request, id):
    task, sent = own_task(request, id), body(request, ChangedTask).model_dump()
    found(task.update(**sent))
    return JsonResponse({"id": id, **sent})


def remove_task(request, id):
    removed, _ = own_task(request, id).delete()
    found(removed)
    return HttpResponse(status=204)


def own_task(request, id):
    """The task as a query, which finds nothing where it is somebody else's; or a 401."""
    return Task.objects.filter(id=id, owner_id=authenticated(request))


def found(answer):
    """What a query answered, or a 404 where that is nothing."""
    if not answer:
        raise ProblemError(404, "There is no such task.")
    return answer


def authenticated(request):
    """The user whose token comes along, or a 401."""
    user = user_of(request.headers.get("Authorization"))
    if user is None:
        raise ProblemError(401, "A valid token is needed.")
    return user

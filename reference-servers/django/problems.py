"""Errors as problem documents (RFC 9457): the exception, the answers, and the frame around each view."""

from asyncio import iscoroutinefunction
from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.http import JsonResponse


class ProblemError(Exception):
    """What a view raises to answer with a problem."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def problem(status: int, detail: str) -> JsonResponse:
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JsonResponse(content, status=status, headers=headers, content_type="application/problem+json")


def by_method(**views):
    """The view of a path: one view for each method it takes, all of them synchronous or all coroutines.

    `ProblemError`s are answered, and so is a database that cannot be reached.
    """
    allowed = ", ".join(views)

    if any(iscoroutinefunction(view) for view in views.values()):

        async def framed(request, **parts):
            view = views.get(request.method)
            try:
                return await view(request, **parts) if view else method_not_allowed(allowed)
            except ProblemError as error:
                return problem(error.status, error.detail)

    else:

        def framed(request, **parts):
            view = views.get(request.method)
            try:
                return view(request, **parts) if view else method_not_allowed(allowed)
            except ProblemError as error:
                return problem(error.status, error.detail)
            except RequestDataTooBig:
                return problem(413, "The body is too large.")
            except OperationalError:
                return problem(503, "The database cannot be reached.")

    # Another method gets its 405 and not a complaint about a missing token; no cookie gives rights here.
    framed.csrf_exempt = True
    return framed


def get_only(view):
    """The view of a path that takes GET alone."""
    return by_method(GET=view)


def method_not_allowed(allowed: str) -> JsonResponse:
    response = problem(405, "The method is not allowed for this route.")
    response["Allow"] = allowed
    return response


def bad_request(request, exception) -> JsonResponse:
    # A form is read by the check of where it comes from, before any view.
    if isinstance(exception, RequestDataTooBig):
        return problem(413, "The body is too large.")
    return problem(400, "The request cannot be read.")


def not_found(request, exception) -> JsonResponse:
    return problem(404, "There is no such route.")


def server_error(request) -> JsonResponse:
    return problem(500, "The server failed.")

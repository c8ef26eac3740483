"""Errors as problem documents (RFC 9457): the exception, the answers, and the frame around each view."""

from asyncio import iscoroutinefunction
from functools import wraps
from http import HTTPStatus

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
    return JsonResponse(content, status=status, content_type="application/problem+json")


def get_only(view):
    """A view, synchronous or not, that takes GET alone and whose `ProblemError`s are answered."""
    if iscoroutinefunction(view):

        @wraps(view)
        async def framed(request):
            if request.method != "GET":
                return method_not_allowed()
            try:
                return await view(request)
            except ProblemError as error:
                return problem(error.status, error.detail)

    else:

        @wraps(view)
        def framed(request):
            if request.method != "GET":
                return method_not_allowed()
            try:
                return view(request)
            except ProblemError as error:
                return problem(error.status, error.detail)

    # Another method gets its 405 and not a complaint about a missing token; no cookie gives rights here.
    framed.csrf_exempt = True
    return framed


def method_not_allowed() -> JsonResponse:
    response = problem(405, "The method is not allowed for this route.")
    response["Allow"] = "GET"
    return response


def bad_request(request, exception) -> JsonResponse:
    return problem(400, "The request cannot be read.")


def not_found(request, exception) -> JsonResponse:
    return problem(404, "There is no such route.")


def server_error(request) -> JsonResponse:
    return problem(500, "The server failed.")

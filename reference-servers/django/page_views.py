"""The route of CONTRACT.md under /pages: a form, as a page in a browser sends it.

A cookie gives rights here, so that the view is not exempt from Django's check of where a form comes from.
"""

from django.http import JsonResponse

from problems import ProblemError, method_not_allowed, problem


def profile(request):
    if request.method != "POST":
        return method_not_allowed("POST")
    try:
        return JsonResponse({"nickname": nickname(request)})
    except ProblemError as error:
        return problem(error.status, error.detail)


def nickname(request):
    if request.COOKIES.get("session") != "claimbench":
        raise ProblemError(401, "A session is needed.")
    text = request.POST.get("nickname", "")
    if 1 <= len(text) <= 50:
        return text
    raise ProblemError(400, "nickname must be a text of 1 to 50 characters.")


def csrf_failure(request, reason=""):
    """What Django's check answers with, in place of its page."""
    return problem(403, "Another site cannot send this.")

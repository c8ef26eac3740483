"""How the parameters of the query are read."""

from flask import abort, request


def whole_number(name, low, high, default=None):
    """A parameter of the query as a whole number within its bounds, or a 400."""
    text = request.args.get(name)
    if text is None and default is not None:
        return default
    if text is not None and text.isascii() and text.isdigit() and len(text) <= 9 and low <= int(text) <= high:
        return int(text)
    abort(400, f"{name} must be a whole number from {low} to {high}.")


def short_text(name):
    """A parameter of the query as a text of 1 to 200 characters, or a 400."""
    text = request.args.get(name, "")
    # PostgreSQL's texts hold every character but U+0000.
    if 1 <= len(text) <= 200 and "\0" not in text:
        return text
    abort(400, f"{name} must be a text of 1 to 200 characters.")

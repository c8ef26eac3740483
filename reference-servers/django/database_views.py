"""The routes of CONTRACT.md under /db, by Django's ORM: one row, many rows, and one row read and written.

Plain views under ASGI too: the ORM waits for the database in a thread, where Django runs them anyway.
"""

from django.db import transaction
from django.http import JsonResponse

from models import Product
from parameters import short_text, whole_number
from problems import ProblemError

LAST_ID = 10_000


def row(request):
    id = whole_number(request, "id", 1, LAST_ID)
    found = Product.objects.filter(id=id).values("id", "name", "price_cents").first()
    if found is None:
        raise ProblemError(404, "There is no such product.")
    return JsonResponse(found)


def rows(request):
    first = whole_number(request, "first", 1, LAST_ID, default=1)
    count = whole_number(request, "count", 1, 500, default=20)
    found = Product.objects.filter(id__gte=first).order_by("id").values("id", "name", "price_cents")
    found = list(found[:count])
    return JsonResponse({"count": len(found), "rows": found})


def search(request):
    name = short_text(request, "name")
    found = list(Product.objects.filter(name=name).order_by("id").values("id", "name", "price_cents")[:100])
    return JsonResponse({"count": len(found), "rows": found})


def read_write(request):
    id = whole_number(request, "id", 1, LAST_ID)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(id=id).first()
        if product is None:
            raise ProblemError(404, "There is no such product.")
        product.views += 1
        product.save(update_fields=["views"])
    return JsonResponse({"id": product.id, "name": product.name, "views": product.views})

"""The route of CONTRACT.md under /iot: readings of a device, stored by one statement."""

from django.http import JsonResponse

from bodies import body
from models import Reading
from schemas import Readings


def store(request):
    sent = body(request, Readings)
    rows = [Reading(device=sent.device, at_ms=one.at_ms, celsius=one.celsius) for one in sent.readings]
    Reading.objects.bulk_create(rows)
    return JsonResponse({"stored": len(rows)}, status=201)

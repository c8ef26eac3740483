"""The route of CONTRACT.md under /iot: readings of a device, stored by one statement."""

from flask import Blueprint

from bodies import body
from database import connection
from schemas import Readings

blueprint = Blueprint("iot", __name__, url_prefix="/iot")


@blueprint.post("/readings")
def store():
    sent = body(Readings)
    text = (
        "INSERT INTO readings (device, at_ms, celsius)"
        " SELECT %s, at_ms, celsius FROM unnest(%s::bigint[], %s::float8[]) AS sent (at_ms, celsius)"
    )
    times = [reading.at_ms for reading in sent.readings]
    temperatures = [reading.celsius for reading in sent.readings]
    with connection() as database:
        database.execute(text, [sent.device, times, temperatures])
    return {"stored": len(sent.readings)}, 201

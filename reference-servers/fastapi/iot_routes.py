"""The route of CONTRACT.md under /iot: readings of a device, stored by one statement."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from database import Database
from json_body import json_body
from schemas import Readings

router = APIRouter(prefix="/iot")


class Stored(BaseModel):
    stored: int


@router.post("/readings", status_code=201, dependencies=[Depends(json_body)])
async def store(database: Database, body: Readings) -> Stored:
    text = (
        "INSERT INTO readings (device, at_ms, celsius)"
        " SELECT $1, at_ms, celsius FROM unnest($2::bigint[], $3::float8[]) AS sent (at_ms, celsius)"
    )
    times = [reading.at_ms for reading in body.readings]
    temperatures = [reading.celsius for reading in body.readings]
    async with database.one() as connection:
        await connection.execute(text, body.device, times, temperatures)
    return Stored(stored=len(body.readings))

"""The mode `stock`: uvicorn and asyncpg with the settings that they come with."""

import tomllib
from pathlib import Path

import asyncpg
import pytest
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.loops.uvloop import uvloop_loop_factory
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

import database

SERVER = tomllib.loads(Path(__file__).parent.with_name("server.toml").read_text(encoding="utf-8"))
POOL_SETTINGS = {"min_size", "max_size", "max_queries", "max_cached_statement_lifetime", "reset", "timeout"}


def options(mode):
    """The options of a mode's command, without their values."""
    return [word for word in SERVER["modes"][mode]["command"] if word.startswith("--")]


def test_a_newcomer_says_where_to_listen_and_how_long_a_message_may_be():
    assert options("stock") == ["--host", "--port", "--ws-max-size"]
    of_stock = [each["setting"] for each in SERVER["settings"] if each.get("modes") == ["stock"]]
    assert of_stock == ["--ws-max-size 65536"]


def test_what_a_newcomer_lacks_is_said_to_be_for_other_modes():
    for_all = {each["setting"] for each in SERVER["settings"] if "stock" in each.get("modes", ["stock"])}
    assert not [setting for setting in for_all if setting.startswith("asyncpg")]
    told = {word for setting in for_all for word in setting.split() if word.startswith("--")}
    assert told <= set(options("stock"))


@pytest.mark.parametrize(("mode", "settings"), [("stock", set()), ("single", POOL_SETTINGS)])
def test_a_newcomer_has_asyncpgs_own_pool(monkeypatch, mode, settings):
    asked = {}
    monkeypatch.setenv("CLAIMBENCH_MODE", mode)
    monkeypatch.setattr(asyncpg, "create_pool", lambda url, **given: asked.update(given, url=url))
    database.create_pool()
    assert asked.keys() == settings | {"url"}


def test_what_uvicorn_finds_by_itself_is_what_the_other_modes_name():
    assert AutoHTTPProtocol is HttpToolsProtocol
    assert auto_loop_factory() is uvloop_loop_factory()

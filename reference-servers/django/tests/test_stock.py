"""The settings of the mode `stock`: what `startproject` writes, but for what these routes cannot have."""

from pathlib import Path
from runpy import run_path

import django

import settings_stock

TEMPLATE = Path(django.__file__).parent / "conf/project_template/project_name/settings.py-tpl"


def test_a_newcomer_gets_the_middleware_that_startproject_lists(tmp_path):
    written = tmp_path / "settings.py"
    written.write_text(TEMPLATE.read_text().replace("{{ secret_key }}", "secret"))
    theirs = run_path(str(written))
    assert theirs["MIDDLEWARE"] == settings_stock.MIDDLEWARE
    assert set(theirs["INSTALLED_APPS"]) - set(settings_stock.INSTALLED_APPS) == {
        "django.contrib.admin",
        "django.contrib.staticfiles",
    }


def test_a_newcomer_has_no_pool():
    assert settings_stock.DATABASES["default"]["OPTIONS"] == {}

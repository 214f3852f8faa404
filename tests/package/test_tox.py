"""``tox.ini``: settings that no other test covers."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("environment", ["live", "e2e", "guides", "demo"])
def test_environments_with_servers_have_time_to_stop_them(environment: str) -> None:
    """After Ctrl-C tox's defaults are a second SIGINT at once, SIGTERM after 0.3 and SIGKILL after 0.5 s."""
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    live, section = config["testenv:live"], config[f"testenv:{environment}"]
    for name in ("suicide_timeout", "interrupt_timeout", "terminate_timeout"):
        assert section[name] in (live[name], f"{{[testenv:live]{name}}}")
        assert float(live[name]) >= 10


def test_templates_are_checked_but_not_changed() -> None:
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "tox.ini")
    (djade,) = [line for line in config["testenv:lint"]["commands"].splitlines() if "djade" in line]
    assert "--check" in djade

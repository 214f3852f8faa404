from __future__ import annotations

import sys

import pytest

from django_ory.devstack.errors import DevstackError, import_dev_package


def test_installed_module_is_imported() -> None:
    assert import_dev_package("json") is sys.modules["json"]


def test_missing_module_raises_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosmtpd", None)
    monkeypatch.delitem(sys.modules, "aiosmtpd.controller", raising=False)
    with pytest.raises(DevstackError, match=r"needs the package aiosmtpd.*pip install 'django-ory\[dev\]'"):
        import_dev_package("aiosmtpd.controller")

"""``GuideRun``, which the tests of the docs pages use, on small pages."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from django_ory.devstack.ports import find_free_ports
from tests.support.guides import GuideError, GuideRun

PROJECT = """
# A project

```console
python -m pip install "django-ory[jwt]"
django-admin startproject shop
cd shop
```

```{code-block} python
:caption: shop/settings.py, at the end

SHOP = "http://localhost:1"
```

```{code-block} python
:caption: hello.py

from shop.settings import INSTALLED_APPS, SHOP
print("Hello", SHOP, len(INSTALLED_APPS) > 3)
```

```python
an_illustration()
```

```console
python hello.py
```

```text
Hello http://localhost:2 True
```

```console
python -m http.server --port 1
```
"""


def follow(folder: Path, text: str, **options: object) -> GuideRun:
    page = folder / "page.md"
    page.write_text(text)
    work = folder / "work"
    work.mkdir()
    with GuideRun(page, work, **options) as run:  # type: ignore[arg-type]
        return run.follow()


def test_page_of_a_project_is_followed(tmp_path: Path) -> None:
    replace = {"http://localhost:1": "http://localhost:2"}
    run = follow(tmp_path, PROJECT, replace=replace, skip=["python -m http.server"])
    assert run.outputs["python hello.py"] == "Hello http://localhost:2 True\n"
    assert run.skipped == ["python -m http.server --port 1"]
    assert [block.text for block in run.illustrations] == ["an_illustration()\n"]


def test_server_of_the_page_runs_until_the_end(tmp_path: Path) -> None:
    [port] = find_free_ports(1)
    serve = f"python -m http.server --bind localhost {port}"
    fetch = f"python -c \"import urllib.request as r; print(r.urlopen('http://localhost:{port}/').status)\""
    text = f"```console\n{serve}\n{fetch}\n```\n\n```text\n200\n```\n"
    follow(tmp_path, text, servers=["python -m http.server"])
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://localhost:{port}/", timeout=5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```console\npython -c 'import shop'\n```\n", "No module named 'shop'"),
        ("```console\ncurl http://localhost\n```\n", "cannot run"),
        ("```console\npython -m pip install django-ory[nonsense]\n```\n", "has no extra"),
        ("```console\npython -m pip install no-such-package-here\n```\n", "is not installed"),
        ("```console\npython -c 'print(1)'\n```\n\n```text\n2\n```\n", "the output is not"),
        ("```{code-block} python\n:caption: a/b.py\n\n1\n```\n", "folder of a/b.py"),
        ("```{code-block} python\n:caption: b.py, at the end\n\n1\n```\n", "does not exist yet"),
    ],
)
def test_wrong_page_fails(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(GuideError, match=reason):
        follow(tmp_path, text)

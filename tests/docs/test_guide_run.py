"""``GuideRun``, which follows the pages of the documentation, on small pages."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil
import pytest
import requests

from django_ory.devstack.ports import find_free_ports, is_listening
from tests.support.guides import Environments, GuideError, GuideRun, programs, read_blocks
from tests.support.guides.serving import Server, ServingCommand

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Follow = Callable[..., GuideRun]

PROJECT = """
# A project

```console
python -m pip install "django-ory[jwt]"
django-admin startproject shop
cd shop
echo A page > shop/tea.html
```

```{code-block} python
:caption: shop/settings.py, at the end

ALLOWED_HOSTS = ["localhost"]
SHOP = "http://localhost:4433"
```

1. In a list:

   ```{code-block} python
   :caption: hello.py

   from shop.settings import INSTALLED_APPS, SHOP
   print("Hello", SHOP, len(INSTALLED_APPS) > 3)
   print('{"shops": [{"id": 17, "name": "Cups and more"}], "next": null}')
   ```

```console
export GREETING="Good morning"
python hello.py > hello.txt && cat hello.txt
```

```text
Hello ... True
```

```console
python hello.py | tail -n 1
```

```json
{"shops": [{"name": "Cups ..."}], "next": null}
```

```python
# shop/tea.py
TEA = "Assam"
```

```html
<!-- shop/tea.html, at the end -->
```

```pycon
>>> from shop.tea import TEA
>>> import os
>>> greeting = os.environ["GREETING"]
```

The shell is still open.

```pycon
>>> greeting
'Good ...'
>>> User.objects
<django.contrib.auth.models.UserManager object at ...>
```

```console
python manage.py migrate
```

```sql
INSERT INTO django_site_names VALUES (1, '50 %');
SELECT * FROM django_site_names;
```

```text
1|50 %
```
"""
SITE = """
```{code-block} python
:caption: shop/urls.py

from django.http import JsonResponse
from django.urls import path

urlpatterns = [path("", lambda request: JsonResponse({"version": 1}))]
```

```console
python manage.py runserver
```

```text
Starting ... server at http://localhost:8000/
```

```console
curl http://localhost:8000/
```

```json
{"version": 1}
```

```{code-block} python
:caption: shop/urls.py

from django.http import JsonResponse
from django.urls import path

urlpatterns = [path("", lambda request: JsonResponse({"version": 2}))]
```

```console
curl http://localhost:8000/
```

```json
{"version": 2}
```
"""


@pytest.fixture
def follow(environments: Environments, tmp_path: Path) -> Iterator[Follow]:
    """Follows a page with this text, after the page of the run ``earlier``."""
    runs: list[GuideRun] = []

    def follow(text: str, earlier: GuideRun | None = None, **options: object) -> GuideRun:
        page = tmp_path / f"page{len(runs)}.md"
        page.write_text(text)
        folder = tmp_path / f"work{len(runs)}"
        folder.mkdir()
        runs.append(GuideRun(page, folder, environments, **options))  # type: ignore[arg-type]
        if earlier:
            runs[-1].continue_from(earlier)
        return runs[-1].follow()

    yield follow
    for run in runs:
        run.stop()


def test_page_of_a_project_is_followed_and_continued_by_another(follow: Follow) -> None:
    site, kratos = find_free_ports(2)
    text = PROJECT.replace("INSERT INTO", "CREATE TABLE django_site_names (id INT, name TEXT);\nINSERT INTO")
    run = follow(text, ports={4433: kratos})
    assert run.illustrations == []
    printed = (run.folder / "shop" / "hello.txt").read_text()
    assert printed.startswith(f"Hello http://localhost:{kratos} True\n")

    other = follow(SITE, earlier=run, ports={8000: site})
    assert other.illustrations == []
    assert is_listening(site)
    other.stop()
    assert not is_listening(site)
    other.resume()
    assert is_listening(site)


def test_started_server_ends_its_predecessor(follow: Follow) -> None:
    [port] = find_free_ports(1)
    serve = f"python -m http.server --bind localhost {port}"
    run = follow(f"```console\n{serve}\n{serve}\n```\n")
    assert len(run.servers) == 1
    assert is_listening(port)


def test_each_start_waits_for_its_own_output(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("Ready: 0\n")
    command = """sh -c 'sleep 0.2; echo "Ready: $(($(wc -l < server.log)))"; sleep 60'"""
    serving = ServingCommand("sh", ready="Ready")
    server = Server(serving, command, folder=tmp_path, environment={"PATH": "/usr/bin:/bin"}, log=log)
    for number in (1, 2, 3):
        server.start()
        try:
            assert server.read_log() == f"Ready: {number}\n"
        finally:
            server.stop()


def test_browser_is_used_at_each_picture(follow: Follow) -> None:
    [port] = find_free_ports(1)
    text = f"""
```console
python -m http.server --bind localhost {port}
```

1. Open the page.

   ```{{image}} pictures/first.png
   :alt: The page
   ```

```text
"GET /first.png ..." 404 -
```

```{{image}} pictures/second.png
```
"""

    def at_picture(picture: Path) -> None:
        assert requests.get(f"http://localhost:{port}/{picture.name}", timeout=30).status_code == 404

    run = follow(text, at_picture=at_picture)
    assert run.illustrations == []
    assert '"GET /second.png' in run.servers[0].read_log()


def test_command_that_hangs_is_killed_with_its_children(
    follow: Follow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "COMMAND_SECONDS", 5)
    with pytest.raises(GuideError, match="takes more than 5 seconds"):
        follow(f"```console\nsleep 600 & echo $! > {tmp_path}/pid; wait\n```\n")
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_environment_has_only_the_packages_of_the_page(follow: Follow) -> None:
    with pytest.raises(GuideError, match="No module named 'django'"):
        follow("```console\npython -c 'import django'\n```\n")
    with pytest.raises(GuideError, match="No module named 'rest_framework'"):
        follow("```console\npython -m pip install django-ory\npython -c 'import rest_framework'\n```\n")


def test_new_environment_has_the_compiled_modules_of_the_others(
    follow: Follow, environments: Environments
) -> None:
    other = environments.build(frozenset({"sqlparse>=0.5", "asgiref"}))
    follow("```console\npython -m pip install sqlparse\npython -c 'import sqlparse'\n```\n")
    assert list(other.glob("lib/**/sqlparse/__pycache__/__init__.*.pyc"))
    new = environments.build(frozenset({"sqlparse", "asgiref"}))
    assert list(new.glob("lib/**/sqlparse/__pycache__/__init__.*.pyc"))


def test_command_that_another_test_runs_is_listed(follow: Follow) -> None:
    run = follow("```console\npython -m tox run\n```\n", elsewhere=frozenset({"python -m tox run"}))
    assert run.skipped == ["python -m tox run"]


@pytest.mark.parametrize(
    "block",
    [
        "```python\nan_illustration()\n```",
        "```\nno language\n```",
        "```text\nno output before\n```",
        "```{code-block} python\n:caption: A sentence, no path\n\nprint()\n```",
        "```{note}\n~~~json\n{}\n~~~\n```",
        ":::{tip}\n```toml\n[tool]\n```\n:::",
    ],
)
def test_block_that_is_not_run_is_listed(follow: Follow, block: str) -> None:
    assert len(follow(f"Text.\n\n{block}\n").illustrations) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("```console\npython -c 'import shop'\n```\n", r"page0.md:1: .*No module named 'shop'"),
        ("```console\npython -c 'import shop' | tail\n```\n", "No module named 'shop'"),
        ("```console\nno-such-program\n```\n", "not found"),
        ("```console\ncurl https://example.org/\n```\n", "must call a server of this machine"),
        ("```console\npython -m pip install django-ory[nonsense]\n```\n", "has no extra"),
        ("```console\npython -m pip install --target=. django-ory\n```\n", "unknown options"),
        ("```console\npython -c 'print(1)'\n```\n\n```text\n2\n```\n", "the output is not"),
        ("```console\necho one\necho two\n```\n\n```text\none\n```\n", "the output is not"),
        ("```console\necho '[1]'\n```\n\n```json\n[2]\n```\n", "the output is not"),
        ("```pycon\n>>> 1 + 1\n3\n```\n", r"Expected:\s+3\s+Got:\s+2"),
        ("```console\npython -m http.server --nonsense 1\n```\n", "did not start"),
        ("```{code-block} python\n:caption: a/b.py\n\n1\n```\n", "folder of a/b.py"),
        ("```{code-block} python\n:caption: b.py, at the end\n\n1\n```\n", "does not exist yet"),
    ],
)
def test_wrong_page_fails(follow: Follow, text: str, reason: str) -> None:
    with pytest.raises(GuideError, match=f"(?s){reason}"):
        follow(text)


MDX = """
:::info

```shell
python first.py
```

:::

```mdx-code-block
import First from './first.mdx'
```

```python title="first.py"
1
```

```python title="first.py (at the end)"
2
```

```python
3
```
"""


def test_blocks_of_mdx_are_commands_and_files_with_titles(tmp_path: Path) -> None:
    page = tmp_path / "page.mdx"
    page.write_text(MDX)
    assert [(each.language, each.text, each.path, each.is_appended) for each in read_blocks(page)] == [
        ("console", "python first.py\n", "", False),
        ("python", "1\n", "first.py", False),
        ("python", "2\n", "first.py", True),
        ("python", "3\n", "", False),
    ]

"""``python -m benchmarks [NAME ...]``: all benchmarks, or the named ones."""

from __future__ import annotations

import sys

from . import api, calls, client, moving, pages, requests_per_second

BENCHMARKS = {
    "api": api.main,
    "calls": calls.main,
    "client": client.main,
    "moving": moving.main,
    "pages": pages.main,
    "requests": requests_per_second.main,
}


def main() -> None:
    """Run the named benchmarks, or all without arguments."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
    for name in names:
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()

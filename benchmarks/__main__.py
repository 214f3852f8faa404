"""``python -m benchmarks [NAME ...]``: all benchmarks, or the named ones, which are the modules below."""

from __future__ import annotations

import sys
from importlib import import_module

#: name -> module. Imported when they run: each needs other packages.
BENCHMARKS = {
    "api": "api",
    "calls": "calls",
    "changelist": "changelist",
    "client": "client",
    "moving": "moving",
    "pages": "pages",
    "requests": "requests_per_second",
    "sync": "sync",
    "webhooks": "webhooks",
}


def main() -> None:
    """Run the named benchmarks, or all without arguments."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
    for name in names:
        import_module(f"benchmarks.{BENCHMARKS[name]}").main()


if __name__ == "__main__":
    main()

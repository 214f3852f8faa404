"""What differs between Kratos and Hydra as programs: names, Go modules, arguments and paths."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final


@dataclass(frozen=True, kw_only=True)
class ServerSpec:
    """One of Ory's servers."""

    name: str
    """The name of its binary, of its files in the data folder, and of the folder with its Go module."""
    title: str
    variable: str
    """The environment variable with the path of its binary."""
    module: str
    """Its Go module."""
    serve: tuple[str, ...]
    """The arguments that start it, without the configuration file."""
    admin_health: str
    """The path of the health check on the admin port. On the public port it is ``/health/ready``."""
    first_request: str
    """A path on the public port, requested once after the start. Status 500: the configuration is wrong."""
    configuration_hint: str
    """What is most likely wrong then."""

    @property
    def source(self) -> Path:
        """The folder of our Go module that builds the server."""
        return Path(__file__).with_name(self.name)

    @cached_property
    def version(self) -> str:
        """The version that go.mod requires, which is the one that we build: ``v1.3.1``."""
        found = re.search(
            rf"^require {re.escape(self.module)} (v\S+)$", (self.source / "go.mod").read_text(), re.MULTILINE
        )
        if found is None:
            raise LookupError(f"{self.source / 'go.mod'} does not require {self.module}")
        return found[1]

    def get_commands(self, file: str, *, dev: bool) -> tuple[str, str]:
        """Return the commands that migrate the database and start the server with a configuration file."""
        options = " ".join(each for each in self.serve if dev or each != "--dev")
        return f"DSN=... {self.name} migrate sql --read-from-env --yes", f"{self.name} {options} -c {file}"


# --watch-courier: required for mails. --sqa-opt-out: no usage reports to Ory.
KRATOS: Final = ServerSpec(
    name="kratos",
    title="Kratos",
    variable="DJANGO_ORY_KRATOS",
    module="github.com/ory/kratos",
    serve=("serve", "--dev", "--sqa-opt-out", "--watch-courier"),
    admin_health="/admin/health/ready",
    first_request="/self-service/registration/api",  # reads the identity schema
    configuration_hint="most likely the identity schema",
)
HYDRA: Final = ServerSpec(
    name="hydra",
    title="Hydra",
    variable="DJANGO_ORY_HYDRA",
    module="github.com/ory/hydra/v2",
    serve=("serve", "all", "--dev", "--sqa-opt-out"),
    admin_health="/health/ready",
    first_request="/.well-known/jwks.json",  # creates the signing keys, which takes seconds on a busy machine
    configuration_hint="most likely the secrets or the database",
)
SERVERS: Final = {spec.name: spec for spec in (KRATOS, HYDRA)}

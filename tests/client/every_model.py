"""Every model of the client, once."""

from __future__ import annotations

import typing
from typing import Any

from pydantic import BaseModel

from django_ory.client import models

__all__ = ["MODELS"]

MODELS: list[Any] = list(
    dict.fromkeys(
        model
        for name in models.MODULES
        for model in typing.get_args(getattr(models, name)) or (getattr(models, name),)
        if isinstance(model, type) and issubclass(model, BaseModel)
    )
)

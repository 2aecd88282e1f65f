"""Checking a document against the schema of its model, and the codes it may carry. No queries."""

import json
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

FOLDER = Path(__file__).resolve().parent


class Model(StrEnum):
    """The three models of the standard."""

    MESSAGE = "message"
    REFERRAL = "referral"
    FULL = "full"


MODEL_WORDS = {
    Model.MESSAGE: "Message back to the GP or referrer",
    Model.REFERRAL: "Referral to a social prescribing service",
    Model.FULL: "Full social prescribing record",
}


def problems(model: Model, document: Any) -> list[str]:
    """Where the document departs from the schema of its model; empty when it fits."""
    found = sorted(_validator(model).iter_errors(document), key=lambda error: list(error.absolute_path))
    return [
        f"{'.'.join(str(step) for step in error.absolute_path) or 'document'}: {error.validator}"
        for error in found
    ]


def coded(name: str) -> dict[str, str]:
    """A term, with its SNOMED CT code where that is verified."""
    told = codes()[name]
    if not told["verified"]:
        return {"term": told["term"]}
    return {"term": told["term"], "code": told["code"], "system": "SNOMED CT"}


@cache
def codes() -> dict[str, dict[str, Any]]:
    """Every code with its source and whether somebody verified it."""
    return tomllib.loads((FOLDER / "codes.toml").read_text(encoding="utf-8"))


@cache
def schema_of(name: str) -> dict[str, Any]:
    """The schema of a model, or of the common parts."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return found


@cache
def _validator(model: Model) -> Draft202012Validator:
    common = schema_of("common")
    registry: Registry[Any] = Registry().with_resource(common["$id"], Resource.from_contents(common))
    return Draft202012Validator(schema_of(model), registry=registry, format_checker=FormatChecker())

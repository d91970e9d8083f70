"""The service's description of itself (OpenAPI): what pydantic 1 leaves out of it, that a member may be null."""

from __future__ import annotations

from typing import Any, cast

from fastapi import FastAPI
from fastapi.openapi.utils import get_fields_from_routes
from pydantic import BaseModel
from pydantic.fields import ModelField
from pydantic.schema import get_flat_models_from_fields, get_model_name_map

_ABOUT = ("title", "description", "default", "example")
"""What is said of a member rather than of its values."""


def install_description(app: FastAPI) -> None:
    """Make /openapi.json say of every member whether it may be null: whoever makes a client of it must know."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        is_new = app.openapi_schema is None
        document = plain()
        if is_new:
            _admit_null(document, app)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to change it


def _admit_null(document: dict[str, Any], app: FastAPI) -> None:
    # FastAPI calls them something of its own; with pydantic 1 they are these.
    fields = cast(list[ModelField], get_fields_from_routes(app.routes))
    models = get_flat_models_from_fields(fields, known_models=set())
    for model, name in get_model_name_map(models).items():
        members = document["components"]["schemas"].get(name, {}).get("properties", {})
        if issubclass(model, BaseModel):
            for field in model.__fields__.values():
                if field.alias in members:
                    members[field.alias] = _with_null(members[field.alias], field)


def _with_null(schema: dict[str, Any], field: ModelField) -> dict[str, Any]:
    """Return the *schema* of *field*, null admitted where it is: as the value itself, or within a list."""
    if isinstance(items := schema.get("items"), dict) and field.sub_fields:
        schema = {**schema, "items": _with_null(items, field.sub_fields[0])}
    return _or_null(schema) if field.allow_none and field.outer_type_ is not Any else schema


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    about = {name: value for name, value in schema.items() if name in _ABOUT}
    values = {name: value for name, value in schema.items() if name not in _ABOUT}
    return {"anyOf": [values, {"type": "null"}], **about}

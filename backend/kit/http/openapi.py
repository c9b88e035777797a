"""OpenAPI 3.1 derived from a contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints

import msgspec

from backend.kit.callers import Service, Visitor
from backend.kit.op import Operation, operations
from backend.kit.values import Nothing

_REF = "#/components/schemas/{name}"


@dataclass(frozen=True, slots=True)
class Body:
    """What travels where an answer is more than a body: the type that is left of it."""

    kind: type
    is_enveloped: bool = True
    status: int = 200
    media_type: str = "application/json"


Bodies = Mapping[type, Body]


def openapi(
    title: str,
    contract: type,
    origin: str,
    bodies: Bodies | None = None,
    *,
    is_internal: bool = False,
) -> dict[str, Any]:
    """The document that describes every public operation of a contract.

    What is only for other services is left out: it is not reachable from outside. `is_internal`
    describes just that instead.
    """
    public = [
        item for item in operations(contract) if (item.caller_types == (Service,)) == is_internal
    ]
    shown = {
        item.name: (bodies or {}).get(item.answer_type, Body(item.answer_type)) for item in public
    }
    answers = [body.kind for body in shown.values() if body.kind not in {Nothing, bytes}]
    requests = [item.request_type for item in public if item.has_body]
    _, components = msgspec.json.schema_components(
        tuple(dict.fromkeys([*answers, *requests])), ref_template=_REF
    )
    for item in public:
        _drop_path_fields(components, item)
    paths: dict[str, Any] = {}
    for item in public:
        paths.setdefault(item.path, {})[item.method.lower()] = _describe(item, shown[item.name])
    return {
        "openapi": "3.1.0",
        "info": {"title": f"SoSa {title}", "version": "1"},
        "servers": [{"url": origin}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Failure": _FAILURE},
            "securitySchemes": {
                "access": {"type": "apiKey", "in": "header", "name": "Authorization"},
                "proof": {"type": "apiKey", "in": "header", "name": "Sosa-Proof"},
            },
        },
    }


_FAILURE = {
    "type": "object",
    "required": ["status", "errors"],
    "properties": {
        "status": {"const": "failure"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                    "field": {"type": "string"},
                    "data": {"type": "object"},
                },
            },
        },
    },
}


def _describe(item: Operation, body: Body) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": item.name,
        "summary": item.summary,
        "parameters": _parameters(item),
        "responses": {
            "204" if body.kind is Nothing else str(body.status): _success(body),
            "default": {
                "description": "What went wrong.",
                "content": {"application/json": {"schema": {"$ref": _REF.format(name="Failure")}}},
            },
        },
    }
    if Visitor not in item.caller_types:
        described["security"] = [{"access": [], "proof": []}]
    if item.has_body:
        schema = {"$ref": _REF.format(name=item.request_type.__name__)}
        described["requestBody"] = {
            "required": any(
                field.required and field.name not in item.path_fields
                for field in msgspec.structs.fields(item.request_type)
            ),
            "content": {"application/json": {"schema": schema}},
        }
    return described


def _success(body: Body) -> dict[str, Any]:
    if body.kind is Nothing:
        return {"description": "Done."}
    if body.kind is bytes:
        return {"description": "A file.", "content": {body.media_type: {}}}
    schema: dict[str, Any] = {"$ref": _REF.format(name=body.kind.__name__)}
    if body.is_enveloped:
        schema = {
            "type": "object",
            "required": ["status", "response"],
            "properties": {"status": {"const": "success"}, "response": schema},
        }
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _parameters(item: Operation) -> list[dict[str, Any]]:
    hints = get_type_hints(item.request_type, include_extras=True)
    defaults = {entry.name: entry.required for entry in msgspec.structs.fields(item.request_type)}
    return [
        {
            "name": name,
            "in": "path" if name in item.path_fields else "query",
            "required": name in item.path_fields or defaults[name],
            "schema": msgspec.json.schema(hint),
        }
        for name, hint in hints.items()
        if name in item.path_fields or not item.has_body
    ]


def _drop_path_fields(components: dict[str, Any], item: Operation) -> None:
    schema = components.get(item.request_type.__name__)
    if not item.has_body or schema is None:
        return
    for name in item.path_fields:
        schema.get("properties", {}).pop(name, None)
        if name in schema.get("required", []):
            schema["required"].remove(name)

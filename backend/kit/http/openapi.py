"""OpenAPI 3.1 derived from a contract."""

from typing import Any, get_type_hints

import msgspec

from backend.kit.callers import Service, Visitor
from backend.kit.op import Operation, operations

_REF = "#/components/schemas/{name}"


def openapi(title: str, contract: type, origin: str) -> dict[str, Any]:
    """The document that describes every public operation of a contract.

    What is only for other services is left out: it is not reachable from outside.
    """
    public = [item for item in operations(contract) if item.caller_types != (Service,)]
    answers = [item.answer_type for item in public if not item.is_empty]
    bodies = [item.request_type for item in public if item.has_body]
    _, components = msgspec.json.schema_components(
        tuple(dict.fromkeys([*answers, *bodies])), ref_template=_REF
    )
    for item in public:
        _drop_path_fields(components, item)
    paths: dict[str, Any] = {}
    for item in public:
        paths.setdefault(item.path, {})[item.method.lower()] = _describe(item)
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


def _describe(item: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": item.name,
        "summary": item.summary,
        "parameters": _parameters(item),
        "responses": {
            "204" if item.is_empty else "200": _success(item),
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
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    return described


def _success(item: Operation) -> dict[str, Any]:
    if item.is_empty:
        return {"description": "Done."}
    schema = {
        "type": "object",
        "required": ["status", "response"],
        "properties": {
            "status": {"const": "success"},
            "response": {"$ref": _REF.format(name=item.answer_type.__name__)},
        },
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

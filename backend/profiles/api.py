"""Faces over HTTP: pictures, so they are not in the shape of an operation."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from backend.kit.errors import InvalidRequestError, NotFoundError, SosaError, UnknownFieldError
from backend.kit.http.answering import refuse
from backend.kit.parts import Parts
from backend.profiles.contract import Profiles
from backend.profiles.faces import MOODS, draw_face

_SEED = re.compile(r"[a-z0-9-]{1,64}")

_HEADERS: Mapping[str, str] = {
    # A seed draws the same face for ever, so nobody needs to ask twice.
    "Cache-Control": "public, max-age=31536000, immutable",
    # A picture that is opened by itself is a document of our own origin. Nothing of a request gets
    # into it, and should that ever change, then what got in does not run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}


def routes(service: Profiles, parts: Parts[Any]) -> list[BaseRoute]:  # noqa: ARG001 - faces need neither
    return [Route("/profiles/v1/faces/{seed}.svg", _face, methods=["GET"])]


async def _face(request: Request) -> Response:
    try:
        svg = draw_face(_seed(request), _mood(request))
    except SosaError as error:
        return refuse(error)
    etag = f'"{hashlib.sha256(svg.encode()).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": etag}
    if _has(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _seed(request: Request) -> str:
    seed: str = request.path_params["seed"]
    if not _SEED.fullmatch(seed):
        raise NotFoundError("Nobody looks like that.")
    return seed


def _mood(request: Request) -> str:
    if unknown := set(request.query_params) - {"mood"}:
        raise UnknownFieldError("We do not know this field.", min(unknown)[:80])
    mood = request.query_params.get("mood", "calm")
    if mood not in MOODS:
        raise InvalidRequestError(f"A face can be {', '.join(MOODS)}.", "mood")
    return mood


def _has(header: str, etag: str) -> bool:
    """RFC 9110 13.1.2: a list, compared weakly, or a star."""
    known = {item.strip().removeprefix("W/") for item in header.split(",")}
    return etag in known or "*" in known

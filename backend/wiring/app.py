"""The app of a process: its routes, and what is said where there is none."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from backend.kit.errors import MethodNotAllowedError, NotFoundError
from backend.kit.http.answering import refuse


def app_of(served: list[BaseRoute]) -> Starlette:
    """An app that speaks in our envelope also where it has nothing to say."""
    return Starlette(routes=served, exception_handlers={404: _not_found, 405: _not_allowed})


def _not_found(_request: Request, _error: Exception) -> Response:
    return refuse(NotFoundError("There is nothing here."))


def _not_allowed(_request: Request, error: Exception) -> Response:
    response = refuse(MethodNotAllowedError("That cannot be done here."))
    response.headers.update(getattr(error, "headers", None) or {})
    return response

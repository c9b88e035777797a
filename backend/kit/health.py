"""Whether a process serves, whether what it stands on answers, and what it counts."""

import asyncio
from collections.abc import Iterable, Iterator

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.kit.counts import counts
from backend.kit.database import Database

CHECK_SECONDS = 2.0
_log = structlog.get_logger("sosa.health")


class _Counts(Collector):
    """What is counted without Prometheus (backend/kit/counts.py)."""

    def collect(self) -> Iterator[CounterMetricFamily]:
        for count in counts():
            family = CounterMetricFamily(count.name, count.about, labels=count.labels)
            for labels, value in count.values.items():
                family.add_metric(labels, value)
            yield family


REGISTRY.register(_Counts())


def health_routes(databases: Iterable[Database]) -> list[Route]:
    """`/healthz`: it serves. `/readyz`: its databases answer too. `/metrics`: Prometheus."""
    checked = list(databases)

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})

    async def readyz(_request: Request) -> Response:
        ready = all(await asyncio.gather(*(_answers(database) for database in checked)))
        return JSONResponse(
            {"status": "ok" if ready else "unavailable"},
            status_code=200 if ready else 503,
            headers={"Cache-Control": "no-store"},
        )

    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics)]


async def _answers(database: Database) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS), database.reading() as session:
            await session.execute(text("SELECT 1"))
    except Exception:  # noqa: BLE001 - whatever it is, the answer to "are you ready" is no
        _log.warning("database_does_not_answer", exc_info=True)
        return False
    return True

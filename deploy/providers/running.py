"""Serving the pretended providers, alone or beside the monolith."""

import threading

import uvicorn

from deploy.providers.app import Fakes, configuration


def address_of(port: int) -> str:
    """Where they are. Only on this machine."""
    return f"http://localhost:{port}"


def configuration_of(port: int) -> str:
    """What SOSA_PROVIDERS is to be for those on a port."""
    return configuration(address_of(port))


def run(port: int, origin: str) -> None:
    """Serve until told to stop; in a thread, for as long as the process lives."""
    fakes = Fakes(address_of(port), origin)
    config = uvicorn.Config(
        fakes.app, host="127.0.0.1", port=port, access_log=False, log_config=None, lifespan="off"
    )
    uvicorn.Server(config).run()


def run_beside(port: int, origin: str) -> None:
    """Serve in a thread of its own, which ends with the process."""
    threading.Thread(target=run, args=(port, origin), daemon=True, name="providers").start()

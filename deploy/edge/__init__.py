"""The edge: nginx in front of the processes of a split house, so that members see one origin."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from backend.kit.settings import SERVICES
from backend.messaging.live.gateway import PATH as LIVE

_CONF = Path(__file__).parent / "nginx.conf"


def render(folder: Path, listen: str, places: Mapping[str, Sequence[str]]) -> str:
    """The configuration of nginx.

    `folder` is where it may write, `listen` an address and port, `places` says where the processes
    of each service, of the `ui` and, where it is apart, of the `live` door are: `unix:/path` or
    `host:port`.
    """
    upstreams = "\n".join(_upstream(name, found) for name, found in places.items())
    paths = {f"/{name}/": name for name in SERVICES} | (
        {f"= {LIVE}": "live"} if "live" in places else {}
    )
    locations = "\n".join(
        f"    location {path} {{ proxy_pass http://{name}; error_page 502 503 504 @away; }}"
        for path, name in paths.items()
    )
    return Template(_CONF.read_text()).substitute(
        folder=folder, listen=listen, upstreams=upstreams, locations=locations
    )


def _upstream(name: str, places: Sequence[str]) -> str:
    servers = " ".join(f"server {place} max_fails=1 fail_timeout=2s;" for place in places)
    return f"  upstream {name} {{ {servers} keepalive 16; }}"

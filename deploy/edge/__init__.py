"""The edge: nginx in front of the processes of a split house, so that members see one origin."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from string import Template

from backend.kit.http.policy import security_headers
from backend.kit.settings import SERVICES
from backend.messaging.live.gateway import PATH as LIVE

_CONF = Path(__file__).parent / "nginx.conf"


def render(
    folder: Path,
    listen: str,
    places: Mapping[str, Sequence[str]],
    credentials: Path | None = None,
    inside: Path | None = None,
) -> str:
    """The configuration of nginx.

    `folder` is where it may write, `listen` an address and port, `places` says where the processes
    of each service, of the `ui` and, where it is apart, of the `live` door are: `unix:/path` or
    `host:port`. `credentials` is the folder of `tls.crt` and `tls.key`, and None is plain HTTP. In
    `inside` is a socket for each service, where the others find whichever of its processes answers.
    """
    upstreams = "\n".join(_upstream(name, found) for name, found in places.items())
    # The page that providers send browsers back to is below /auth/ as well, and is the UI's.
    paths = {f"/{name}/v1/" if name == "auth" else f"/{name}/": name for name in SERVICES} | (
        {f"= {LIVE}": "live"} if "live" in places else {}
    )
    locations = "\n".join(
        f"    location {path} {{ proxy_pass http://{name}; {AWAY} {REFUSED} }}"
        for path, name in paths.items()
    )
    locations += _UPLOADS
    return Template(_CONF.read_text()).substitute(
        folder=folder,
        listen=f"{listen} ssl" if credentials else listen,
        tls=_TLS.format(folder=credentials) if credentials else "",
        upstreams=upstreams,
        locations=locations,
        refused=REFUSED,
        headers="\n".join(_headers(is_tls=credentials is not None)),
        inside="\n".join(_INSIDE.format(folder=inside, name=name) for name in SERVICES)
        if inside
        else "",
    )


REFUSED = (
    "error_page 400 404 405 408 411 413 414 416 421 429 494 495 496 497 500 501 505 /-/refused;"
)
"""What nginx may say no with by itself. A location that has any such line inherits none. Not a
named location: none is found for what is no request at all."""
AWAY = "error_page 502 503 504 =503 @away;"
_OWN_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_UPLOADS = f"""
    # One file, passed on as it comes: who takes it counts its bytes (backend/messaging/media).
    location /messaging/v1/uploads/ {{
      client_max_body_size 26m;
      proxy_request_buffering off;
      proxy_pass http://messaging;
      {AWAY}
      {REFUSED}
    }}"""
_TLS = """
    ssl_certificate {folder}/tls.crt;
    ssl_certificate_key {folder}/tls.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:tls:10m;"""
_INSIDE = """
  server {{
    listen unix:{folder}/{name}.sock;
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_connect_timeout 2s;
    proxy_next_upstream error timeout;
    proxy_next_upstream_tries 2;
    location / {{ proxy_pass http://{name}; }}
  }}"""


def _headers(*, is_tls: bool) -> Iterator[str]:
    """The headers of an answer that nginx gives by itself: what is behind it sends its own."""
    given = {
        **security_headers("https://edge" if is_tls else "http://edge"),
        "Content-Security-Policy": _OWN_POLICY,
        "Cache-Control": "no-store",
    }
    for name, value in given.items():
        yield f'      add_header {name} "{value}" always;'


def _upstream(name: str, places: Sequence[str]) -> str:
    # Nobody is remembered as away: whoever refuses does so at once, and the next one is asked. To
    # shun one that just came back, while the next is restarted, would leave nobody.
    servers = " ".join(f"server {place} max_fails=0;" for place in places)
    return f"  upstream {name} {{ {servers} keepalive 16; }}"

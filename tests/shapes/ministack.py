"""The house as functions on MiniStack, which plays AWS: accounts, policies and CloudFormation.

What is installed is what docs/operating.md says: the committed templates, with zips that are
made by `deploy.aws.packaging`. Only their runtime differs: the interpreter of the tests.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from deploy.aws.packaging import Package, package
from deploy.providers.running import configuration_of
from tests.serving import free_port
from tests.shapes.aws.account import REGION
from tests.shapes.aws.cloud import ACCOUNT, KEY_ARN, NETWORK, TOOLS, Cloud, answers, template
from tests.shapes.processes import Process, answers_at, answers_http, pretended_providers
from tests.shapes.split import SERVICES, Databases
from tests.watch.places import WATCH

BUCKET = "sosa-code"
START_SECONDS = 240
"""For pages that have to be built first."""
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

EDGE = """
daemon off;
pid %(folder)s/nginx.pid;
error_log %(folder)s/error.log warn;
worker_processes 1;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path %(folder)s/body;
  proxy_temp_path %(folder)s/proxy;
  fastcgi_temp_path %(folder)s/fastcgi;
  uwsgi_temp_path %(folder)s/uwsgi;
  scgi_temp_path %(folder)s/scgi;
  client_max_body_size 6m;
  map $http_upgrade $connection_kind { default upgrade; '' ''; }
  server {
    listen 127.0.0.1:%(port)s;
    proxy_http_version 1.1;
    proxy_read_timeout 610s;
    location = /messaging/v1/live {
      proxy_set_header Host %(socket_api)s;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection upgrade;
      proxy_pass http://127.0.0.1:%(aws)s/live;
      # What the function chose; MiniStack forgets to say it, and browsers insist.
      add_header Sec-WebSocket-Protocol sosa.v1 always;
    }
    location ~ ^/(%(services)s)/v1/ {
      proxy_set_header Host %(http_api)s;
      proxy_pass http://127.0.0.1:%(aws)s;
      # MiniStack plays S3 as well: its address is none of ours to change.
      proxy_redirect off;
    }
    location / {
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_kind;
      proxy_pass http://127.0.0.1:%(ui)s;
    }
  }
}
"""
"""Sends requests on as a CloudFront distribution does, each API by its own name."""


class MiniStack:
    """MiniStack on a free port, and nginx in front of it where CloudFront would be."""

    def __init__(self, folder: Path, databases: Databases, *, mail_url: str = "") -> None:
        self._cloud = Cloud(folder)
        self.account = self._cloud.account
        self.port, self._ui_port = free_port(), free_port()
        # By name: browsers keep no passkey for an address.
        self.url = f"http://localhost:{self.port}"
        self._folder = folder
        # A short path of its own: a socket's path may not be longer than 107 bytes.
        self._sockets = Path(f"/tmp/sosa-{self.port}")  # noqa: S108
        self._database_urls = {name: databases.create() for name in SERVICES}
        self._processes: list[Process] = []
        self._elsewhere = free_port()
        self._mail_url = mail_url or "none"

    def start(self) -> None:
        """Start everything, and wait until every service has been called once."""
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        self._cloud.start()
        self._start_redis()
        steps = self._begin_preparing()
        zips = package(self._folder / "zips", VERSION, runtime())
        for step in steps:
            step.finish()
        self._start_providers()
        self._keep_secrets()
        self._upload(zips)
        self._start_edge(self._make_stacks())
        ui = self._start_ui()
        with ThreadPoolExecutor(len(SERVICES)) as pool:
            list(pool.map(self._tick, SERVICES))
        ui.wait_until(lambda: answers_http(self._ui_port), START_SECONDS)

    def _tick(self, service: str) -> None:
        """What the clock does every minute."""
        self.account.invoke(f"sosa-{service}-internal", {"source": "aws.events"})

    def stop(self) -> None:
        """Look at what was written, and stop everything."""
        WATCH.house(self._sockets, self._database_urls.values())
        for process in reversed(self._processes):
            process.stop()
        self._cloud.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start_redis(self) -> None:
        redis = ["redis-server", "--port", "0", "--unixsocket", str(self._sockets / "redis.sock")]
        self._start("redis", [*redis, "--save", "", "--dir", str(self._folder)])

    def _start_providers(self) -> None:
        log = self._folder / "providers.log"
        process = pretended_providers(self._elsewhere, self.url, log)
        self._processes.append(process)
        process.start()
        process.wait_until(lambda: answers_at(self._elsewhere, "/google/jwks"), START_SECONDS)

    def _begin_preparing(self) -> list[Process]:
        environment = {"SOSA_DATA_DIR": str(self._folder / "house")} | {
            f"SOSA_{name.upper()}_DATABASE_URL": url for name, url in self._database_urls.items()
        }
        steps = [
            self._process(module, [sys.executable, "-m", module, *arguments], environment)
            for module, *arguments in (
                ("deploy.migrations",),
                ("deploy.keys", "split", str(self._folder)),
            )
        ]
        for step in steps:
            step.start()
        return steps

    def _keep_secrets(self) -> None:
        self.account.put_secret("sosa/auth/mail-url", self._mail_url)
        self.account.put_secret("sosa/auth/providers", configuration_of(self._elsewhere))
        self.account.put_secret("sosa/redis-url", f"unix://{self._sockets}/redis.sock")
        for name, url in self._database_urls.items():
            keys = (self._folder / name / "keys.json").read_text()
            self.account.put_secret(f"sosa/{name}/database-url", url)
            self.account.put_secret(f"sosa/{name}/keys", keys)

    def _upload(self, zips: Iterable[Package]) -> None:
        self.account.make_bucket(BUCKET)
        self.account.make_bucket(f"sosa-media-{ACCOUNT}")
        for made in zips:
            self.account.put_object(BUCKET, f"{made.service}.zip", made.file.read_bytes())

    def _make_stacks(self) -> tuple[str, str]:
        network = template("deploy/aws/network.json")
        inside = self.account.make_stack("sosa-network", network, NETWORK)
        http = self.account.make_stack("sosa-api", template("deploy/aws/api.json"), {})
        for name in SERVICES:
            self.account.begin_stack(
                f"sosa-{name}",
                template(f"backend/{name}/deploy/aws/lambda.json"),
                {
                    "Runtime": "provided.al2023",
                    "HttpApiId": http["HttpApiId"],
                    "PublicOrigin": self.url,
                    "RateLimitScale": "1000",
                    "KeyArn": KEY_ARN,
                    "CodeBucket": BUCKET,
                    "CodeKey": f"{name}.zip",
                    "SubnetIds": inside["PrivateSubnets"],
                    "SecurityGroupIds": inside["HouseGroup"],
                    **(self._media() if name == "messaging" else {}),
                },
            )
        outputs = {name: self.account.outputs(f"sosa-{name}") for name in SERVICES}
        return http["HttpApiId"], outputs["messaging"]["SocketApiId"]

    def _media(self) -> dict[str, str]:
        return {"MediaExtra": f"&endpoint={self.account.endpoint}"}

    def _start_edge(self, apis: tuple[str, str]) -> None:
        if not shutil.which("nginx"):
            raise RuntimeError("nginx is missing: apt-get install nginx-light")
        folder = self._sockets / "nginx"
        folder.mkdir()
        conf = folder / "nginx.conf"
        http_api, socket_api = (f"{name}.execute-api.{REGION}.amazonaws.com" for name in apis)
        conf.write_text(EDGE % {
            "folder": folder, "port": self.port, "aws": self._cloud.port,
            "http_api": http_api, "socket_api": socket_api, "services": "|".join(SERVICES),
            "ui": self._ui_port,
        })  # fmt: skip
        command = ["nginx", "-e", str(folder / "start.log"), "-c", str(conf)]
        if os.geteuid() == 0:
            # The folder is for its owner alone, and here everything is root's.
            command += ["-g", "user root;"]
        edge = self._start("edge", command)
        edge.wait_until(lambda: answers(self.port), START_SECONDS)

    def _start_ui(self) -> Process:
        """The container of deploy/aws/ui.json, as a process: it asks functions for everything."""
        asked = {f"SOSA_{name.upper()}_URL": f"lambda:sosa-{name}-internal" for name in SERVICES}
        own = {
            "SOSA_DATA_DIR": str(self._folder / "ui"),
            "SOSA_PORT": str(self._ui_port),
            "SOSA_PUBLIC_ORIGIN": self.url,
            "SOSA_RATE_LIMIT_SCALE": "1000",
            "SOSA_REDIS_URL": f"unix://{self._sockets}/redis.sock",
        }
        command = [sys.executable, "-m", "deploy.monolith"]
        return self._start("ui", command, self.account.variables() | asked | own)

    def _start(
        self, name: str, command: list[str], environment: dict[str, str] | None = None
    ) -> Process:
        process = self._process(name, command, environment)
        self._processes.append(process)
        process.start()
        return process

    def _process(
        self, name: str, command: list[str], environment: dict[str, str] | None
    ) -> Process:
        return Process(name, command, self._folder / f"{name}.log", environment)


def runtime() -> dict[str, bytes]:
    """What makes a zip run by itself: AWS's runtime client, and how it is started.

    The interpreter is the one that the tests run on, and sees nothing but the zip.
    """
    packages = TOOLS.parent / "lib" / f"python{VERSION}" / "site-packages"
    python = Path(sys.base_prefix) / "bin" / f"python{VERSION}"
    start = f'export PYTHONPATH="$LAMBDA_TASK_ROOT"\nexec {python} -S -m awslambdaric "$_HANDLER"\n'
    found = {"bootstrap": f"#!/bin/sh\n{start}".encode()}
    for pattern in ("awslambdaric/**/*", "simplejson/**/*", "snapshot_*.py", "runtime_client*.so"):
        for file in packages.glob(pattern):
            if file.is_file() and "__pycache__" not in file.parts:
                found[str(file.relative_to(packages))] = file.read_bytes()
    return found

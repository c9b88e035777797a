"""The house as functions, on a strict AWS of our own.

The templates that are deployed, AWS's runtime client, PostgreSQL with a database per service,
Redis, and keys of its own for each.
"""

import json
import shutil
import sys
from pathlib import Path

from deploy.providers.running import configuration_of
from tests.serving import free_port
from tests.shapes.aws.account import REGION
from tests.shapes.aws.cloud import KEY, SECRET, Cloud
from tests.shapes.aws.environments import RUNTIME_CLIENT
from tests.shapes.processes import Process, answers_at, pretended_providers
from tests.shapes.split import SERVICES, Databases
from tests.watch.places import WATCH

START_SECONDS = 120
BUCKET = "sosa-media"


class Strict:
    """The emulated region on a free port."""

    def __init__(self, folder: Path, databases: Databases, *, mail_url: str = "") -> None:
        if not (RUNTIME_CLIENT / "awslambdaric").is_dir():
            raise RuntimeError("AWS's runtime client is missing: python3 deploy/bootstrap.py test")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._elsewhere = free_port()
        self._folder = folder
        self._mail_url = mail_url
        # Its S3: ours is strict with functions and sockets only.
        self._cloud = Cloud(folder)
        # A short path of its own: a socket's path may not be longer than 107 bytes.
        self._sockets = Path(f"/tmp/sosa-{self.port}")  # noqa: S108
        self._database_urls = {name: databases.create() for name in SERVICES}
        self._processes: list[Process] = []

    def start(self) -> None:
        """Start everything, and wait until every service has been called once."""
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        self._cloud.start()
        self._cloud.account.make_bucket(BUCKET)
        self._prepare()
        self._start_providers()
        redis = ["redis-server", "--port", "0", "--unixsocket", str(self._sockets / "redis.sock")]
        self._start("redis", [*redis, "--save", "", "--dir", str(self._folder)])
        (self._folder / "config.json").write_text(json.dumps(self._config()))
        region = self._start(
            "region", [sys.executable, "-m", "tests.shapes.aws", str(self.port), str(self._folder)]
        )
        region.wait_until((self._folder / "ready").exists, START_SECONDS)

    def stop(self) -> None:
        """Look at what was written, and stop everything."""
        WATCH.house(self._sockets, self._database_urls.values())
        for process in reversed(self._processes):
            process.stop()
        self._cloud.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _start_providers(self) -> None:
        process = pretended_providers(self._elsewhere, self.url, self._folder / "providers.log")
        self._processes.append(process)
        process.start()
        process.wait_until(lambda: answers_at(self._elsewhere, "/google/jwks"), START_SECONDS)

    def _prepare(self) -> None:
        environment = {"SOSA_DATA_DIR": str(self._folder / "house")} | {
            f"SOSA_{name.upper()}_DATABASE_URL": url for name, url in self._database_urls.items()
        }
        for module, *arguments in (
            ("deploy.migrations",),
            ("deploy.keys", "split", str(self._folder)),
        ):
            step = Process(
                module,
                [sys.executable, "-m", module, *arguments],
                self._folder / "prepare.log",
                environment,
            )
            step.start()
            step.finish()

    def _config(self) -> dict[str, object]:
        secrets = {
            "sosa/redis-url": f"unix://{self._sockets}/redis.sock",
            "sosa/auth/providers": configuration_of(self._elsewhere),
            "sosa/auth/mail-url": self._mail_url or "none",
        }
        for name, url in self._database_urls.items():
            secrets[f"sosa/{name}/database-url"] = url
            secrets[f"sosa/{name}/keys"] = (self._folder / name / "keys.json").read_text()
        return {
            "templates": [f"backend/{name}/deploy/aws/lambda.json" for name in SERVICES],
            "parameters": {
                "HttpApiId": "httpapi",
                "PublicOrigin": self.url,
                "RateLimitScale": "1000",
            },
            "secrets": secrets,
            "media_url": (
                f"s3://{KEY}:{SECRET}@{BUCKET}?region={REGION}"
                f"&endpoint={self._cloud.account.endpoint}"
            ),
        }

    def _start(self, name: str, command: list[str]) -> Process:
        process = Process(name, command, self._folder / f"{name}.log")
        self._processes.append(process)
        process.start()
        return process

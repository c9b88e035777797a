"""What looks for secrets at the end of the tests finds those that are planted, in every form."""

import base64
import json
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis import Redis

from backend.kit.database import Database
from tests.catcher import CODE
from tests.conftest import Postgres
from tests.device import b64
from tests.redis.conftest import RedisServer, redis_folder, redis_process
from tests.watch.known import Known
from tests.watch.places import Watch

__all__ = ["redis_folder", "redis_process"]
SECRET = bytes(range(200, 232))
PASSWORD = "nine quiet otters knit"
ADDRESS = "Quiet.Otter@sosa.example"
TOKEN = f"{b64(b'{}')}.{b64(b'{}')}.{secrets.token_urlsafe(32)}"


@pytest.fixture
def watch() -> Watch:
    known = Known()
    known.add_body({"device_secret": b64(SECRET), "password": PASSWORD, "email": ADDRESS})
    known.add_answer({"access": {"auth": TOKEN}, "codes": ["7K3M-9QXA-PD4T"]})
    known.add("mail code", "K7M3QX")
    known.add_cookies(["sosa_rt=" + "r8Jw-kq2Zt_5uVb9" + "; HttpOnly"])
    return Watch(known)


FORMS = {
    "as it is sent": b64(SECRET).encode(),
    "as bytes": SECRET,
    "as hex": SECRET.hex().encode(),
    "as base64": base64.b64encode(SECRET),
    "a password": PASSWORD.encode(),
    "a password in a form": b"name=x&password=nine+quiet+otters+knit",
    "a password in a URL": b"/x?p=nine%20quiet%20otters%20knit",
    "a password as hex": PASSWORD.encode().hex().encode(),
    "in base64 of more": base64.b64encode(json.dumps({"p": PASSWORD}).encode()),
    "in base64url of more": b64(json.dumps({"pw": PASSWORD}).encode()).encode(),
    "in base64 of yet more": b64(json.dumps({"pwd": PASSWORD}).encode()).encode(),
    "an address": b"to QUIET.otter@sosa.example;",
    "an access token": TOKEN.encode(),
    "its signature": TOKEN.rpartition(".")[2].encode(),
    "a recovery code": b"used 7K3M-9QXA-PD4T",
    "a mail code": b"code K7M3QX.",
    "a cookie": b"Cookie: sosa_rt=r8Jw-kq2Zt_5uVb9",
    "a token that nobody told of": b"x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln y",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_what_is_planted_is_found_wherever_it_is(watch: Watch, tmp_path: Path, form: bytes):
    log, rows = tmp_path / "some.log", tmp_path / "some.db"
    log.write_bytes(b"a line\nand " + form + b" here\n")
    with closing(sqlite3.connect(rows)) as database:
        database.execute("CREATE TABLE people (id INTEGER, note BLOB)")
        database.execute("INSERT INTO people VALUES (1, ?)", (b"before" + form + b" after",))
        database.commit()
    watch.files(tmp_path)
    # The run itself would find it.
    log.unlink()
    rows.unlink()
    places = {found.partition(": ")[2] for found in watch.found}
    assert places == {f"line 2 of {log}", f"column note of table people in {rows}"}
    shown = " ".join(watch.found)
    assert not [word for word in (PASSWORD, b64(SECRET), TOKEN, ADDRESS) if word in shown]


async def test_what_is_planted_in_postgresql_is_found(watch: Watch, postgres: Postgres):
    url = postgres.create()
    database = Database(url)
    insert = sa.text("INSERT INTO people VALUES (:id, :name, :note)")
    async with database.transaction() as session:
        await session.execute(sa.text("CREATE TABLE people (id INT, name TEXT, note BYTEA)"))
        await session.execute(insert, {"id": 1, "name": "ada", "note": b"nothing"})
    watch.postgres(url)
    assert not watch.found
    planted = {"id": 2, "name": f"is {PASSWORD}", "note": b"x" + SECRET}
    async with database.transaction() as session:
        await session.execute(insert, planted)
    await database.close()
    watch.postgres(url)
    assert watch.found == {
        "password: column name of table people in PostgreSQL",
        "device secret: column note of table people in PostgreSQL",
    }


@pytest.mark.parametrize("kind", ["string", "hash", "set", "zset", "list", "stream"])
def test_what_is_planted_in_redis_is_found(watch: Watch, redis_process: RedisServer, kind: str):
    redis_process.run()
    path = Path(redis_process.url.removeprefix("unix://"))
    opened: Any = Redis(unix_socket_path=str(path))
    with closing(opened) as client:
        plant: dict[str, Callable[[], object]] = {
            "string": lambda: client.set("here:1", SECRET),
            "hash": lambda: client.hset("here:1", "name", PASSWORD),
            "set": lambda: client.sadd("here:1", PASSWORD),
            "zset": lambda: client.zadd("here:1", {PASSWORD: 1}),
            "list": lambda: client.rpush("here:1", PASSWORD),
            "stream": lambda: client.xadd("here:1", {"name": PASSWORD}),
        }
        client.set("there:1", "nothing")
        client.set(PASSWORD, "in a key")
        plant[kind]()
        watch.redis(path)
        client.flushall()
    secret = "device secret" if kind == "string" else "password"
    assert watch.found == {
        f"{secret}: a key here:... of Redis",
        "password: a key :... of Redis",
    }


def test_what_a_line_breaks_in_two_is_found(watch: Watch, tmp_path: Path):
    secret = bytes(range(1, 33))
    watch.known.add("device secret", secret)
    (tmp_path / "some.log").write_bytes(secret)
    watch.files(tmp_path)
    assert watch.found == {f"device secret: {tmp_path / 'some.log'}"}


def test_what_is_no_secret_is_not_found(watch: Watch, tmp_path: Path):
    (tmp_path / "some.log").write_text(
        "nine quiet geese, otter@sosa.example, K7M3Q, XK7M3QX, 7K3M, aaaaaaaaaaaaaaaa\n"
    )
    watch.known.add("password", "a" * 20)
    watch.files(tmp_path)
    assert not watch.found


def test_the_mail_codes_of_the_house_are_of_the_kind_that_is_looked_for():
    known = Known()
    (code,) = CODE.findall("    7AK3MQ\n")
    known.add("mail code", code)
    assert known.words

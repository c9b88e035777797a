"""Writes docs/parity.md: do all shapes behave the same? `make parity`.

Two answers. The acceptance suite asks every shape the same questions, and its outcomes are laid
side by side. A script of requests is put to every shape, and statuses, bodies and the resulting
room logs must be equal, letter by letter, once ids, times, tokens and seeds are masked.
"""

import asyncio
import difflib
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncGenerator, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from backend.kit.settings import SERVICES
from tests.conftest import Postgres, postgres_server
from tests.members import Member, arriving
from tests.shapes.every import SHAPES, shape_of
from tests.shapes.processes import ROOT

NOT_ASKED = "not asked"
PAGELESS = frozenset({"strict"})
WALKS = ("test_journey_in_browser", "test_house_in_browser")
"""All that a member and an owner do, in one go. Each of their steps is asked everywhere."""
ALL_PAGES = "--all-pages"
"""Ask for pages in every shape that has any, as `make test` does not."""
"""Functions alone, which cannot be asked for a page."""
Script = list[tuple[str, str, str, Any]]
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r"parity-[0-9a-f]{12}"), "<name>"),
    (re.compile(r'"[A-Za-z0-9_-]{16,}(\.[A-Za-z0-9_-]*){2,}"'), '"<token>"'),
    (re.compile(r"https?://(localhost|127\.0\.0\.1|10\.[\d.]+)(:\d+)?"), "<origin>"),
    (re.compile(r'"(kid|x)":"[^"]+"'), r'"\1":"<key>"'),
)


def main() -> int:
    """Ask both questions, write the page, and return an exit code."""
    outcomes = acceptance()
    with tempfile.TemporaryDirectory() as folder, postgres_server() as postgres:
        transcripts = {name: transcript(name, Path(folder), postgres) for name in SHAPES}
    page = ROOT / "docs" / "parity.md"
    page.write_text(report(outcomes, transcripts))
    differences = list(compare(transcripts))
    unlike = [f"{test}: {seen}" for test, seen in outcomes.items() if not is_alike(seen)]
    said = [f"· {page.relative_to(ROOT)} is written", *differences, *unlike, ""]
    sys.stdout.write("\n".join(said))
    return 1 if differences or unlike else 0


def acceptance() -> dict[str, dict[str, str]]:
    """The outcome of each test of the acceptance suite, by shape."""
    with tempfile.NamedTemporaryFile(suffix=".xml") as results:
        command = [sys.executable, "-m", "pytest", "tests/acceptance", "-q", "-n", "2", ALL_PAGES]
        subprocess.run([*command, f"--junitxml={results.name}"], cwd=ROOT, check=False)
        cases = ET.parse(results.name).iter("testcase")  # noqa: S314 - our own
        outcomes: dict[str, dict[str, str]] = defaultdict(dict)
        for case in cases:
            name, shape = _name_and_shape(case.get("name", ""))
            if not shape or case.get("classname", "").endswith(WALKS):
                continue  # It asks the suite itself, or tells a long story of two shapes.
            failed = case.find("failure") is not None or case.find("error") is not None
            skipped = case.find("skipped") is not None
            outcomes[name][shape] = "failed" if failed else NOT_ASKED if skipped else "passed"
    for seen, shape in product(outcomes.values(), PAGELESS):
        seen.setdefault(shape, NOT_ASKED)
    return outcomes


def is_alike(seen: Mapping[str, str]) -> bool:
    """Whether every shape was asked and passed, pages aside where a shape has none."""
    unasked = {shape for shape, outcome in seen.items() if outcome == NOT_ASKED}
    asked = {seen[shape] for shape in seen.keys() - unasked}
    return set(seen) == set(SHAPES) and unasked <= PAGELESS and asked == {"passed"}


def _name_and_shape(name: str) -> tuple[str, str]:
    for shape in SHAPES:
        for found in (f"[{shape}]", f"[{shape}-", f"-{shape}-", f"-{shape}]"):
            if found in name:
                kept = name.replace(found, "[" if found[0] + found[-1] == "[-" else found[0], 1)
                return kept.removesuffix("["), shape
    return name, ""


def transcript(shape: str, folder: Path, postgres: Postgres) -> list[str]:
    """What a shape answers to the script, masked."""
    with running(shape, folder / shape, postgres) as url:
        return asyncio.run(_ask(url))


@contextmanager
def running(shape: str, folder: Path, postgres: Postgres) -> Generator[str]:
    """A shape that serves; yields its address."""
    folder.mkdir()
    house = shape_of(shape, folder, postgres)
    try:
        house.start()
        yield house.url
    finally:
        house.stop()


async def _ask(url: str) -> list[str]:
    async with _cast(url) as (ada, ben):
        lines: list[str] = []
        ids: dict[str, str] = {}
        for who, audience, method_path, body in _script(ada, ben):
            device = (ada if who == "ada" else ben).device
            method, _, target = method_path.partition(" ")
            path, _, query = target.partition("?")
            if audience:
                reply = await device.call(audience, method, path, body, query=query)
            else:
                reply = await device.send(method, target, b"" if body is None else body)
            lines.append(mask(f"{method_path} -> {reply.status} {reply.body.decode()}", ids))
        return lines


@asynccontextmanager
async def _cast(url: str) -> AsyncGenerator[tuple[Member, Member]]:
    async with arriving(url) as arrive:
        yield await arrive("parity"), await arrive("parity")


def _script(ada: Member, ben: Member) -> Script:
    general = f"/messaging/v1/rooms/{ada.rooms['general']}"
    good = {"id": "parity-message-1", "text": "  hello **there**\n"}
    long = {"id": "parity-message-2", "text": "x" * 1001}
    other = {"id": "parity-message-3", "text": "🦁" * 1000}
    return [
        ("ada", "", "GET /auth/v1/.well-known/jwks.json", None),
        ("ada", "", "GET /profiles/v1/me", None),
        *(("ada", "", f"GET /{service}/v1/nowhere", None) for service in SERVICES),
        ("ada", "", "DELETE /profiles/v1/me", None),
        ("ada", "", "POST /auth/v1/preauth", {}),
        ("ada", "", "PUT /auth/v1/preauth", None),
        ("ada", "", "POST /auth/v1/preauth", {"kind": "login", "colour": "red"}),
        ("ada", "auth", "GET /auth/v1/session", None),
        ("ada", "auth", "GET /auth/v1/sessions", None),
        ("ada", "auth", "DELETE /auth/v1/sessions/nobody", None),
        ("ada", "profiles", "GET /profiles/v1/me", None),
        ("ada", "profiles", "PATCH /profiles/v1/me", {"identity": "Pizza Roll"}),
        ("ada", "profiles", "PATCH /profiles/v1/me", {"nickname": "ab"}),
        ("ada", "profiles", f"GET /profiles/v1/profiles?id={ben.device.user['id']}", None),
        ("ada", "profiles", "GET /profiles/v1/identities", None),
        ("ada", "", "GET /profiles/v1/faces/parity.svg", None),
        ("ada", "community", "GET /community/v1/communities", None),
        ("ada", "messaging", "GET /messaging/v1/rooms", None),
        ("ada", "messaging", f"POST {general}/messages", {"messages": [good, long]}),
        ("ada", "messaging", f"POST {general}/messages", {"messages": [good]}),
        ("ben", "messaging", f"POST {general}/messages", {"messages": [other]}),
        ("ben", "messaging", f"POST {general}/messages", {"messages": []}),
        ("ben", "messaging", "POST /messaging/v1/rooms/nowhere/messages", {"messages": [good]}),
        ("ben", "messaging", f"GET {general}/messages", None),
        ("ben", "messaging", f"GET {general}/messages?limit=1", None),
        ("ben", "messaging", f"GET {general}/messages?limit=0", None),
        ("ben", "messaging", f"GET {general}/messages?colour=red", None),
        ("ben", "messaging", f"GET {general}/messages?after=1&limit=2", None),
        ("ben", "messaging", f"GET {general}/messages?before=2&after=1", None),
        ("ben", "messaging", f"GET {general}/online", None),
    ]


def mask(text: str, ids: dict[str, str]) -> str:
    """The text without what differs from run to run.

    Ids become numbers in the order in which they are first met, so that who said what still counts.
    """
    text = ID.sub(lambda found: ids.setdefault(found[0], f"<id {len(ids) + 1}>"), text)
    for pattern, shown in MASKS:
        text = pattern.sub(shown, text)
    return text


def compare(transcripts: dict[str, list[str]]) -> Iterator[str]:
    """The lines in which shapes differ from the first."""
    first, *others = transcripts.items()
    for name, lines in others:
        yield from difflib.unified_diff(first[1], lines, first[0], name, lineterm="", n=0)


def report(outcomes: dict[str, dict[str, str]], transcripts: dict[str, list[str]]) -> str:
    """The page."""
    rows = [
        f"| {test.removeprefix('test_').replace('_', ' ')} | "
        + " | ".join(seen.get(shape, "-") for shape in SHAPES)
        + " |"
        for test, seen in sorted(outcomes.items())
    ]
    differences = list(compare(transcripts))
    verdict = "no difference" if not differences else f"{len(differences)} lines differ"
    alike = sum(is_alike(seen) for seen in outcomes.values())
    return "\n".join(
        [
            "# Parity",
            "",
            "Written by `make parity`. Every shape is asked the same questions over real HTTP,",
            "WebSockets and Chromium.",
            "",
            f"**The same script of {len(next(iter(transcripts.values())))} requests: {verdict}**",
            "in statuses, bodies and the resulting room log, once ids, times and keys are masked.",
            "",
            f"**The same {len(outcomes)} questions: {alike} are answered alike** in every shape.",
            f"Those that need a page are not asked of {' and '.join(sorted(PAGELESS))}: functions",
            "alone serve none. Two long walks through all pages are left out: each step of theirs",
            "is among the questions.",
            "",
            f"| question | {' | '.join(SHAPES)} |",
            f"|---|{'---|' * len(SHAPES)}",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())

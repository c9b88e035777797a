"""Zips: complete, small enough, and the same bytes of the same input."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from backend.kit.settings import SERVICES
from deploy import ROOT
from deploy.aws import packaging
from deploy.aws.packaging import Package, package

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
BUDGET = 120 * 2**20
"""Unzipped. Lambda takes 250 MB, and every one of them is fetched at a cold start."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Package]:
    folder = tmp_path_factory.mktemp("zips")
    return {item.service: item for item in package(folder, VERSION)}


def names(item: Package) -> set[str]:
    with zipfile.ZipFile(item.file) as opened:
        return set(opened.namelist())


@pytest.mark.timeout(180)
def test_a_zip_is_within_its_budget(made: dict[str, Package]):
    assert set(made) == set(SERVICES)
    for item in made.values():
        assert item.unzipped < BUDGET < packaging.UNZIPPED_LIMIT
        assert item.file.stat().st_size < 50 * 2**20, "what the console still takes"


@pytest.mark.timeout(180)
def test_the_same_input_makes_the_same_bytes(
    made: dict[str, Package], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Everything anew, the packages too."""
    monkeypatch.setattr(packaging, "BUILDS", tmp_path / "builds")
    again = {item.service: item.sha256 for item in package(tmp_path, VERSION)}
    assert again == {name: item.sha256 for name, item in made.items()}
    assert len(set(again.values())) == len(SERVICES)


def test_a_service_has_of_the_others_what_they_promise_and_no_more(made: dict[str, Package]):
    found = names(made["profiles"])
    assert "backend/profiles/service/names.py" in found
    assert "backend/auth/contract/__init__.py" in found
    for stranger in ("backend/auth/service/", "backend/auth/models.py", "backend/messaging/live/"):
        assert not [name for name in found if name.startswith(stranger)]
    for unwanted in ("migrations", "reflex", "boto3", "alembic", "deploy/"):
        assert not [name for name in found if unwanted in name.split("backend/kit")[0]]


def test_functions_stand_on_what_everything_else_stands_on():
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / name).read_text().splitlines()
        return {line.split()[0] for line in lines if "==" in line}

    assert len(pins("functions.txt")) > 15
    assert pins("functions.txt") <= pins("run.txt")


def test_everything_is_compiled_ahead(made: dict[str, Package]):
    found = names(made["auth"])
    tag = sys.implementation.cache_tag
    assert f"backend/auth/__pycache__/main.{tag}.pyc" in found
    assert f"sqlalchemy/__pycache__/__init__.{tag}.pyc" in found


@pytest.mark.parametrize("service", SERVICES)
def test_a_zip_is_all_that_a_function_needs(made: dict[str, Package], tmp_path: Path, service: str):
    """Its handlers can be imported from there, by an interpreter that sees nothing else."""
    with zipfile.ZipFile(made[service].file) as opened:
        opened.extractall(tmp_path)
    rooms = [f"backend.{service}.{name}" for name in ("main", "service", "api")]
    rooms = [name for name in rooms if (tmp_path / name.replace(".", "/")).with_suffix("").exists()
             or (tmp_path / f"{name.replace('.', '/')}.py").exists()]  # fmt: skip
    wanted = [*rooms, "asyncpg", "backend.kit.redis.client", "backend.kit.lambdas.opening"]
    python = Path(sys.base_prefix) / "bin" / f"python{VERSION}"
    subprocess.run(
        [str(python), "-S", "-c", f"import {', '.join(wanted)}"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        check=True,
    )

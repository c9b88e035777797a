"""The report on parity sees what it is there to see."""

from pathlib import Path

import pytest

from tests.parity import NOT_ASKED, compare, is_alike, mask, report
from tests.shapes.every import SHAPES, shape_of
from tests.shapes.processes import ROOT

ALIKE: dict[str, str] = dict.fromkeys(SHAPES, "passed")


def test_a_shape_that_answers_otherwise_is_named():
    transcripts = {name: ["GET /a -> 200 {}", "GET /b -> 404 {}"] for name in SHAPES}
    assert list(compare(transcripts)) == []
    assert "no difference" in report({"test_a": ALIKE}, transcripts)
    transcripts[SHAPES[-1]] = ["GET /a -> 200 {}", "GET /b -> 500 {}"]
    assert f"+++ {SHAPES[-1]}" in list(compare(transcripts))
    assert "no difference" not in report({"test_a": ALIKE}, transcripts)


def test_a_shape_that_failed_or_was_not_asked_is_not_alike():
    assert is_alike(ALIKE)
    assert is_alike(ALIKE | {"strict": NOT_ASKED})
    for outcome in ("failed", NOT_ASKED):
        assert not is_alike(ALIKE | {SHAPES[-1]: outcome})
    assert not is_alike(dict.fromkeys(SHAPES, NOT_ASKED))
    assert not is_alike(dict.fromkeys(SHAPES[1:], "passed"))


def test_a_report_has_a_column_for_each_shape_and_no_date():
    page = report({"test_a_b": ALIKE}, {name: [] for name in SHAPES})
    assert f"| question | {' | '.join(SHAPES)} |" in page
    assert f"| a b | {' | '.join('passed' for _ in SHAPES)} |" in page
    assert page == report({"test_a_b": ALIKE}, {name: [] for name in SHAPES})


class NoDatabases:
    def create(self) -> str:
        return ""


def test_every_shape_there_is_has_a_name_and_no_other(tmp_path: Path):
    places = {path.stem for path in (ROOT / "tests" / "shapes").iterdir() if path.stem[0] != "_"}
    assert places - {"aws", "every", "processes"} == set(SHAPES)
    made = [type(shape_of(name, tmp_path, NoDatabases())) for name in SHAPES]
    assert len(set(made)) == len(SHAPES)
    with pytest.raises(ValueError, match="no shape called Monolith"):
        shape_of("Monolith", tmp_path, NoDatabases())


def test_the_report_that_is_published_has_them_all_alike():
    page = (ROOT / "docs" / "parity.md").read_text()
    assert f"| question | {' | '.join(SHAPES)} |" in page
    assert "requests: no difference**" in page
    rows = [line.split(" | ")[-len(SHAPES) :] for line in page.splitlines() if "passed" in line]
    assert rows
    for row in rows:
        shown = (cell.strip(" |") for cell in row)
        outcomes: dict[str, str] = dict(zip(SHAPES, shown, strict=True))
        assert is_alike(outcomes)


@pytest.mark.parametrize(
    ("told", "masked"),
    [
        ('"id":"019ab1c2-0000-7000-8000-0123456789ab"', '"id":"<id 1>"'),
        ('"sent_at":"2026-11-23T22:11:45.123456Z"', '"sent_at":"<time>"'),
        ('"status":"success","seq":7', '"status":"success","seq":7'),
    ],
)
def test_only_what_differs_from_run_to_run_is_masked(told: str, masked: str):
    assert mask(told, {}) == masked


def test_an_id_is_the_same_wherever_it_is_met():
    one, other = "019ab1c2-0000-7000-8000-0123456789ab", "019ab1c2-0000-7000-8000-0123456789ac"
    ids: dict[str, str] = {}
    assert mask(f"{one} {other} {one}", ids) == "<id 1> <id 2> <id 1>"
    assert mask(other, ids) == "<id 2>"

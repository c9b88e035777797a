import hashlib
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings, strategies as st

from backend.profiles.faces import MOODS, draw_face
from backend.profiles.faces.drawing import KINDS
from backend.profiles.faces.seed import Choices, Trait

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "g", "path", "circle", "ellipse", "clipPath"}
CROWD = tuple(f"member-{number}" for number in range(400))


def parse(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def attributes(root: ET.Element) -> Iterable[tuple[str, str]]:
    return ((name, value) for element in root.iter() for name, value in element.attrib.items())


@pytest.mark.parametrize("mood", MOODS)
def test_every_face_is_a_small_square_picture_of_nothing_but_shapes(mood: str):
    for seed in CROWD:
        svg = draw_face(seed, mood)
        root = parse(svg)
        assert len(svg.encode()) < 4096
        assert root.attrib["viewBox"] == "0 0 100 100"
        assert root.attrib["role"] == "img"
        assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
        assert not [name for name, _ in attributes(root) if name.startswith("on") or "href" in name]


def test_bots_have_tin_faces_and_show_the_mood_with_their_eyes_alone():
    seeds = [f"bot-{number}" for number in range(100)]
    for seed in seeds:
        moods = {mood: draw_face(seed, mood) for mood in MOODS}
        assert len(set(moods.values())) == len(MOODS)
        assert {element.tag.removeprefix(SVG) for element in parse(moods["calm"]).iter()} <= DRAWN
        assert max(len(svg.encode()) for svg in moods.values()) < 4096
    assert len({draw_face(seed) for seed in seeds}) == len(seeds)
    # The prefix alone makes the difference: of the same digest there is no other face.
    assert {draw_face(seed) for seed in seeds}.isdisjoint(draw_face(seed) for seed in CROWD)


def test_a_face_refers_to_nothing_outside_itself():
    clipped = 0
    for seed in CROWD:
        root = parse(draw_face(seed))
        names = {value for name, value in attributes(root) if name == "id"}
        used = {value for _, value in attributes(root) if "url" in value}
        assert used == {f"url(#{name})" for name in names}
        clipped += bool(names)
    assert clipped > 0


def test_two_faces_in_one_page_share_no_name():
    names = [re.findall(r'id="(\w+)"', draw_face(seed)) for seed in CROWD]
    found = [name for each in names for name in each]
    assert len(found) == len(set(found)) > 100


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_seed_draws_and_none_reaches_the_markup(seed: str):
    marked = f"zq{seed}zq"
    svg = draw_face(marked)
    parse(svg)
    assert marked not in svg


@pytest.mark.parametrize("seed", ["", "\ud800", "\x00", "]]>", '"/><script>alert(1)</script>'])
def test_a_nasty_seed_is_only_another_face(seed: str):
    svg = draw_face(seed)
    parse(svg)
    assert "script" not in svg


def test_the_mood_changes_the_eyes_and_nothing_else():
    for seed in CROWD[:60]:
        faces = [draw_face(seed, mood) for mood in MOODS]
        assert len(set(faces)) == len(MOODS)
        before, after = _shared_ends(faces)
        # Two groups of one eye each, at the same places, are all that differs.
        for face in faces:
            middle = face[before : len(face) - after]
            assert len(middle) < 1100


def _shared_ends(faces: list[str]) -> tuple[int, int]:
    """How many characters all faces share at the start and at the end."""
    start = next(n for n, column in enumerate(zip(*faces, strict=False)) if len(set(column)) > 1)
    backwards = [face[::-1] for face in faces]
    end = next(n for n, column in enumerate(zip(*backwards, strict=False)) if len(set(column)) > 1)
    return start, end


def test_no_mood_is_an_error():
    with pytest.raises(KeyError):
        draw_face("ada", "furious")


def test_members_look_different():
    assert len({draw_face(seed) for seed in CROWD}) == len(CROWD)


def test_every_kind_is_among_a_crowd():
    kinds = {Choices(seed).pick(Trait.KIND, KINDS) for seed in CROWD}
    assert kinds == set(KINDS)


def test_faces_of_today_are_the_faces_of_tomorrow():
    """When this fails, everybody is about to wake up as somebody else. Say so in the changelog."""
    faces = "".join(draw_face(seed, mood) for seed in CROWD[:100] for mood in MOODS)
    assert (
        hashlib.sha256(faces.encode()).hexdigest()
        == "02b98a448d0931f1c76445313c82a0cdcfafc790db78d3ce642b54b9adfcf16e"
    )


def test_another_process_draws_the_same_face():
    program = (
        "from backend.profiles.faces import draw_face; print(draw_face('member-7', 'wink'), end='')"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert drawn.stdout == draw_face("member-7", "wink")


def test_choices_keep_within_their_bounds():
    numbers = [Choices(seed).between(Trait.WIDTH, 2, 3) for seed in CROWD]
    assert min(numbers) >= 2
    assert max(numbers) <= 3
    assert len(set(numbers)) > 100

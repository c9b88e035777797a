import time
import uuid
from dataclasses import dataclass

import pytest

from backend.kit import errors
from backend.kit.clock import SystemClock, utc
from backend.kit.ids import new_id


def test_an_id_is_a_uuid_of_version_7_that_knows_its_time():
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_do_not_repeat():
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_the_systems_clock_tells_the_time_in_utc():
    assert abs(utc(SystemClock()).timestamp() - time.time()) < 1


def test_an_error_survives_the_wire():
    sent = errors.RateLimitedError("Slow.", "text", retry_after_seconds=7)
    received = errors.from_wire(sent.status, [errors.to_wire(sent)])
    assert type(received) is errors.RateLimitedError
    assert (received.message, received.field, received.retry_after_seconds) == ("Slow.", "text", 7)
    assert str(received) == "Slow."


def test_data_an_older_side_does_not_know_is_ignored():
    item = errors.ErrorItem(code="not_found", message="Gone.", data={"since": 3})
    assert type(errors.from_wire(404, [item])) is errors.NotFoundError


@pytest.mark.parametrize(
    ("status", "kind"),
    [(409, errors.ConflictError), (418, errors.InternalError), (429, errors.RateLimitedError)],
)
def test_an_unknown_code_becomes_the_nearest_error(status: int, kind: type[errors.SosaError]):
    item = errors.ErrorItem(code="not_invented_yet", message="?")
    assert type(errors.from_wire(status, [item])) is kind


def test_an_answer_without_an_error_is_a_bug():
    assert type(errors.from_wire(500, [])) is errors.InternalError


def test_two_errors_may_not_share_a_code():
    with pytest.raises(TypeError, match="not_found"):

        @dataclass(eq=False)
        class Imposter(errors.SosaError):
            code = "not_found"

"""How often one visitor may ask."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.web.limits import RateLimit


class Clock:
    """Time as the test tells it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_few_at_once_then_steadily() -> None:
    clock = Clock()
    limit = RateLimit(30, clock)
    assert [limit.seconds_to_wait("a") for _ in range(10)] == [0] * 10
    assert limit.seconds_to_wait("a") == 2
    assert limit.seconds_to_wait("b") == 0
    clock.now += 2
    assert limit.seconds_to_wait("a") == 0
    assert limit.seconds_to_wait("a") == 2
    clock.now += 3600
    assert [limit.seconds_to_wait("a") for _ in range(11)] == [0] * 10 + [2]


@given(pauses=st.lists(st.floats(0, 5), max_size=120), per_minute=st.integers(1, 120))
def test_never_more_than_the_allowance(pauses: list[float], per_minute: int) -> None:
    clock = Clock()
    limit = RateLimit(per_minute, clock)
    began, allowed = clock.now, 0
    for pause in pauses:
        clock.now += pause
        waiting = limit.seconds_to_wait("a")
        allowed += waiting == 0
        assert waiting >= 0
    spent = clock.now - began
    assert allowed <= max(1, per_minute / 3) + spent * per_minute / 60 + 1e-6


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    limit = RateLimit(7, clock)
    for _ in range(50):
        waiting = limit.seconds_to_wait("a")
        clock.now += waiting
        assert not waiting or limit.seconds_to_wait("a") == 0


@pytest.mark.parametrize("per_minute", [0, -1])
def test_no_limit_where_none_is_set(per_minute: int) -> None:
    limit = RateLimit(per_minute)
    assert {limit.seconds_to_wait("a") for _ in range(1000)} == {0}


def test_threads_share_one_allowance() -> None:
    limit = RateLimit(60, Clock())
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limit.seconds_to_wait("a"), range(200)))
    assert waits.count(0) == 20


def test_many_visitors_are_forgotten_in_turn() -> None:
    limit = RateLimit(3, Clock())
    for number in range(10_050):
        assert limit.seconds_to_wait(str(number)) == 0
    assert limit.seconds_to_wait("10049") > 0
    assert limit.seconds_to_wait("0") == 0

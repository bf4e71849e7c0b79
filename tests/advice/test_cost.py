"""What suggestions cost: one walk for all rules, in proportion to the number of entries."""

from __future__ import annotations

import time

from layerscope.loading import load
from tests.rules.dsl import Case, case, step
from tests.union.dsl import file


def many(count: int) -> Case:
    """An image of so many files in folders of twenty, all but a few of which no rule is about."""
    paths = [f"srv/node_modules/p{number // 20}/lib/f{number}.js" for number in range(count)]
    return case(
        step("COPY . /srv", *(file(path) for path in paths)),
        step("RUN x", *(file(f"{path}.md", b"m") for path in paths[::50])),
    )


def seconds(image: Case) -> float:
    """The best of three runs of all rules."""
    times = []
    for _ in range(3):
        start = time.process_time()
        image.advice()
        times.append(time.process_time() - start)
    return min(times)


def test_ten_times_the_files_cost_about_ten_times_the_time() -> None:
    small, large = many(2_000), many(20_000)
    load("rule")

    ratio = seconds(large) / seconds(small)

    assert ratio < 25


def test_rules_about_paths_share_one_walk() -> None:
    """All of them together cost little more than a few of them alone."""
    image = many(20_000)
    rules = [rule for rule in load("rule").values() if rule.patterns]

    def cost(count: int) -> float:
        start = time.process_time()
        image.advice(*rules[:count])
        return time.process_time() - start

    few = min(cost(5) for _ in range(3))
    every = min(cost(len(rules)) for _ in range(3))

    assert len(rules) > 40
    assert every < 6 * few

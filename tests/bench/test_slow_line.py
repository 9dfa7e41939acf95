"""The slow line's arithmetic, and parts of the results replaced one by one."""

from tests.bench.results import with_part
from tests.bench.slow_line import floor_ms


def test_the_floor_is_round_trips_and_bytes() -> None:
    """11 kB on a warm connection: one round trip and 55 ms of line."""
    assert round(floor_ms(0, 11_000)) == 355
    assert round(floor_ms(2, 11_000)) == 955


def test_a_part_of_the_results_is_replaced_in_its_place() -> None:
    text = "# Results\n\n## A\n\nold a\n\n## B\n\nold b\n"

    assert with_part(text, "A", ["new"]) == "# Results\n\n## A\n\nnew\n\n## B\n\nold b\n"
    assert with_part(text, "B", ["new"]) == "# Results\n\n## A\n\nold a\n\n## B\n\nnew\n"
    assert with_part(text, "C", ["new"]).endswith("old b\n\n## C\n\nnew\n")

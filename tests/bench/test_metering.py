"""What the calculation counts, against what AWS's pages say it charges."""

import re
from collections.abc import Iterator

import pytest
from tests.bench import bill, calls, cost_tables, demand, prices, proposals, visit
from tests.bench.calls import Ordinary
from tests.bench.cost import PAGE, filled
from tests.bench.metering import Meter
from tests.bench.ordinary import Profile, profile
from tests.memory_aws.door import Memory, memory_aws

from portal.tables import CareRow, ChartRow


@pytest.fixture
def memory() -> Iterator[Memory]:
    with memory_aws() as made:
        yield made


@pytest.fixture(scope="module")
def ordinary() -> Ordinary:
    return calls.ordinary(4)


@pytest.fixture(scope="module")
def one(ordinary: Ordinary) -> Profile:
    return profile(ordinary)


def test_a_write_is_charged_by_started_kilobytes_and_a_read_by_four_of_them(
    memory: Memory,
) -> None:
    memory.plan = (meter := Meter(memory)).plan

    ChartRow("p", "a", sealed=b"x" * 4000).save()
    ChartRow.get("p", "a", consistent_read=True)
    ChartRow.get("p", "a")

    write, strong, stale = meter.used
    assert (write.writes, write.index_writes) == (4, 0)
    assert (strong.reads, stale.reads) == (1, 0.5)


def test_an_index_entry_is_written_when_it_comes_moves_or_goes_only(memory: Memory) -> None:
    memory.plan = (meter := Meter(memory)).plan

    row = CareRow("a", "a", state="x", kind="arrival", due_at="1", steps={})
    row.save()
    row.update([CareRow.state.set("y")])
    row.update([CareRow.due_at.set("2")])
    row.update([CareRow.kind.remove(), CareRow.due_at.remove()])

    assert [each.index_writes for each in meter.used] == [1, 0, 2, 1]
    assert meter.used[0].index_keys == ("arrival",)


def test_a_row_in_a_transaction_is_charged_twice(memory: Memory) -> None:
    from pynamodb.connection import Connection
    from pynamodb.transactions import TransactWrite

    memory.plan = (meter := Meter(memory)).plan

    with TransactWrite(connection=Connection(region="us-east-1")) as write:
        write.save(ChartRow("p", "a"))

    assert [each.writes for each in meter.used if each.operation != "DescribeTable"] == [2]


def test_an_ordinary_result_goes_through_every_step_and_tells_its_patient(
    ordinary: Ordinary,
) -> None:
    steps = [each.step for each in ordinary.invocations]
    operations = {each.operation for each in ordinary.used}

    assert steps == ["receive", "parse", "match", "merge", "explain", "publish", "notify"]
    assert {"PutObject", "StartExecution", "Decrypt", "SendEmail"} <= operations
    assert operations.isdisjoint({"Scan", "ListObjectsV2", "GenerateDataKeyWithoutPlaintext"})


def test_a_hundred_times_the_results_cost_about_a_hundred_times(one: Profile) -> None:
    small, large = (bill.total(bill.lines(one, volume)) for volume in (150_000, 15_000_000))

    assert 80 < large / small < 100


def test_each_tier_is_charged_at_its_own_price() -> None:
    assert prices.WORKFLOW_HOURS.of(6_000) == pytest.approx(60 + 120 + 16.42)
    assert prices.EMAILS.of(1_000) == pytest.approx(0.10)


def test_every_proposal_takes_something_off_the_bill(one: Profile) -> None:
    before = bill.total(bill.lines(one, 15_000_000))

    for change in proposals.CHANGES.values():
        assert bill.total(bill.lines(change(one), 15_000_000)) < before


def test_the_queues_poller_keeps_up_with_a_burst_at_150_000_a_day(one: Profile) -> None:
    assert demand.wait_seconds(one, 150_000) == 0
    assert demand.wanted_pollers(one, 150_000) <= demand.max_concurrency()


def test_each_table_has_one_place_in_the_page(ordinary: Ordinary, one: Profile) -> None:
    sections = cost_tables.tables(ordinary, one)
    page = "".join(f"<!-- {name} -->\nwas\n<!-- /{name} -->\n" for name in sections)

    assert "\nwas\n" not in filled(page, sections)
    with pytest.raises(LookupError):
        filled("", sections)


def test_the_page_has_a_place_for_each_table(ordinary: Ordinary, one: Profile) -> None:
    sections = cost_tables.tables(ordinary, one)

    assert set(re.findall(r"<!-- (\w+) -->", PAGE.read_text())) == set(sections)


def test_a_visit_is_counted_page_by_page_and_each_look_at_the_record_is_recorded() -> None:
    (pages, *others) = visit.visits(3)

    counted = {page.name: sum(each.writes for each in page.invocation.used) for page in pages}
    assert counted["is asked to sign in"] == 0
    assert min(counted[name] for name in ("sees the list", "reads the result", "signs out")) >= 1
    for other in others:
        assert [(page.name, len(page.invocation.used)) for page in other] == [
            (page.name, len(page.invocation.used)) for page in pages
        ]

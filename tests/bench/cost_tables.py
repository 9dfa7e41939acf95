"""The tables of docs/cost.md, from the counted and measured profile of one result."""

from tests.bench import bill, demand, prices, proposals, visit
from tests.bench.calls import Ordinary, requests
from tests.bench.figures import table
from tests.bench.ordinary import Profile
from tests.bench.prices import Price, Quota

SMALL, LARGE = 150_000, 15_000_000
VOLUMES = (SMALL, LARGE)
MEMORIES = (512, 768, 1024, 1769)
MONTHS = (1, 12, 36)


def tables(found: Ordinary, one: Profile) -> dict[str, list[str]]:
    return {
        "steps": steps(found, one),
        "result": result(one),
        "bill": bills(one),
        "kept": kept(one),
        "demand": wanted(one),
        "quotas": quotas(found, one),
        "settings": settings(one),
        "memory": memories(one),
        "changes": changes(one),
        "visit": visit.figures(),
        "prices": price_list(),
    }


def steps(found: Ordinary, one: Profile) -> list[str]:
    rows = [
        [
            step.name,
            f"{step.memory_mb:,}",
            f"{len(requests(invocation))}",
            f"{sum(each.reads for each in invocation.used):g}",
            f"{sum(each.writes + each.index_writes for each in invocation.used):g}",
            f"{1000 * step.cpu_seconds:.0f}",
            f"{1000 * step.wait_seconds:.0f}",
            f"{1000 * step.seconds:.0f}",
        ]
        for step, invocation in zip(one.steps, found.invocations, strict=True)
    ]
    head = ["step", "MB", "calls", "read units", "write units", "CPU ms", "waiting ms", "billed ms"]
    return table(head, rows)


def result(one: Profile) -> list[str]:
    rows = [
        ["Lambda requests", f"{len(one.steps)}"],
        ["GB-seconds", f"{one.gigabyte_seconds:.2f}"],
        ["seconds of workflow", f"{one.workflow_seconds:.2f}"],
        ["write units, with indexes", f"{one.write_units:g}"],
        ["read units", f"{one.read_units:g}"],
        ["KMS Decrypt", f"{one.kms:g}"],
        ["S3 PUT and GET", f"{one.puts:g} and {one.gets:g}"],
        ["bytes of log", f"{one.log_bytes:,.0f}"],
        ["bytes kept in tables", f"{one.row_bytes:,.0f}"],
        ["bytes kept in the bucket", f"{one.object_bytes:,.0f}"],
    ]
    return table(["one result", ""], rows)


def bills(one: Profile) -> list[str]:
    found = [bill.lines(one, volume) for volume in VOLUMES]
    both = sorted(zip(*found, strict=True), key=lambda pair: -pair[1].dollars)
    rows = [
        [small.what, small.price.unit, *_amount(small), *_amount(large)] for small, large in both
    ]
    sums = [f"**{bill.total(each):,.0f}**" for each in found]
    rows.append(["**A month**", "", "", sums[0], "", sums[1]])
    text = [f"{prices.TEXTS.of(volume * bill.DAYS / 100):,.0f}" for volume in VOLUMES]
    rows.append(["each hundredth told by text message", "", "", f"+ {text[0]}", "", f"+ {text[1]}"])
    return table(["", "unit", f"at {SMALL:,}", "$", f"at {LARGE:,}", "$"], rows)


def _amount(line: bill.Line) -> list[str]:
    scale = prices.MILLION if line.price.unit.startswith("million") else 1.0
    units = line.units / scale
    return [f"{units:,.0f}" if units >= 1_000 else f"{units:,.1f}", f"{line.dollars:,.0f}"]


def kept(one: Profile) -> list[str]:
    rows = []
    for months in MONTHS:
        found = [bill.kept(one, volume, months) for volume in VOLUMES]
        gigabytes = [f"{each[0].units:,.0f}" for each in found]
        dollars = [f"{bill.total(each):,.0f}" for each in found]
        rows.append([f"{months}", gigabytes[0], dollars[0], gigabytes[1], dollars[1]])
    head = ["after months", f"GB at {SMALL:,}", "$ a month", f"GB at {LARGE:,}", "$ a month"]
    return table(head, rows)


def wanted(one: Profile) -> list[str]:
    rows = []
    for volume in VOLUMES:
        at = demand.rates(volume)
        for name, rate in (("mean", at.mean), ("busiest hour", at.peak), ("burst", at.burst)):
            together = demand.concurrency(one, rate)
            counts = [f"{count:,.1f}" for count in together.values()]
            rows.append([f"{volume:,}", name, f"{rate:,.2f}", *counts])
    head = ["results a day", "", "a second", "receiving", "releasing", "workflows open"]
    return table(head, rows)


def quotas(found: Ordinary, one: Profile) -> list[str]:
    bursts = [demand.rates(volume).burst for volume in VOLUMES]
    small, large = (list(demand.against_quotas(one, found, rate)) for rate in bursts)
    rows = [
        [_named(quota), f"{quota.limit:,.0f}", f"{few:,.0f}", _against(many, quota), quota.note]
        for (quota, few), (_, many) in zip(small, large, strict=True)
    ]
    return table(["quota", "default", f"burst at {SMALL:,}", f"burst at {LARGE:,}", ""], rows)


def _named(quota: Quota) -> str:
    return quota.what if quota.is_read else f"{quota.what} (to be confirmed)"


def _against(wanted: float, quota: Quota) -> str:
    return f"**{wanted:,.0f}**" if wanted > quota.limit else f"{wanted:,.0f}"


def settings(one: Profile) -> list[str]:
    now = demand.max_concurrency()
    taken = demand.received_per_second(one)
    pollers = [f"{demand.wanted_pollers(one, volume):,}" for volume in VOLUMES]
    reserve = [f"{demand.wanted_reserve(one, volume):,}" for volume in VOLUMES]
    waits = [f"{demand.wait_seconds(one, volume):,.0f} s" for volume in VOLUMES]
    rows = [
        ["MaximumConcurrency of LabMessages", f"{now}", *pollers],
        [f"the last of a burst waits, with {now} ({taken:,.0f} results/s)", "", *waits],
        ["concurrency of LabReleaseFunction", "not set", *reserve],
    ]
    return table(["setting", "now", f"for {SMALL:,}", f"for {LARGE:,}"], rows)


def memories(one: Profile) -> list[str]:
    rows = []
    for memory in MEMORIES:
        with_it = one.with_memory(memory)
        dollars = [f"{bill.total(bill.lines(with_it, volume)):,.0f}" for volume in VOLUMES]
        seconds = [f"{with_it.release_seconds:.2f}", f"{with_it.gigabyte_seconds:.2f}"]
        rows.append([f"{memory:,}", *seconds, *dollars])
    head = ["MB of the release", "its seconds", "GB-seconds", f"$ at {SMALL:,}", f"$ at {LARGE:,}"]
    return table(head, rows)


def changes(one: Profile) -> list[str]:
    each = {name: change(one) for name, change in proposals.CHANGES.items()}
    everything = proposals.together(one, proposals.CHANGES.values())
    rows = []
    for name, changed in (each | {"**All of these**": everything}).items():
        saved = [f"{_saved(one, changed, volume):,.0f}" for volume in VOLUMES]
        share = _saved(one, changed, LARGE) / bill.total(bill.lines(one, LARGE))
        seconds = f"{changed.workflow_seconds:.2f}"
        year = f"{_saved_kept(one, changed, LARGE):,.0f}"
        rows.append([name, *saved, f"{share:.0%}", seconds, year])
    less = [f"$ less at {SMALL:,}", f"at {LARGE:,}", "share", "seconds of workflow"]
    return table(["change, alone", *less, f"$ less for a kept year at {LARGE:,}"], rows)


def _saved(one: Profile, changed: Profile, volume: float) -> float:
    return bill.total(bill.lines(one, volume)) - bill.total(bill.lines(changed, volume))


def _saved_kept(one: Profile, changed: Profile, volume: float) -> float:
    return bill.total(bill.kept(one, volume, 12)) - bill.total(bill.kept(changed, volume, 12))


def price_list() -> list[str]:
    rows = [
        [price.service, price.unit, price.said, price.source, _known(price)] for price in prices.ALL
    ]
    return table(["service", "unit", "$", "check at", ""], rows)


def _known(price: Price) -> str:
    return f"read {prices.READ_ON}" if price.is_read else "from memory"

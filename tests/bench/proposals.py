"""Changes to the code as they would show in one result's profile: estimates from counted calls."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce

from tests.bench.ordinary import PLATFORM_LOG_BYTES, WAITS, Profile

FEWER = 3

type Change = Callable[[Profile], Profile]


def together(profile: Profile, some: Iterable[Change]) -> Profile:
    return reduce(lambda found, change: change(found), some, profile)


def one_mail_for_two(profile: Profile) -> Profile:
    return replace(profile, emails=profile.emails / 2)


def with_1024_megabytes(profile: Profile) -> Profile:
    return profile.with_memory(1024)


def three_steps(profile: Profile) -> Profile:
    """Parse and match; merge, explain and publish; notify. Spares, three times each, reading the
    message, unwrapping the key, reading the patient and noting the step."""
    spared = sum(
        WAITS[name] for name in ("GetObject", "Decrypt", "GetItem", "GetItem", "UpdateItem")
    )
    steps = [step for step in profile.steps if step.name not in ("match", "merge", "explain")]
    merged = [step for step in profile.steps if step not in steps]
    cpu, wait = sum(each.cpu_seconds for each in merged), sum(each.wait_seconds for each in merged)
    steps = [
        replace(
            step,
            cpu_seconds=step.cpu_seconds + cpu / 2,
            wait_seconds=step.wait_seconds + wait - FEWER * spared / 1000,
        )
        if step.name == "publish"
        else step
        for step in steps
    ]
    return replace(
        profile,
        steps=tuple(steps),
        kms=profile.kms - FEWER,
        gets=profile.gets - FEWER,
        read_units=profile.read_units - 2 * FEWER,
        write_units=profile.write_units - FEWER,
        log_bytes=profile.log_bytes - FEWER * PLATFORM_LOG_BYTES,
    )


CHANGES: dict[str, Change] = {
    "One e-mail for two results: wait some minutes for the next": one_mail_for_two,
    "Three steps instead of six": three_steps,
    "1,024 MB instead of 1,769 for the release": with_1024_megabytes,
}

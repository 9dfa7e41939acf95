"""Runs one fault again: python -m tests.faults "one result" SITE KIND FIRST TIMES SEED"""

import sys

from tests import stores

stores.set_environment()


def main(name: str, site: str, kind: str, first: str, times: str, seed: str) -> int:
    from tests.faults.campaign import outcome
    from tests.faults.plans import Fault
    from tests.faults.scenarios import scenarios

    (scenario,) = [each for each in scenarios() if each.name == name]
    fault = Fault(site, kind, int(first), int(times))
    wrong, fired = outcome(scenario, (*scenario.given, fault), int(seed))
    print(*map(str, fired), sep="\n")  # noqa: T201
    print(*(wrong or ["all laws hold"]), sep="\n")  # noqa: T201
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

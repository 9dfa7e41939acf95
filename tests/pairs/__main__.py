"""How far our FHIR agrees with other products': python -m tests.pairs ["Observation value"]

With the name of a field its differences are shown, with what the samples say.
"""

import shutil
import sys
from pathlib import Path

from tests import stores

stores.set_environment()

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "hl7v2" / "dev"


def main(place: str = "") -> int:
    from tests.pairs.agreement import agreement
    from tests.pairs.pair_files import Pair, pairs

    found = list(pairs(SAMPLES))
    agreed = agreement(each for each in found if isinstance(each, Pair))
    if place:
        for one in agreed.differences:
            if one.place.startswith(place):
                print(one.kind, sorted(one.ours), sorted(one.theirs), one.file[-70:], sep=" | ")  # noqa: T201
        return 0
    refused = [each for each in found if not isinstance(each, Pair)]
    print(f"{len(found)} pairs, {len(refused)} of them are no message that we take")  # noqa: T201
    print(agreed.table)  # noqa: T201
    for (name, kind), count in agreed.kinds().most_common(40):
        print(f"{count:4} {name}: {kind}")  # noqa: T201
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    finally:
        shutil.rmtree(stores.STATE, ignore_errors=True)

"""Shows one mutant and runs it again: python -m tests.fuzz SEED"""

import shutil
import sys

from tests import stores

stores.set_environment()


def main(seed: int) -> int:
    from tests.fuzz.campaign import hang_guard
    from tests.fuzz.doors import ended, warm_up
    from tests.fuzz.mutants import mutant
    from tests.fuzz.stand_ins import SENDERS

    sent = mutant(seed)
    text = sent.raw.decode("utf-8", "backslashreplace").replace("\r", "\\r\n")
    door = "queue" if sent.is_queued else f"https {sent.headers}"
    print(text if len(text) < 20_000 else f"{text[:20_000]} ...")  # noqa: T201
    print(f"{len(sent.raw)} bytes, {door}, sender {SENDERS[sent.sender].name}, {sent.recipe}")  # noqa: T201
    warm_up()
    with hang_guard():
        print(ended(sent))  # noqa: T201
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(int(sys.argv[1])))
    finally:
        shutil.rmtree(stores.STATE, ignore_errors=True)

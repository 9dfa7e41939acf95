"""What a cold start imports, from the built functions and layers as Lambda mounts them: read-only.

Lambda's own start and the download of the code are not in it. X-Ray's segments are made by Lambda
itself (`Tracing: Active`), which imports nothing here.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests import stores
from tests.architecture.template import functions
from tests.bench.figures import middle, table

RUNS = 11
MOST_MS = 400
HEAVIEST = 8  # packages shown
REFERENCE = Path(__file__).parent / "reference" / "dynamodb_client.py"
HEAD = [
    "function",
    "imports ms",
    "quickest ms",
    f"of {MOST_MS} ms",
    "times botocore",
    "without .pyc ms",
    "times",
    "memory MiB",
]
type Spent = tuple[float, float]  # milliseconds, MiB
SCRIPT = """
import importlib, re, sys, time
started = time.perf_counter()
importlib.import_module(sys.argv[1])
spent = (time.perf_counter() - started) * 1000
peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
print(spent, int(peak[1]) / 1024)
"""


def figures(state: Path) -> list[str]:
    stores.set_environment()
    build = state / "build"
    rooms = {"botocore, DynamoDB client": (REFERENCE.stem, reference(build))}
    rooms |= {name: mounted(build, name, function) for name, function in functions().items()}
    found: dict[str, list[Spent]] = defaultdict(list)
    for _ in range(RUNS):  # in turns: whatever else this machine does slows all alike
        for name, room in rooms.items():
            found[name].append(imported(*room))
    bare = {name: without_compiled(*room) for name, room in rooms.items()}
    scale = milliseconds(next(iter(found.values())))
    rows = [[name, *row(found[name], bare[name], scale)] for name in rooms]
    slowest = max(list(rooms)[1:], key=lambda name: milliseconds(found[name]))
    shares = table([f"packages of {slowest}", "own ms"], heaviest(*rooms[slowest]))
    return [*table(HEAD, rows), "", *shares]


def reference(build: Path) -> list[Path]:
    return [build / "RuntimeLayer" / "python", REFERENCE.parent]


def mounted(build: Path, name: str, function: dict[str, object]) -> tuple[str, list[Path]]:
    """The module Lambda imports, and the folders where it looks."""
    properties = function["Properties"]
    assert isinstance(properties, dict)
    module = str(properties["Handler"]).rpartition(".")[0]
    own = [layer["Ref"] for layer in properties.get("Layers", [])]
    layers = ["RuntimeLayer", "PortalLayer", *own]
    return module, [build / name, *(build / layer / "python" for layer in layers)]


def row(found: list[Spent], bare: list[Spent], scale: float) -> list[str]:
    spent, slow = milliseconds(found), milliseconds(bare)
    memory = middle(each[1] for each in found)
    quickest = min(each[0] for each in found)  # what else the machine does only adds
    shares = [f"{spent:.0f}", f"{quickest:.0f}", f"{spent / MOST_MS:.0%}", f"{spent / scale:.1f}"]
    return [*shares, f"{slow:.0f}", f"{slow / spent:.1f}", f"{memory:.0f}"]


def milliseconds(found: list[Spent]) -> float:
    return middle(each[0] for each in found)


def imported(module: str, paths: list[Path]) -> Spent:
    """In a fresh process that writes nothing."""
    spent, memory = run(module, paths).stdout.split()[-2:]
    return float(spent), float(memory)


def heaviest(module: str, paths: list[Path]) -> list[list[str]]:
    """Own time of each package's modules, by `python -X importtime`, which slows all alike."""
    spent: dict[str, int] = defaultdict(int)
    for line in run(module, paths, "-X", "importtime").stderr.splitlines():
        if found := re.match(r"import time: +(\d+) \| +\d+ \| +(\w+)", line):
            spent[found[2]] += int(found[1])
    most = sorted(spent.items(), key=lambda each: -each[1])[:HEAVIEST]
    return [[name, f"{microseconds / 1000:.0f}"] for name, microseconds in most]


def run(module: str, paths: list[Path], *options: str) -> subprocess.CompletedProcess[str]:
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env = bare | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [base_python(), "-S", *options, "-c", SCRIPT, module]
    return subprocess.run(  # noqa: S603
        command, env=env, cwd="/", capture_output=True, text=True, check=True
    )


def base_python() -> str:
    """Without our environment's packages: only what the layers hold may be found."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def without_compiled(module: str, paths: list[Path]) -> list[Spent]:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    with tempfile.TemporaryDirectory() as folder:
        copies = [Path(folder) / str(n) for n, _ in enumerate(paths)]
        for path, copy in zip(paths, copies, strict=True):
            shutil.copytree(path, copy, ignore=ignored)
        return [imported(module, copies) for _ in range(3)]

"""What a cold start imports, from the built functions and layers as Lambda mounts them: read-only.

Lambda's own start and the download of the code are not in it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import stores
from tests.architecture.template import functions
from tests.bench.figures import middle, table

RUNS = 7
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
    rows = [row(build, name, function) for name, function in functions().items()]
    head = ["function", "imports ms", "without .pyc ms", "times", "memory MiB"]
    return table(head, rows)


def row(build: Path, name: str, function: dict[str, object]) -> list[str]:
    properties = function["Properties"]
    assert isinstance(properties, dict)
    module = str(properties["Handler"]).rpartition(".")[0]
    own = [layer["Ref"] for layer in properties.get("Layers", [])]
    layers = ["RuntimeLayer", "PortalLayer", *own]
    paths = [build / name, *(build / layer / "python" for layer in layers)]
    compiled = [imported(module, paths) for _ in range(RUNS)]
    with tempfile.TemporaryDirectory() as folder:
        bare = [without_compiled(path, Path(folder) / str(n)) for n, path in enumerate(paths)]
        plain = [imported(module, bare) for _ in range(3)]
    milliseconds = middle(each[0] for each in compiled)
    slow = middle(each[0] for each in plain)
    memory = middle(each[1] for each in compiled)
    figures = f"{milliseconds:.0f}", f"{slow:.0f}", f"{slow / milliseconds:.1f}", f"{memory:.0f}"
    return [name, *figures]


def imported(module: str, paths: list[Path]) -> tuple[float, float]:
    """Milliseconds and MiB, in a fresh process that writes nothing."""
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    env = bare | {"PYTHONPATH": os.pathsep.join(map(str, paths)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [base_python(), "-S", "-c", SCRIPT, module]
    ran = subprocess.run(  # noqa: S603
        command, env=env, cwd="/", capture_output=True, text=True, check=True
    )
    spent, memory = ran.stdout.split()[-2:]
    return float(spent), float(memory)


def base_python() -> str:
    """Without our environment's packages: only what the layers hold may be found."""
    return str(Path(sys.base_prefix) / "bin" / "python3")


def without_compiled(path: Path, copy: Path) -> Path:
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    return copy

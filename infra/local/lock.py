"""`make lock`: pins all dependencies with hashes, from pyproject.toml and the layers' .in files.

requirements.txt files and no uv.lock: those name no registry, so any mirror will do.
"""

import re
import subprocess
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".local" / "uv" / "bin" / "uv"
RUNTIME = ROOT / "layers" / "runtime"
ON_RUNTIME = [ROOT / "layers" / name for name in ("clinical", "identity", "push")]
LAYER_LOCKS = [folder / "requirements.txt" for folder in (RUNTIME, *ON_RUNTIME)]


def main() -> None:
    excludes = ["--excludes", str(RUNTIME / "excludes.txt")]
    compile_lock(RUNTIME / "requirements.in", LAYER_LOCKS[0], excludes)
    for folder in ON_RUNTIME:
        lock = folder / "requirements.txt"
        options = [*excludes, *constraints(LAYER_LOCKS[:1])]
        compile_lock(folder / "requirements.in", lock, options)
        drop_what_is_in(LAYER_LOCKS[0], lock)
    for group, packages in groups().items():
        limits = constraints(LAYER_LOCKS) if group == "dev" else []
        lock_packages(packages, ROOT / "requirements" / f"{group}.txt", limits)


def groups() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {"uv": ["uv"], **project["dependency-groups"]}


def constraints(locks: list[Path]) -> list[str]:
    return [word for lock in locks for word in ("--constraints", str(lock))]


def lock_packages(packages: list[str], lock: Path, options: list[str]) -> None:
    with TemporaryDirectory() as folder:
        wanted = Path(folder) / "requirements.in"
        wanted.write_text("\n".join(packages))
        compile_lock(wanted, lock, options)


def compile_lock(wanted: Path, lock: Path, options: list[str]) -> None:
    print(f"Locking {lock.relative_to(ROOT)}", flush=True)
    command = [str(UV), "pip", "compile", "--quiet", "--upgrade", "--generate-hashes"]
    command += ["--no-header", "--no-annotate", "--python-version", "3.13"]
    subprocess.run([*command, *options, str(wanted), "-o", str(lock)], check=True)


def drop_what_is_in(other: Path, lock: Path) -> None:
    """A layer that stands on another must not bring its packages a second time."""
    held = set(pins(other.read_text()))
    kept = [text for pin, text in pins(lock.read_text()).items() if pin not in held]
    lock.write_text("".join(kept))


def pins(lock: str) -> dict[str, str]:
    """{"name==version": the lines that lock it}."""
    entries = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)
    return {entry.split(maxsplit=1)[0]: entry for entry in entries if entry.strip()}


if __name__ == "__main__":
    main()

"""What each Lambda function and layer contains, compiled; `sam build` calls this by Makefile.

On AWS the file system is read-only: without `.pyc` in the bundle every cold start compiles anew.
`PORTAL_ARCH` (arm64 or x86_64) picks the wheels; unset, they are those of this machine.
"""

import compileall
import hashlib
import os
import py_compile
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra import catalogues

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".local" / "layers"
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
AWS_SERVICES = {
    "dynamodb",
    "kms",
    "pinpoint-sms-voice-v2",
    "s3",
    "sesv2",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "sts",
}
# Parts of the dependencies that no function imports: the packages' own tests and command lines,
# the FHIR versions that are not R4 (`fhir.resources` itself is R5), and what makes botocore import
# all of OpenSSL wherever the identity layer brings it, to use none of it.
UNUSED = (
    "bin",
    "**/tests",
    "**/*.pyi",
    "chalice/[!_]*/",
    "chalice/[!_a]*.py",
    "fhir/resources/STU3",
    "fhir/resources/[!_]*.py",
    "urllib3/contrib/pyopenssl.py",
)


def main(kind: str, name: str, target: Path) -> None:
    builders = {"function": bundle_function, "layer": bundle_layer, "portal": bundle_portal}
    builders[kind](name, target)


def bundle_function(logical_id: str, target: Path) -> None:
    room = room_of(logical_id, {path.name for path in (ROOT / "functions").iterdir()})
    copy_tree(ROOT / "functions" / room, target / "functions" / room)
    compile_tree(target)


def room_of(logical_id: str, rooms: set[str]) -> str:
    """LabReleaseReceiveFunction -> lab_release: the longest room its name begins with."""
    words = re.sub(r"(?<!^)(?=[A-Z])", "_", logical_id).lower() + "_"
    found = [room for room in rooms if words.startswith(room + "_")]
    if not found:
        sys.exit(f"{logical_id} begins with the name of no folder in functions/.")
    return max(found, key=len)


def bundle_layer(name: str, target: Path) -> None:
    kept = CACHE / f"{name}-{layer_version(name)}"
    if not kept.exists():
        fresh = kept.with_suffix(f".{os.getpid()}")
        install(name, fresh / "python")
        prune(fresh / "python")
        compile_tree(fresh)
        fresh.replace(kept)
    shutil.copytree(kept, target, dirs_exist_ok=True)


def layer_version(name: str) -> str:
    """A digest of all that decides what the layer contains."""
    files = (Path(__file__).read_bytes(), requirements(name).read_bytes())
    words = (architecture(), *sorted(languages()))
    return hashlib.sha256(b"\0".join([*files, " ".join(words).encode()])).hexdigest()[:16]


def requirements(name: str) -> Path:
    return ROOT / "layers" / name / "requirements.txt"


def architecture() -> str:
    return os.environ.get("PORTAL_ARCH", "")


def install(name: str, target: Path) -> None:
    uv = ROOT / ".local" / "uv" / "bin" / "uv"
    command = [str(uv), "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    command += ["--python", sys.executable, "--target", str(target), "--link-mode", "copy"]
    if architecture():
        command += ["--python-platform", PLATFORMS[architecture()], "--only-binary", ":all:"]
    subprocess.run([*command, "-r", str(requirements(name))], check=True)  # noqa: S603


def prune(packages: Path) -> None:
    for pattern in UNUSED:
        remove(packages.glob(pattern))
    remove(unused_services(packages / "botocore" / "data"))
    remove(unused_locales(packages / "babel" / "locale-data"))
    remove(path for path in packages.glob("*.dist-info/*") if path.name != "METADATA")
    remove(packages.rglob("__pycache__"))


def unused_services(data: Path) -> Iterator[Path]:
    for path in data.glob("*/"):
        if path.name not in AWS_SERVICES:
            yield path


def unused_locales(data: Path) -> Iterator[Path]:
    """Babel brings 1,100 locales, 32 MB that each new function process would unpack."""
    for path in data.glob("*.dat"):
        if re.split(r"[_.]", path.name)[0] not in languages():
            yield path


def languages() -> set[str]:
    return {"root", "en"} | {re.split("[_-]", name)[0] for name in catalogues.known(ROOT)}


def remove(paths: Iterator[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def bundle_portal(_name: str, target: Path) -> None:
    copy_tree(ROOT / "layers" / "portal" / "portal", target / "python" / "portal")
    copy_tree(ROOT / "templates", target / "templates", skip=("*.po", "*.pot"))
    catalogues.compile_all(ROOT, str(target / "templates" / "locales"))
    compile_tree(target / "python")


def copy_tree(source: Path, target: Path, skip: tuple[str, ...] = ()) -> None:
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", *skip)
    shutil.copytree(source, target, ignore=ignored, dirs_exist_ok=True)


def compile_tree(target: Path) -> None:
    """Unchecked: a zip's timestamps would make Python distrust what it cannot rewrite."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    if not compileall.compile_dir(target, quiet=1, invalidation_mode=mode, stripdir=str(target)):
        sys.exit(f"{target} holds a file that Python {sys.version_info.minor} cannot compile.")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

"""The local run: what it locks, bundles, pushes and shows. Started stacks are in tests/journeys."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from infra.local import lock, mailbox, place, progress, pushed
from infra.local.sent import Sent
from infra.local.stack import only_one

from infra import bundle

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [*sorted(ROOT.glob("requirements/*.txt")), *sorted(ROOT.glob("layers/*/requirements.txt"))]
ENVIRONMENTS = ["local", "staging", "prod-us", "prod-eu", "prod-ap"]


class Template(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, which are of no interest here."""


Template.add_multi_constructor("!", lambda _loader, _suffix, node: str(node.tag))


def parameters(environment: str) -> dict[str, str]:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    pairs = config[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(pair.split("=", 1) for pair in pairs)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_locked_package_has_a_hash_and_no_lock_names_a_registry(path: Path) -> None:
    text = path.read_text()

    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in lock.pins(text).values())


def test_the_tests_run_with_the_versions_that_are_shipped() -> None:
    tested = set(lock.pins((ROOT / "requirements" / "dev.txt").read_text()))
    shipped = [pin for path in lock.LAYER_LOCKS for pin in lock.pins(path.read_text())]
    names = {pin.split("==")[0]: pin for pin in shipped}

    assert len(names) == len(shipped)
    assert [pin for pin in tested if names.get(pin.split("==")[0], pin) != pin] == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_samconfig_gives_every_parameter_that_has_no_default_and_no_other(environment: str) -> None:
    template = yaml.load((ROOT / "template.yaml").read_text(), Template)  # noqa: S506
    needed = {name for name, about in template["Parameters"].items() if "Default" not in about}

    given = set(parameters(environment))

    assert needed <= given <= set(template["Parameters"])


def test_each_production_region_keeps_its_own_data_and_certificate() -> None:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text())
    regions = [config[name]["deploy"]["parameters"]["region"] for name in ENVIRONMENTS[2:]]

    assert regions == ["us-east-1", "eu-central-1", "ap-southeast-1"]
    for environment, region in zip(ENVIRONMENTS[2:], regions, strict=True):
        assert f":{region}:" in parameters(environment)["CertificateArn"]
        assert parameters(environment)["KeepData"] == "true"


@pytest.mark.parametrize(
    ("logical_id", "room"),
    [
        ("ResultsFunction", "results"),
        ("SignInSendFunction", "sign_in"),
        ("LabReleaseReceiveFunction", "lab_release"),
        ("EhrFunction", "ehr"),
        ("EhrSyncFunction", "ehr_sync"),
    ],
)
def test_a_function_is_bundled_from_the_room_its_name_begins_with(
    logical_id: str, room: str
) -> None:
    rooms = {"ehr", "ehr_sync", "lab_release", "results", "sign_in"}

    assert bundle.room_of(logical_id, rooms) == room


def test_a_function_of_no_room_is_refused_with_a_sentence() -> None:
    with pytest.raises(SystemExit, match="no folder in functions"):
        bundle.room_of("OrphanFunction", {"results"})


def test_a_bundle_ships_compiled_code_that_never_looks_at_time_stamps(tmp_path: Path) -> None:
    bundle.bundle_function("SignInFunction", tmp_path)

    sources = list(tmp_path.rglob("*.py"))
    compiled = {path.name.split(".")[0]: path for path in tmp_path.rglob("*.pyc")}
    assert {path.stem for path in sources} == set(compiled)
    assert {path.read_bytes()[4] for path in compiled.values()} == {0b01}  # PEP 552, unchecked


def test_the_portal_layer_holds_code_templates_and_compiled_catalogues(tmp_path: Path) -> None:
    bundle.bundle_portal("portal", tmp_path)

    assert (tmp_path / "python" / "portal" / "web.py").exists()
    assert (tmp_path / "templates" / "locales" / "es" / "LC_MESSAGES" / "portal.mo").exists()
    assert list(tmp_path.rglob("*.po")) == []


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"\x0bMSH|\x1c\r", b"MSH|\x00", "MSH|\ufffe".encode()]
)
def test_bytes_a_queue_would_refuse_or_change_travel_as_base64(raw: bytes) -> None:
    assert pushed.as_text(raw) is None


def test_an_ordinary_message_travels_as_it_is() -> None:
    raw = "MSH|^~\\&|LAB\rPID|1||1^^^A||Nuñez\r\n".encode()

    assert pushed.as_text(raw) == raw.decode()


def test_the_mailbox_shows_messages_without_running_them() -> None:
    message = Sent("email", "a@b<c>", "<b>Hi", "<script>alert(1)</script>", "2026-01-02T03:04:05Z")

    shown = mailbox.article(message)

    assert "<script>" not in shown
    assert "a@b&lt;c&gt;" in shown
    assert "&lt;b&gt;Hi" in shown


def test_an_address_in_a_message_can_be_clicked_and_ends_where_its_sentence_ends() -> None:
    shown = mailbox.linked("Open http://portal.localhost:1/sign-in/a?b=1&c=2. Then go on.")

    address = "http://portal.localhost:1/sign-in/a?b=1&amp;c=2"
    assert shown == f'Open <a href="{address}">{address}</a>. Then go on.'


def test_a_port_in_use_is_a_sentence_that_says_what_to_type(tmp_path: Path) -> None:
    taken = place.place(tmp_path, 0, 0)
    with mailbox.serving(taken), pytest.raises(progress.CannotRun, match=r"make run PORT="):
        place.place(tmp_path, taken.mailbox_port, 0)


def test_free_ports_stay_the_same_as_long_as_the_data_is_kept(tmp_path: Path) -> None:
    assert place.place(tmp_path, 0, 0) == place.place(tmp_path, 0, 0)


def test_a_second_run_on_the_same_data_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(progress.CannotRun, match="running already"):
        only_one(tmp_path).__enter__()


def test_make_lists_its_targets_each_a_line_or_two() -> None:
    lines = (ROOT / "Makefile").read_text().splitlines()
    starts = [n for n, line in enumerate(lines) if re.match(r"[a-z]+:", line)] + [len(lines)]

    assert all(later - earlier <= 3 for earlier, later in pairwise(starts))


def test_a_layer_leaves_out_what_only_costs_a_cold_start(tmp_path: Path) -> None:
    """botocore imports pyopenssl where it finds it, and uses nothing of it."""
    kept, unused = tmp_path / "urllib3/contrib/socks.py", tmp_path / "urllib3/contrib/pyopenssl.py"
    for path in (kept, unused):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()

    bundle.prune(tmp_path)

    assert kept.exists()
    assert not unused.exists()

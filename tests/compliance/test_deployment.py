"""What is deployed and what is not: TLS, secrets, permissions, bundles (ASVS V12, V13; 164.312)."""

import ast
import json
import os
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from tests.architecture.sources import ROOT, modules, short
from tests.architecture.template import functions, of_type, read, template
from tests.architecture.test_infrastructure import listed, statements

from infra import bundle
from portal import credentials, fetching, staff_people, staff_sessions
from portal.aws import client
from portal.tables import ALL

DATA = "infra/data.yaml"
STACKS = ("template.yaml", DATA, "infra/alarms.yaml")
SECRETS = re.compile(
    r"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|gh[pousr]_\w{36}|xox[abpr]-\w{10}"
    r"|ehr_[A-Za-z0-9_-]{43}|sk_live_\w+|eyJ[\w-]{20,}\.eyJ[\w-]{20,}\."
)
# What a name may say of a secret: where it is kept, or whom to ask about secrets.
NAMES_ONE = re.compile(r"(?i)(secret|password|token|credential)\w*(?<!url)(?<!parameter)$")
DEBUGGING = {"POWERTOOLS_DEV", "POWERTOOLS_DEBUG", "POWERTOOLS_LOGGER_LOG_EVENT", "DEBUG"}
UNTRUSTING = ("verify=False", "CERT_NONE", "_create_unverified_context", "check_hostname = False",
              "assert_hostname=False", "use_ssl=False")  # fmt: skip


def test_the_domain_takes_no_tls_before_1_2_and_has_the_clinics_certificate() -> None:
    domain = template()["Resources"]["PortalDomainName"]["Properties"]

    assert domain["SecurityPolicy"] == "TLS_1_2"  # and 1.3, which is preferred
    assert domain["RegionalCertificateArn"]["If"][:2] == [
        "HasCertificate",
        {"Ref": "CertificateArn"},
    ]


def test_the_portal_answers_under_its_own_name_only() -> None:
    """ASVS V12.1.1: the default `execute-api` name takes TLS 1.0."""
    front = template()["Resources"]["Portal"]["Properties"]

    assert front["DisableExecuteApiEndpoint"] == {"If": ["HasCertificate", True, False]}


def answers_of_the_front() -> dict[str, dict[str, Any]]:
    """What API Gateway answers by itself, by kind."""
    found: dict[str, dict[str, Any]] = template()["Resources"]["Portal"]["Properties"][
        "GatewayResponses"
    ]
    return found


@pytest.mark.parametrize("kind", answers_of_the_front())
def test_what_the_front_answers_by_itself_carries_the_security_headers(kind: str) -> None:
    """A static value stands in single quotes; nothing is mapped from the request."""
    given = answers_of_the_front()[kind]["ResponseParameters"]["Headers"]
    headers = {name.lower(): value for name, value in given.items()}

    assert all(value[0] == value[-1] == "'" for value in headers.values())
    assert "max-age=63072000" in headers["strict-transport-security"]
    assert headers["x-content-type-options"] == "'nosniff'"
    assert headers["referrer-policy"] == "'same-origin'"
    assert headers["cache-control"] == "'no-store'"
    for directive in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert f"{directive} 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("kind", answers_of_the_front())
def test_what_the_front_answers_by_itself_is_a_problem_that_names_its_status(kind: str) -> None:
    answer = answers_of_the_front()[kind]
    (text,) = answer["ResponseTemplates"].values()
    problem = json.loads(text)

    assert answer["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"
    assert problem.keys() == {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == answer["StatusCode"]
    waits = "Retry-After" in answer["ResponseParameters"]["Headers"]
    assert waits == (answer["StatusCode"] == 429)


def test_every_kind_the_front_can_answer_has_words_of_ours() -> None:
    assert answers_of_the_front().keys() >= {
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "MISSING_AUTHENTICATION_TOKEN",
        "THROTTLED",
    }


def test_the_bucket_refuses_whoever_comes_without_tls_or_is_a_stranger() -> None:
    (bucket,) = of_type("AWS::S3::Bucket", DATA).values()
    (policy,) = of_type("AWS::S3::BucketPolicy", DATA).values()
    (denial,) = policy["Properties"]["PolicyDocument"]["Statement"]

    assert (denial["Effect"], denial["Principal"], denial["Action"]) == ("Deny", "*", "s3:*")
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert set(bucket["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["Properties"]["VersioningConfiguration"] == {"Status": "Enabled"}


def test_every_table_bucket_queue_and_topic_is_encrypted_with_our_key() -> None:
    found = {
        name: str(resource["Properties"])
        for stack in STACKS
        for name, resource in read(stack)["Resources"].items()
        if resource["Type"].split("::")[1] in {"DynamoDB", "SQS", "SNS", "S3"}
        and not resource["Type"].endswith("Policy")
    }

    assert len(found) >= 12
    for name, properties in found.items():
        assert re.search(r"KMSMasterKeyI[dD]|KmsMasterKeyId", properties), name
        assert "DataKey" in properties, name


@pytest.mark.parametrize("words", UNTRUSTING)
def test_nobody_is_talked_to_without_a_certificate_that_is_checked(words: str) -> None:
    paths = [*modules(), *(ROOT / "infra" / "mllp").glob("*.py")]

    assert [short(path) for path in paths if words in path.read_text()] == []


def test_no_address_of_aws_is_named_in_the_clear() -> None:
    """botocore's own endpoints are https; nothing may put another one in their place."""
    for path, tree in modules().items():
        words = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
        assert not {"endpoint_url", "use_ssl"} & words, short(path)
    for model in ALL:
        assert not getattr(model.Meta, "host", None), model


def test_every_call_of_aws_gives_up_in_time() -> None:
    config = client("sqs").meta.config

    assert (config.connect_timeout, config.read_timeout) == (2, 5)
    for model in ALL:
        assert (model.Meta.connect_timeout_seconds, model.Meta.read_timeout_seconds) == (2, 5)
        assert model.Meta.max_retry_attempts == 3


def test_the_front_answers_named_methods_only_and_keeps_nothing() -> None:
    events = [
        event["Properties"]["Method"].upper()
        for function in functions().values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    front = template()["Resources"]["Portal"]["Properties"]

    assert set(events) <= {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert not {"CacheClusterEnabled", "Cors"} & front.keys()
    assert all(not each["DataTraceEnabled"] for each in front["MethodSettings"])


def environments() -> Iterator[dict[str, Any]]:
    yield template()["Globals"]["Function"]["Environment"]["Variables"]
    for function in functions().values():
        yield function["Properties"].get("Environment", {}).get("Variables", {})


def test_no_environment_holds_a_secret_or_turns_debugging_on() -> None:
    for variables in environments():
        assert not DEBUGGING & variables.keys()
        for name, value in variables.items():
            assert not NAMES_ONE.search(name), name
            assert isinstance(value, str | dict), name


def test_parameters_hold_no_secret_either() -> None:
    for stack in STACKS:
        for name in read(stack)["Parameters"]:
            assert not NAMES_ONE.search(name), name


def test_secrets_of_other_servers_are_read_under_the_portals_own_prefix() -> None:
    found = [s for s in statements(template()["Resources"]) if "ssm:" in str(s["Action"])]

    assert found
    for statement in found:
        assert listed(statement["Action"]) == ["ssm:GetParameter"]
        (resource,) = listed(statement["Resource"])
        assert "parameter/portal/" in str(resource)


def test_a_function_reads_the_secrets_of_its_own_purpose_only() -> None:
    """A sender's door need not know the secret of the staff's sign-in, nor another stack's."""
    read = {
        name: str(statement["Resource"]).partition(":parameter")[2].removesuffix("'}")
        for name, function in functions().items()
        for statement in statements(function)
        if "ssm:GetParameter" in listed(statement["Action"])
    }

    assert read == {
        "EhrFunction": "/portal/${AWS::StackName}/senders/*",
        "PushFunction": "/portal/${AWS::StackName}/push/*",
        "SettingsFunction": "/portal/${AWS::StackName}/push/public-key",
        "SignInFunction": "/portal/${AWS::StackName}/organisations/*",
        "SignInSendFunction": "/portal/${AWS::StackName}/proofing/*",
        "StaffFunction": "/portal/${AWS::StackName}/staff/*",
    }


def on_sessions() -> Iterator[tuple[str, list[str], dict[str, Any]]]:
    """Who may do what in the sessions table, and the patterns its keys are held to."""
    for name, resource in template()["Resources"].items():
        for statement in statements(resource):
            if "SessionsTable" in str(statement.get("Resource")):
                yield name, listed(statement["Action"]), statement["Condition"]


def may(name: str, action: str, key: str) -> bool:
    for holder, actions, condition in on_sessions():
        ((operator, keys),) = condition.items()
        hits = any(fnmatchcase(key, each) for each in listed(keys["dynamodb:LeadingKeys"]))
        is_held = hits == (operator == "ForAllValues:StringLike")
        if holder == name and f"dynamodb:{action}" in actions and is_held:
            return True
    return False


def test_one_room_reads_senders_credentials_and_none_makes_them() -> None:
    """Whoever could would put results into charts."""
    key = credentials._pk("ehr_secret")
    holders = {name for name, _, _ in on_sessions()}

    assert holders == {
        *("EhrFunction", "StaffFunction", "SignInSendFunction", "LabReleaseFunction"),
        *("KeepSession", "KeepAccount", "HomeFunction", "PushFunction", "TellDevices"),
    }
    assert [name for name in holders if may(name, "GetItem", key)] == ["EhrFunction"]
    for action in ("PutItem", "UpdateItem", "DeleteItem", "Query"):
        assert not [name for name in holders if may(name, action, key)], action


@pytest.mark.parametrize("key", [staff_people.PK, staff_sessions._key("cookie")])
def test_only_the_staff_room_reaches_who_works_here_and_their_sessions(key: str) -> None:
    """No fault of a patients' room makes anybody staff."""
    for name in {name for name, _, _ in on_sessions()} - {"StaffFunction"}:
        for action in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"):
            assert not may(name, action, key), f"{name} {action}"
    assert may("StaffFunction", "PutItem", key)


@pytest.mark.parametrize("holder", ["KeepAccount", "KeepSession"])
def test_patients_own_rows_are_reached_as_before(holder: str) -> None:
    for key in ("session#x", "account#x", "throttle#x", "refusals#x"):
        assert may(holder, "GetItem", key)
        assert may(holder, "UpdateItem", key)


def test_only_the_delivery_of_logs_is_allowed_on_everything() -> None:
    for statement in statements(template()["Resources"]):
        if statement["Effect"] == "Allow" and "*" in listed(statement.get("Resource", [])):
            assert all(action.startswith("logs:") for action in listed(statement["Action"]))


def test_no_function_may_change_a_log() -> None:
    for name, function in functions().items():
        for statement in statements(function):
            assert not [a for a in listed(statement["Action"]) if a.startswith("logs:")], name


def test_every_log_group_is_named_here_kept_for_a_year_and_written_as_json() -> None:
    assert of_type("AWS::Logs::LogGroup").keys() == {"Logs", "AccessLogs", "WorkflowLogs"}
    assert template()["Globals"]["Function"]["LoggingConfig"] == {
        "LogFormat": "JSON",
        "LogGroup": {"Ref": "Logs"},
    }
    for name, function in functions().items():
        assert "LoggingConfig" not in function["Properties"], name


def sources() -> Iterator[Path]:
    for folder, names, files in os.walk(ROOT):
        names[:] = [n for n in names if not n.startswith(".") and n != "__pycache__"]
        yield from (Path(folder) / name for name in files)


def test_no_secret_is_in_the_repository() -> None:
    found = {
        f"{short(path)}: {match[0][:12]}"
        for path in sources()
        for match in SECRETS.finditer(path.read_text("utf-8", "replace"))
    }

    assert found == set()


def test_the_local_runs_state_and_secrets_are_never_committed() -> None:
    assert {".local/", ".aws-sam/"} <= set((ROOT / ".gitignore").read_text().split())


@pytest.mark.parametrize("function", list(functions()))
def test_a_function_ships_its_room_and_nothing_else(function: str, tmp_path: Path) -> None:
    bundle.bundle_function(function, tmp_path)

    files = [path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()]
    rooms = {path.parts[:2] for path in files}
    assert len(rooms) == 1
    assert {path.suffix for path in files} <= {".py", ".pyc", ".json", ".txt"}
    assert not [p for p in files if {"tests", ".git"} & set(p.parts) or p.name.startswith(".")]


def test_the_shared_layer_ships_no_test_and_no_source_control(tmp_path: Path) -> None:
    bundle.bundle_portal("portal", tmp_path)

    names = {part for path in tmp_path.rglob("*") for part in path.relative_to(tmp_path).parts}
    assert not {"tests", ".git", "conftest.py", "infra"} & names
    assert not [name for name in names if name.startswith(".")]


def test_new_passwords_are_held_against_leaked_ones_wherever_patients_are() -> None:
    """ASVS V6.2.12: unless a clinic says otherwise. A laptop asks nobody."""
    url = template()["Parameters"]["BreachedPasswordsUrl"]["Default"]
    (asked,) = [
        function["Properties"]["Environment"]["Variables"]["BREACHED_PASSWORDS_URL"]
        for function in functions().values()
        if "BREACHED_PASSWORDS_URL" in str(function["Properties"].get("Environment"))
    ]
    said = {
        name: str(environment["deploy"]["parameters"]["parameter_overrides"])
        for name, environment in tomllib.loads((ROOT / "samconfig.toml").read_text()).items()
        if name != "version" and "deploy" in environment
    }

    assert fetching.is_address(url)
    assert asked == {"Ref": "BreachedPasswordsUrl"}
    assert [name for name in said if "BreachedPasswordsUrl" in said[name]] == ["local"]
    assert len(said) > 3

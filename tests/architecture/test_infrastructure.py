"""The template: permissions, queues, workflow, stores."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.architecture.sources import ROOT
from tests.architecture.template import functions, of_type, read, template

from portal.settings import settings_from
from portal.tables import ALL, CareRow, ChartRow

DATA = "infra/data.yaml"


def statements(node: Any) -> Iterator[dict[str, Any]]:
    """Every IAM statement below, wherever it stands."""
    if isinstance(node, dict):
        if node.get("Effect") in {"Allow", "Deny"}:
            yield node
        for value in node.values():
            yield from statements(value)
    elif isinstance(node, list):
        for value in node:
            yield from statements(value)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_no_permission_has_a_star_for_its_action() -> None:
    for statement in statements(template()["Resources"]):
        for action in listed(statement["Action"]):
            assert "*" not in action, statement


def test_the_audit_table_can_be_added_to_and_nothing_else() -> None:
    found = [s for s in statements(template()["Resources"]) if "AuditTable" in str(s)]

    assert [listed(s["Action"]) for s in found] == [["dynamodb:PutItem"]]


def test_nobody_may_delete_from_a_chart() -> None:
    for statement in statements(template()["Resources"]):
        if "ChartTable" in str(statement):
            actions = str(listed(statement["Action"]))
            assert "Delete" not in actions
            assert "Batch" not in actions  # BatchWriteItem deletes, too


def test_no_function_or_role_has_a_fixed_name() -> None:
    for resource in template()["Resources"].values():
        assert not {"FunctionName", "RoleName"} & resource.get("Properties", {}).keys()


def test_every_queue_has_a_dead_letter_queue_or_is_one_and_each_of_those_has_an_alarm() -> None:
    queues = of_type("AWS::SQS::Queue")
    letters = {name for name in queues if name.endswith("DeadLetters")}
    alarms = str(read("infra/alarms.yaml")["Resources"])

    for name, queue in queues.items():
        if name not in letters:
            assert "RedrivePolicy" in queue["Properties"], name
    for name in letters:
        assert f"'{name}'" in alarms, name


def test_visibility_is_at_least_six_times_the_receivers_timeout() -> None:
    default = template()["Globals"]["Function"]["Timeout"]
    queues = of_type("AWS::SQS::Queue")
    for function in functions().values():
        for event in function["Properties"].get("Events", {}).values():
            if event["Type"] == "SQS":
                queue = event["Properties"]["Queue"]["GetAtt"].split(".")[0]
                timeout = function["Properties"].get("Timeout", default)
                assert queues[queue]["Properties"]["VisibilityTimeout"] >= 6 * timeout
                assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def workflow() -> dict[str, Any]:
    text = (ROOT / "statemachines" / "release_lab_result.asl.yaml").read_text()
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def test_every_task_of_the_workflow_has_retry_catch_and_a_timeout() -> None:
    tasks = [state for state in workflow()["States"].values() if state["Type"] == "Task"]

    assert len(tasks) == 6
    for task in tasks:
        assert {"Retry", "Catch", "TimeoutSeconds"} <= task.keys()
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


def test_the_workflow_is_express_and_ends_within_ninety_seconds() -> None:
    machine = template()["Resources"]["ReleaseLabResult"]["Properties"]

    assert machine["Type"] == "EXPRESS"
    assert workflow()["TimeoutSeconds"] < 90


def test_a_refusal_ends_the_workflow_after_each_step_that_may_refuse() -> None:
    states = workflow()["States"]
    choices = [state for state in states.values() if state["Type"] == "Choice"]

    assert len(choices) == 4
    for choice in choices:
        assert choice["Choices"][0]["Variable"] == "$.is_over"
        assert choice["Choices"][0]["Next"] == "Nothing more to do"
    for step in ("Parse to FHIR", "Match the patient", "Merge as a new version"):
        assert states[states[step]["Next"]] in choices


def test_the_workflow_runs_the_steps_the_room_has_in_their_order() -> None:
    from functions.lab_release.app import STEPS

    tasks = [state for state in workflow()["States"].values() if state["Type"] == "Task"]

    assert [task["Parameters"]["step"] for task in tasks] == list(STEPS)


def test_a_message_is_swept_only_after_its_workflow_has_timed_out() -> None:
    from portal.arrivals import DEADLINE_SECONDS

    assert workflow()["TimeoutSeconds"] < DEADLINE_SECONDS


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_a_table_in_the_template_equals_its_model(model: Any) -> None:
    name = model.__name__.replace("Row", "sTable" if model.__name__[0] in "S" else "Table")
    name = {"ConsentTable": "ConsentsTable"}.get(name, name)
    properties = read(DATA)["Resources"][name]["Properties"]
    keys = {key["KeyType"]: key["AttributeName"] for key in properties["KeySchema"]}

    assert keys == {"HASH": model._hash_keyname, "RANGE": model._range_keyname}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["SSESpecification"]["SSEType"] == "KMS"
    assert properties["DeletionProtectionEnabled"] == {"If": ["KeepsData", True, False]}


def test_the_indexes_of_the_template_equal_those_of_the_models() -> None:
    resources = read(DATA)["Resources"]
    chart = resources["ChartTable"]["Properties"]["LocalSecondaryIndexes"]
    care = resources["CareTable"]["Properties"]["GlobalSecondaryIndexes"]

    assert [index["IndexName"] for index in chart] == [ChartRow.cards_by_time.Meta.index_name]
    assert [index["IndexName"] for index in care] == [CareRow.due_work.Meta.index_name]
    assert chart[0]["Projection"]["NonKeyAttributes"] == ["summary"]


def test_what_expires_expires_by_the_models_attribute() -> None:
    table = read(DATA)["Resources"]["SessionsTable"]["Properties"]

    assert table["TimeToLiveSpecification"] == {"Enabled": True, "AttributeName": "ends_at"}


def test_settings_are_what_the_template_gives() -> None:
    given = dict.fromkeys(template()["Globals"]["Function"]["Environment"]["Variables"], "x")

    assert settings_from(given | {"AWS_REGION": "us-east-1"}).portal_name == "x"


def test_everything_that_keeps_data_is_encrypted_and_kept() -> None:
    for name, resource in read(DATA)["Resources"].items():
        if resource["Type"] in {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"}:
            assert resource["DeletionPolicy"].startswith("Retain"), name
    for queue in of_type("AWS::SQS::Queue").values():
        assert queue["Properties"]["KmsMasterKeyId"] == {"GetAtt": "Data.Outputs.DataKey"}
    for group in of_type("AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] >= 365


def test_deployments_shift_traffic_and_roll_back_by_alarm() -> None:
    preference = template()["Globals"]["Function"]["DeploymentPreference"]

    assert preference["Type"] == {"Ref": "Rollout"}
    assert len(preference["Alarms"]) == 2
    assert template()["Parameters"]["Rollout"]["Default"].startswith("Canary")


def test_access_logs_never_hold_a_path() -> None:
    """A sign-in link's token and a record's id are parts of paths."""
    log_format = template()["Resources"]["Portal"]["Properties"]["AccessLogSetting"]["Format"]

    assert "$context.path" not in log_format
    assert "$context.resourcePath" in log_format


def test_nested_stacks_take_few_parameters() -> None:
    for stack in of_type("AWS::Serverless::Application").values():
        assert len(stack["Properties"]["Parameters"]) <= 8


def test_an_alarm_rings_above_ninety_seconds() -> None:
    alarms = read("infra/alarms.yaml")["Resources"]

    assert alarms["ResultIsLate"]["Properties"]["Threshold"] == 90
    assert alarms["SignOffIsLate"]["Properties"]["MetricName"] == "ReleaseSeconds"

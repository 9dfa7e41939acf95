"""MiniStack with what the template needs and it lacks. Runs in .local/ministack, not in our venv.

CodeDeploy shifts traffic between Lambda versions on AWS. Here there is no traffic to shift: the
resources are accepted and do nothing. An alarm on metric math is kept as one that never rings.
Texts carry no time in MiniStack; the mailbox shows one. State machines written in YAML are read as
JSON. A nested stack that is updated keeps what does not change in it whole. See also border.py and
few_processes.py.
"""

import ctypes
import json
import signal
import sys
import time
from typing import Any

import yaml
from infra.local.border import (
    compress_answers,
    name_leading_keys,
    name_senders,
    trust_loopback,
    unescape_media_types,
)
from infra.local.few_processes import (
    limit_executions,
    limit_processes,
    remember_what_was_parsed,
    share_unpacked,
)
from ministack import app  # type: ignore[import-not-found]
from ministack.services import cloudformation, sns  # type: ignore[import-not-found]
from ministack.services.cloudformation import provisioners  # type: ignore[import-not-found]

IGNORED = ("AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup")
PR_SET_PDEATHSIG = 1  # prctl(2)


def ignored(logical_id: str, _properties: object, stack_name: str) -> tuple[str, dict[str, str]]:
    return f"{stack_name}-{logical_id}", {}


def ignored_delete(_physical_id: str, _properties: object) -> None:
    return None


def allow_metric_math() -> None:
    record = provisioners._cw_metric_alarm_record

    def plain_record(name: str, properties: dict[str, object]) -> object:
        if properties.pop("Metrics", None):
            properties |= {"Namespace": "Local", "MetricName": "MetricMath", "Statistic": "Sum"}
            properties |= {"Period": 60}
        return record(name, properties)

    provisioners._cw_metric_alarm_record = plain_record


def read_yaml_workflows() -> None:
    declared = provisioners._sfn_definition

    def as_json(properties: dict[str, object]) -> str:
        return json.dumps(yaml.safe_load(declared(properties)))  # JSON is YAML, too

    provisioners._sfn_definition = as_json


def keep_attributes() -> None:
    """A resource of a nested stack that stays as it is still has its Arn, for whoever asks."""
    update = provisioners._update_resource

    def updated(*facts: Any, **more: Any) -> Any:
        *_, stack_name, logical_id = facts
        known = cloudformation._stacks.get(stack_name, {}).get("_resources", {}).get(logical_id, {})
        return update(*facts, **{"old_attrs": known.get("Attributes"), **more})

    provisioners._update_resource = updated


def stamp_texts() -> None:
    publish = sns._publish

    def stamped(parameters: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        answer: tuple[int, dict[str, str], bytes] = publish(parameters)
        for message in sns._sms_messages.get(sns._p(parameters, "PhoneNumber"), []):
            message.setdefault("Timestamp", time.time())
        return answer

    sns._publish = stamped


if __name__ == "__main__":
    if sys.platform == "linux":  # never outlive `make run`, even one that was killed
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    for resource_type in IGNORED:
        provisioners._RESOURCE_HANDLERS[resource_type] = {
            "create": ignored,
            "delete": ignored_delete,
        }
    allow_metric_math()
    trust_loopback()
    name_senders()
    name_leading_keys()
    unescape_media_types()
    compress_answers()
    read_yaml_workflows()
    limit_processes()
    limit_executions()
    share_unpacked()
    remember_what_was_parsed()
    stamp_texts()
    keep_attributes()
    app.main()

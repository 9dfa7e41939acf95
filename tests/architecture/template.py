"""template.yaml and the stacks below it, with CloudFormation's short forms read as plain values."""

from functools import cache
from typing import Any

import yaml
from tests.architecture.sources import ROOT


class Loader(yaml.SafeLoader):
    pass


def _short_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {tag: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {tag: loader.construct_sequence(node, deep=True)}
    return {tag: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


Loader.add_multi_constructor("!", _short_form)


@cache
def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / name).read_text(), Loader)  # noqa: S506
    return loaded


def template() -> dict[str, Any]:
    return read("template.yaml")


def of_type(kind: str, name: str = "template.yaml") -> dict[str, dict[str, Any]]:
    resources = read(name)["Resources"]
    return {key: value for key, value in resources.items() if value["Type"] == kind}


def functions() -> dict[str, dict[str, Any]]:
    return of_type("AWS::Serverless::Function")

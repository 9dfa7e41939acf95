"""Amazon States Language, as far as the product's definitions use it: one execution at a time.

An unknown field or state is an error here, so that a definition cannot mean more than is run.
"""

import fnmatch
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

type Task = Callable[[Any, Any], Any]
type State = Mapping[str, Any]

MAX_STATES = 200
KNOWN = {
    "Type", "Comment", "Next", "End", "Resource", "Parameters", "TimeoutSeconds", "Retry", "Catch",
    "Choices", "Default", "Error", "Cause", "ResultPath", "InputPath", "OutputPath", "Result",
    "Seconds", "ResultSelector",
}  # fmt: skip


class Failed(Exception):
    """The execution ended in Fail, or in an error that nothing caught."""


@dataclass(frozen=True)
class Outcome:
    state: str  # where it ended
    output: Any


def run(definition: Mapping[str, Any], tasks: Mapping[str, Task], given: Any) -> Outcome:
    """Raises Failed. `tasks` is the handler for each Resource."""
    states, name, data = definition["States"], definition["StartAt"], given
    for _ in range(MAX_STATES):
        state = states[name]
        _check(name, state)
        if state["Type"] == "Fail":
            raise Failed(name)
        following, data = _left(state, data, tasks)
        if not following:
            return Outcome(name, data)
        name = following
    raise AssertionError("the execution goes round in circles")


def _check(name: str, state: State) -> None:
    unknown = set(state) - KNOWN
    assert not unknown, f"{name!r} has {unknown}, which this interpreter does not know"


def _left(state: State, data: Any, tasks: Mapping[str, Task]) -> tuple[str, Any]:
    """The next state's name ("" at the end), and what it is given."""
    given = at(state.get("InputPath", "$"), data)
    if state["Type"] == "Choice":
        return _chosen(state, given), data
    if state["Type"] == "Task":
        try:
            result = _tried(state, _parameters(state.get("Parameters", {"x.$": "$"}), given), tasks)
        except Exception as error:
            return _caught(state, data, error)
    else:
        assert state["Type"] in {"Pass", "Wait", "Succeed"}, state["Type"]
        result = state.get("Result", given)
    return state.get("Next", ""), _output(state, data, result)


def _output(state: State, data: Any, result: Any) -> Any:
    if "ResultSelector" in state:
        result = _parameters(state["ResultSelector"], result)
    return at(state.get("OutputPath", "$"), _placed(state.get("ResultPath", "$"), data, result))


def _tried(state: State, given: Any, tasks: Mapping[str, Task]) -> Any:
    """As often as the first matching retrier allows. What it waits in between is not waited."""
    attempts = 0
    while True:
        try:
            answer = tasks[state["Resource"]](json.loads(json.dumps(given)), None)
            return json.loads(json.dumps(answer))
        except Exception as error:
            attempts += 1
            if attempts > _attempts(state, error):
                raise


def _attempts(state: State, error: Exception) -> int:
    for retrier in state.get("Retry", ()):
        if _matches(retrier["ErrorEquals"], error):
            return int(retrier.get("MaxAttempts", 3))
    return 0


def _caught(state: State, data: Any, error: Exception) -> tuple[str, Any]:
    for catcher in state.get("Catch", ()):
        if _matches(catcher["ErrorEquals"], error):
            facts = {"Error": type(error).__name__, "Cause": ""}
            return catcher["Next"], _placed(catcher.get("ResultPath", "$"), data, facts)
    raise Failed(type(error).__name__) from error


def _matches(names: list[str], error: Exception) -> bool:
    return bool({"States.ALL", "States.TaskFailed", type(error).__name__} & set(names))


def at(path: str | None, data: Any) -> Any:
    """A reference path: $, $.name, $.name.name."""
    if path is None:
        return {}
    for name in path.removeprefix("$").split("."):
        data = data[name] if name else data
    return data


def _has(path: str, data: Any) -> bool:
    try:
        at(path, data)
    except (KeyError, TypeError):
        return False
    return True


def _placed(path: str | None, data: Any, result: Any) -> Any:
    if path is None:
        return data
    names = [name for name in path.removeprefix("$").split(".") if name]
    if not names:
        return result
    made = json.loads(json.dumps(data))
    inner = made
    for name in names[:-1]:
        inner = inner.setdefault(name, {})
    inner[names[-1]] = result
    return made


def _parameters(template: Any, data: Any) -> Any:
    if isinstance(template, list):
        return [_parameters(each, data) for each in template]
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): at(value, data)
        if name.endswith(".$")
        else _parameters(value, data)
        for name, value in template.items()
    }


def _chosen(state: State, data: Any) -> str:
    for rule in state["Choices"]:
        if _holds(rule, data):
            return str(rule["Next"])
    assert "Default" in state, "States.NoChoiceMatched"
    return str(state["Default"])


def _holds(rule: Mapping[str, Any], data: Any) -> bool:
    if "And" in rule:
        return all(_holds(each, data) for each in rule["And"])
    if "Or" in rule:
        return any(_holds(each, data) for each in rule["Or"])
    if "Not" in rule:
        return not _holds(rule["Not"], data)
    (name,) = rule.keys() - {"Variable", "Next", "Comment"}
    if name == "IsPresent":
        return bool(_has(rule["Variable"], data) == rule[name])
    value, wanted = at(rule["Variable"], data), rule[name]
    if name.endswith("Path"):
        name, wanted = name.removesuffix("Path"), at(wanted, data)
    return TESTS[name](value, wanted)


def _of(kind: type | tuple[type, ...], test: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    return lambda value, wanted: isinstance(value, kind) and test(value, wanted)


ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda a, b: a == b,
    "LessThan": lambda a, b: a < b,
    "LessThanEquals": lambda a, b: a <= b,
    "GreaterThan": lambda a, b: a > b,
    "GreaterThanEquals": lambda a, b: a >= b,
}
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "BooleanEquals": _of(bool, ORDERS["Equals"]),
    "IsNull": lambda a, b: (a is None) == b,
    "IsString": lambda a, b: isinstance(a, str) == b,
    "StringMatches": _of(str, lambda a, b: fnmatch.fnmatchcase(a, b)),
    **{f"String{name}": _of(str, test) for name, test in ORDERS.items()},
    **{f"Numeric{name}": _of((int, float), test) for name, test in ORDERS.items()},
}

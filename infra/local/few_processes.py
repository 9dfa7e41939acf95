"""Keeps a laptop alive where AWS has a thousand machines. Part of the emulator's process.

MiniStack starts a process for each concurrent call and unpacks the layers for each process anew. A
hundred results at once are a hundred processes on two cores, and all of them time out. Here calls
wait for one of a few processes of their function, and the processes share what is unpacked once.
Conditions and policies are parsed once, not again for each row and call.
"""

import hashlib
import tempfile
import threading
import zipfile
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ministack.core import iam_evaluator, lambda_runtime  # type: ignore[import-not-found]
from ministack.services import (  # type: ignore[import-not-found]
    dynamodb,
    lambda_svc,
    stepfunctions,
)

AT_ONCE = 4  # processes of one function
EXECUTIONS_AT_ONCE = 4  # of a state machine

Answer = dict[str, Any]


def limit_processes() -> None:
    execute: Callable[[Answer, Answer, str], Answer] = lambda_svc._execute_function_warm
    free: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(AT_ONCE))

    def queued(function: Answer, event: Answer, request_id: str) -> Answer:
        with free[(function.get("config") or function)["FunctionName"]]:
            return execute(function, event, request_id)

    lambda_svc._execute_function_warm = queued


def limit_executions() -> None:
    """Those that wait would time out in their first task, which waits for a process, and come
    again by upkeep while the others are still at it."""
    run: Callable[[str], None] = stepfunctions._run_execution
    free = threading.Semaphore(EXECUTIONS_AT_ONCE)

    def queued(execution: str) -> None:
        with free:
            run(execution)

    stepfunctions._run_execution = queued


class UnpackedOnce(zipfile.ZipFile):
    """On AWS, too, a layer is mounted, not copied."""

    lock = threading.Lock()

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        content = Path(str(self.filename)).read_bytes()
        kept = Path(tempfile.gettempdir(), "unpacked", hashlib.sha256(content).hexdigest())
        with self.lock:
            if not kept.exists():
                super().extractall(kept, members, pwd)
        Path(path).rmdir()
        Path(path).symlink_to(kept)


def share_unpacked() -> None:
    lambda_runtime.zipfile = SimpleNamespace(
        ZipFile=UnpackedOnce,
        BadZipFile=zipfile.BadZipFile,
        LargeFileError=zipfile.LargeZipFile,
    )


def remember_what_was_parsed() -> None:
    """Texts of conditions and policies are few, and asked of every row and every call."""
    dynamodb._condition_syntax_error = cache(dynamodb._condition_syntax_error)
    tokens = cache(lambda text: tuple(tokenize(text)))
    tokenize: Callable[[str], list[Any]] = dynamodb._tokenize
    dynamodb._tokenize = lambda text: list(tokens(text))
    parse: Callable[[Any], list[Any]] = iam_evaluator.parse_policy_document
    statements = cache(lambda text: tuple(parse(text)))

    def parsed(policy: Any) -> list[Any]:
        return list(statements(policy)) if isinstance(policy, str) else parse(policy)

    iam_evaluator.parse_policy_document = parsed

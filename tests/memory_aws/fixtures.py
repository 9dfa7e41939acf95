"""For conftest modules: `from tests.memory_aws.fixtures import memory`."""

from collections.abc import Iterator

import pytest
from tests.memory_aws.door import Memory, memory_aws


@pytest.fixture
def memory() -> Iterator[Memory]:
    with memory_aws() as made:
        yield made

"""Tests in this folder may ask for `memory`."""

from tests.memory_aws.fixtures import memory

__all__ = ["memory"]

"""AWS clients of botocore, one of each per process, with explicit timeouts.

Page functions use this and PynamoDB only; boto3 is never imported (a test guards it).
"""

from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session, get_session

from portal.settings import settings


@cache
def session() -> Session:
    return get_session()


@cache
def client(service: str) -> Any:
    config = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"max_attempts": 3, "mode": "standard"},
        s3={"addressing_style": "path"},
    )
    return session().create_client(service, region_name=settings().region, config=config)

"""The base of every shape of ours that pydantic checks."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Its validator is built when it is first used: a cold start builds those of one request, not
    those of the whole room."""

    model_config = ConfigDict(defer_build=True)


class Frozen(Model):
    model_config = ConfigDict(frozen=True)

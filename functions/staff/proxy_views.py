"""What the staff room answers about who may open whose record."""

from portal.model import Model


class Side(Model):
    """One of the two people of a request."""

    patient_id: str
    name: str
    born_on: str
    age: int


class Choice(Model):
    name: str
    words: str


class ProxyRequestView(Model):
    """`records`: those that what was typed leads to; there is one where it can be approved."""

    review_id: str
    kind_words: str
    asker: Side
    typed: Side  # as typed; without an id
    identifier: str
    relationship: str
    statement: str
    records: list[Side]
    fits: bool  # the kind fits the age, and whether they live
    is_open: bool  # not decided yet
    may_decide: bool  # taken by the reader
    proofs: list[Choice]
    proof: str = ""  # as typed, as the next
    ends_on: str = ""
    reason: str = ""
    errors: dict[str, str] = {}


class ProxyLine(Model):
    grant_id: str
    patient_name: str
    holder_name: str
    kind_words: str
    state: str
    ends_at: str
    may_suspend: bool
    may_lift: bool


class ProxiesView(Model):
    """Of one record: who can open it."""

    patient_id: str
    name: str
    born_on: str
    is_merged: bool
    proxies: list[ProxyLine]
    errors: dict[str, str] = {}

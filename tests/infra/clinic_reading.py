"""The demo clinic on a fixed day, its messages taken apart by plain splits."""

from datetime import UTC, datetime

from infra.local.clinic.people import Patient

AS_OF = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)


def segments(raw: bytes, name: str) -> list[list[str]]:
    rows = [row.split("|") for row in raw.decode().split("\r") if row.startswith(name)]
    return [["MSH", "|", *row[1:]] for row in rows] if name == "MSH" else rows


def the(raw: bytes, name: str, field: int) -> str:
    return segments(raw, name)[0][field]


def codes(raw: bytes) -> list[str]:
    return [row[3].split("^")[0] for row in segments(raw, "OBX")]


def age(person: Patient) -> float:
    return (AS_OF.date() - person.birth_on).days / 365.25

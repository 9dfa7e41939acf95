"""A sender's settings: one readable file each, checked before it counts."""

import pytest
from tests import stores

from portal import conversion, hl7, objects, senders
from portal.senders import BadSettings, Sender, SendsAs

RIVERBEND = """
name = "Riverbend laboratory"
sends_as = [{ application = "LAB", facility = "RVB" }]
time_zone = "America/Chicago"
default_authority = "RIVERBEND"
takes = ["ORU", "ADT^A08"]

[authorities]
RVB = "RIVERBEND"

[fields]
"ZPI-4" = "PID-7"

[codes."99RVB".GLU]
code = "2345-7"
system = "LN"
text = "Glucose"
"""

MESSAGE = (
    b"MSH|^~\\&|LAB|RVB|P|C|20261101080000||ORU^R01|1|P|2.5.1\r"
    b"PID|1||77^^^RVB~88||Rivera^Ana\rZPI|1|x|y|19800203\r"
    b"OBR|1||F1|GLU^Sugar^99RVB|||20261101070000\r"
    b"OBX|1|NM|GLU^Sugar^99RVB||98|mg/dL|||||F|||20261101070000\r"
)


def converted(raw: bytes = MESSAGE) -> conversion.Converted:
    message, sender = hl7.read(raw), senders.parsed(RIVERBEND)
    for own, standard in sender.fields.items():
        message.stand_in(own, standard)
    return conversion.convert(message, sender)


def test_times_without_an_offset_are_in_the_senders_zone() -> None:
    report = converted().reports[0].resources[0]

    assert report["effectiveDateTime"] == "2026-11-01T07:00:00-06:00"


def test_its_names_for_authorities_become_ours() -> None:
    known = [(each.authority, each.value) for each in converted().claim.identifiers]

    assert known == [("RIVERBEND", "77"), ("RIVERBEND", "88")]


def test_its_own_codes_get_the_standard_code_beside_them() -> None:
    codings = converted().reports[0].resources[-1]["code"]["coding"]

    assert [coding["code"] for coding in codings] == ["2345-7", "GLU"]
    assert codings[0]["system"] == "http://loinc.org"


def test_a_field_of_its_own_is_read_where_the_standard_one_is_empty() -> None:
    born = converted().claim.birth_on

    assert born is not None
    assert born.isoformat() == "1980-02-03"


def test_a_field_of_its_own_does_not_replace_a_standard_one() -> None:
    raw = MESSAGE.replace(b"Rivera^Ana\r", b"Rivera^Ana||19700101\r")
    born = converted(raw).claim.birth_on

    assert born is not None
    assert born.isoformat() == "1970-01-01"


def test_what_it_takes_is_what_it_says() -> None:
    sender = senders.parsed(RIVERBEND)

    assert sender.does_take("ORU", "R01")
    assert sender.does_take("ADT", "A08")
    assert not sender.does_take("ADT", "A40")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("name = ", "not TOML"),
        (RIVERBEND.replace("America/Chicago", "Chicago"), "time zone"),
        (RIVERBEND.replace("time_zone", "timezone"), "timezone"),
        (RIVERBEND.replace('"ZPI-4"', '"ZPI.4"'), "ZPI-4"),
        (RIVERBEND.replace('system = "LN"', ""), "system"),
        ('fhir_base = "http://ehr.example.org"' + RIVERBEND, "fhir_base"),
        ('fhir_base = "x https://ehr.example.org"' + RIVERBEND, "fhir_base"),
        ('fhir_token_parameter = "/portal/test/staff/x"' + RIVERBEND, "fhir_token_parameter"),
        ('name = "x"\nsends_as = []', "sends_as"),
    ],
)
def test_a_wrong_file_says_where_it_is_wrong(wrong: str, said: str) -> None:
    with pytest.raises(BadSettings, match=said):
        senders.parsed(wrong)


@pytest.mark.usefixtures("portal")
def test_a_file_counts_for_the_messages_it_names() -> None:
    senders.keep("riverbend.toml", RIVERBEND)
    try:
        _, found = senders.read(MESSAGE)
        _, other = senders.read(MESSAGE.replace(b"|RVB|", b"|ELSE|"))

        assert found.name == "Riverbend laboratory"
        assert other == senders.UNKNOWN
    finally:
        forget("riverbend.toml")


@pytest.mark.usefixtures("portal")
def test_a_wrong_file_is_never_stored() -> None:
    with pytest.raises(BadSettings):
        senders.keep("wrong.toml", "name = 1")

    assert objects.names("senders/wrong") == []


def test_the_particular_file_comes_before_the_general_one(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "senders/a.toml": 'name = "everybody"\nsends_as = [{ application = "LAB" }]',
        "senders/b.toml": 'name = "one"\nsends_as = [{ application = "LAB", facility = "RVB" }]',
    }
    monkeypatch.setattr(objects, "names", lambda _: list(files))
    monkeypatch.setattr(objects, "get", lambda name: files[name].encode())
    senders.forget()
    try:
        assert senders.of(hl7.read(MESSAGE)).name == "one"
    finally:
        senders.forget()


def test_a_wrong_charset_is_put_right(monkeypatch: pytest.MonkeyPatch) -> None:
    known = Sender(name="old", sends_as=(SendsAs(),), charset="windows-1252")
    monkeypatch.setattr(senders, "everyone", lambda: [known])

    message, _ = senders.read(MESSAGE.replace(b"Rivera", "Peña €".encode("windows-1252")))

    assert message.first("PID").text(5) == "Peña €"


def forget(name: str) -> None:
    stores.client("s3").delete_object(Bucket="raw-messages", Key=f"senders/{name}")
    senders.forget()

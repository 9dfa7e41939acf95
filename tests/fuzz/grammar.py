"""Damage to fields that keeps the shape of HL7: components, delimiters, header, results."""

from random import Random

from tests.fuzz.segments import OF_SEGMENTS, Mutation, Segments, a_place, named
from tests.fuzz.wrong_values import OTHER_DELIMITERS, header_value, wrong_value

_HEADER_FIELDS = (3, 4, 7, 9, 9, 10, 11, 12, 15, 16, 18)


def swap_fields(segments: Segments, rng: Random) -> None:
    (one, here), (other, there) = a_place(segments, rng), a_place(segments, rng)
    one[here], other[there] = other[there], one[here]


def shift_fields(segments: Segments, rng: Random) -> None:
    fields, at = a_place(segments, rng)
    if rng.random() < 0.5:
        fields.insert(at, "")
    else:
        del fields[at]
    fields[:] = fields or ["ZZZ"]


def wrong_field(segments: Segments, rng: Random) -> None:
    for _ in range(rng.choice((1, 1, 3))):
        fields, at = a_place(segments, rng)
        fields[at] = wrong_value(rng)


def far_field(segments: Segments, rng: Random) -> None:
    fields, _ = a_place(segments, rng)
    fields += [""] * rng.choice((1, 10, 60, 1_000))
    fields[-1] = wrong_value(rng)


def wrong_component(segments: Segments, rng: Random) -> None:
    fields, at = a_place(segments, rng)
    mark = rng.choice("^~&")
    parts = fields[at].split(mark)
    parts[rng.randrange(len(parts))] = wrong_value(rng)
    fields[at] = mark.join(parts)


def flood(segments: Segments, rng: Random) -> None:
    """Repetitions, components or subcomponents without end."""
    fields, at = a_place(segments, rng)
    times = rng.choice((3, 50, 1_500, 30_000))
    fields[at] = rng.choice(("~", "^", "&", f"{fields[at][:40]}~", "x^y~", "a&b^")) * times


def wrong_header(segments: Segments, rng: Random) -> None:
    for fields in named(segments, "MSH")[:2]:
        number = rng.choice(_HEADER_FIELDS)
        fields += [""] * (number - len(fields))
        fields[number - 1] = header_value(number, rng)


def wrong_type(segments: Segments, rng: Random) -> None:
    """OBX-2 that does not fit OBX-5, and the other way round."""
    kinds = (
        "NM",
        "SN",
        "CWE",
        "ED",
        "RP",
        "TX",
        "FT",
        "DT",
        "TM",
        "TS",
        "NR",
        "XPN",
        "",
        "ZZ",
        "nm",
    )
    for fields in named(segments, "OBX")[: rng.choice((1, 5))]:
        fields += [""] * (12 - len(fields))
        fields[2] = rng.choice(kinds)
        if rng.random() < 0.3:
            fields[5] = wrong_value(rng)


def wrong_status(segments: Segments, rng: Random) -> None:
    for fields in named(segments, "OBX", "OBR", "ORC")[: rng.choice((1, 4))]:
        fields += [""] * (26 - len(fields))
        fields[{"OBX": 11, "OBR": 25, "ORC": 1}[fields[0]]] = rng.choice("FCPXDWRISOUNAZ?")


def wrong_family(segments: Segments, rng: Random) -> None:
    """Parents of child orders (OBR-26, OBR-29), sub-ids, parents of their own."""
    for fields in named(segments, "OBR", "OBX"):
        fields += [""] * (30 - len(fields))
        if fields[0] == "OBX":
            fields[4] = rng.choice(("", "1", "1", "2", "1.1", "1.1.1.1.1", "-1", "a"))
        else:
            fields[29] = rng.choice((fields[2], fields[3], "^F1&LAB", "F1", "^^^"))
            fields[26] = rng.choice(("", "11475-1^Organism^LN&1", "600-7&1", "&&&", "^1^"))


def other_patient(segments: Segments, rng: Random) -> None:
    number = rng.choice(("P1", "P2", "", '""', "P1^^^RIVERBEND^MR"))
    pid = ["PID", str(rng.randrange(9)), "", number, "", rng.choice(("Doe^Jane", "", "^^^"))]
    segments.insert(rng.randrange(1, len(segments) + 1), pid)


def other_delimiters(segments: Segments, rng: Random) -> None:
    """MSH-2 alone, or all delimiters of the message with it."""
    marks = rng.choice(OTHER_DELIMITERS)
    if rng.random() < 0.5:
        table = str.maketrans(dict(zip("^~\\&", marks, strict=False)))
        segments[:] = [[field.translate(table) for field in fields] for fields in segments]
    for fields in named(segments, "MSH"):
        fields[1:2] = [marks]


GRAMMAR: tuple[Mutation, ...] = (
    *OF_SEGMENTS,
    swap_fields,
    shift_fields,
    wrong_field,
    far_field,
    wrong_component,
    flood,
    wrong_header,
    wrong_type,
    wrong_status,
    wrong_family,
    other_patient,
    other_delimiters,
)

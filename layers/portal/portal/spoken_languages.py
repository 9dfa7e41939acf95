"""PID-15 and its like as a BCP 47 language, where the sender's code or word leaves no doubt."""

from portal import codings
from portal.fhir import Resource
from portal.hl7_segments import Value

_BCP_47 = "urn:ietf:bcp:47"
# ISO 639-1, then 639-2 (both forms) and the English name. A bare "SP" or "E" is anyone's own.
_TAGS = """
    am amh amharic; ar ara arabic; bn ben bengali; bs bos bosnian; cs ces cze czech;
    da dan danish; de deu ger german; el ell gre greek; en eng english; es spa spanish;
    fa fas per persian farsi; fi fin finnish; fr fra fre french; gu guj gujarati;
    he heb hebrew; hi hin hindi; hmn hmong; hr hrv croatian; ht hat haitian;
    hu hun hungarian; hy hye arm armenian; it ita italian; ja jpn japanese; km khm khmer;
    ko kor korean; lo lao; mr mar marathi; ne nep nepali; nl nld dut dutch; no nor norwegian;
    pa pan punjabi; pl pol polish; pt por portuguese; ro ron rum romanian; ru rus russian;
    so som somali; sq sqi alb albanian; sr srp serbian; sv swe swedish; sw swa swahili;
    ta tam tamil; te tel telugu; th tha thai; tl tgl tagalog; tr tur turkish;
    uk ukr ukrainian; ur urd urdu; vi vie vietnamese; zh zho chi chinese
"""
_TAG = {word: line.split()[0] for line in _TAGS.split(";") for word in line.split()}


def language(sent: Value) -> Resource:
    """CodeableConcept, the sender's own words kept."""
    said = codings.concept(sent)
    words = [codings.code(sent.text(n)).casefold() for n in (1, 2, 4, 5)]
    tags = {_TAG[word] for word in words if word in _TAG}
    if len(tags) != 1:  # "ara" and "English" in one field: nobody can tell
        return said
    own = {"system": _BCP_47, "code": tags.pop()}
    others = [coding for coding in said.get("coding", []) if coding.get("system") != _BCP_47]
    return said | {"coding": [own, *others]}

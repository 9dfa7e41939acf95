import re

import pytest
from jinja2 import UndefinedError

from portal import pages
from portal.languages import LANGUAGES

LANGUAGE_CODES = [each.code for each in LANGUAGES]
GSM_7 = re.compile(r"[A-Za-z0-9@£$¥èéùìòÇØøÅåÆæßÉÄÖÑÜ§¿¡äöñüà !\"#%&'()*+,\-./:;<=>?_\n]*")
LINK = "https://portal.cedarvalley.example/sign-in/" + "A" * 22
FACTS: dict[str, str | int] = {
    "portal_name": "Cedar Valley Clinic",
    "link": LINK,
    "code": "123456",
    "minutes": 10,
}


@pytest.mark.parametrize("language", LANGUAGE_CODES)
@pytest.mark.parametrize("name", ["sign_in", "new_result"])
def test_messages_say_where_to_go_and_end_with_who_sends_them(name: str, language: str) -> None:
    mail = pages.render_text(f"emails/{name}.txt", language, **FACTS)
    text = pages.render_text(f"sms/{name}.txt", language, **FACTS)

    assert mail.subject
    assert "\n" not in mail.subject
    assert LINK in mail.body.splitlines()
    assert mail.body.endswith("\nCedar Valley Clinic\n")
    assert text.subject == ""
    assert LINK in text.body
    if language in {"en", "es", "ht"}:  # one part; the alphabets of the others do not fit GSM 03.38
        assert len(text.body) <= 160
        assert GSM_7.fullmatch(text.body)


@pytest.mark.parametrize("template", ["emails/sign_in.txt", "emails/new_result.txt"])
def test_messages_are_translated(template: str) -> None:
    english, spanish = (pages.render_text(template, each, **FACTS) for each in ("en", "es"))
    beside = "If this is an emergency, call 911."  # critical, so until it is reviewed in both
    data = {"", LINK, "Cedar Valley Clinic", beside}

    assert english.subject != spanish.subject
    assert not set(english.body.split("\n")) & set(spanish.body.split("\n")) - data


def test_a_fact_a_template_needs_cannot_be_forgotten() -> None:
    with pytest.raises(UndefinedError):
        pages.render_text("sms/new_result.txt", "en", portal_name="P")

"""Real messages through the listener, byte for byte."""

from pathlib import Path

from infra.mllp.framing import is_framable
from tests.mllp.fake_portal import fake_portal
from tests.mllp.listening import listening

EACH = 20  # all of them take 20 seconds


def test_real_messages_reach_the_portal_byte_for_byte_and_are_answered(samples: Path) -> None:
    files = sorted(samples.rglob("*.hl7"))[::EACH]
    messages = [raw for file in files if (raw := file.read_bytes()) and is_framable(raw)]
    with fake_portal() as portal, listening(portal.url) as listener, listener.sender() as lab:
        for message in messages:
            lab.send(message)
            lab.answer()

        assert portal.bodies == messages
        assert listener.journal.counts["ack-AA"] == len(messages) > 50

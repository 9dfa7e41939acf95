"""Which acknowledgement a message gets in the exchange it came in (HL7 v2.5.1 chapter 2, 2.9).

MSH-15 and MSH-16 empty: original mode, AA, AE or AR. MSH-15 says AL, ER or SU: CA, CE or CR; what
became of the message is told later, on the queue of acknowledgements, when MSH-16 asks for it.
MSH-15 says NE: nothing. Only MSH-16 is filled: who asks for nothing else waits for AA, AE or AR.
"""

from functions.ehr.verdicts import Fate, Verdict

from portal.acks import AckCode, is_asked
from portal.hl7_segments import Segment


def code(header: Segment, verdict: Verdict) -> AckCode | None:
    """None when nobody waits for an answer."""
    accept, application = header.text(15), header.text(16)
    if verdict.code is None:
        return None
    given = _commit(verdict, application) if accept.strip() else verdict.code
    return given if is_asked(accept or application, given.is_good) else None


def _commit(verdict: Verdict, application: str) -> AckCode:
    """CA: it is ours now, and so are the errors in it. CE where nothing else would tell of them."""
    if verdict.code is AckCode.REJECTED:
        return AckCode.COMMIT_REJECTED
    will_be_told = application.strip() != "" and is_asked(application, is_good=False)
    if verdict.is_good or (verdict.fate is Fate.QUEUED and will_be_told):
        return AckCode.COMMIT_ACCEPTED
    return AckCode.COMMIT_ERROR

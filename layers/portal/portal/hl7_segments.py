"""A segment of an HL7 v2 message and the values in its fields, split only when asked for."""

from portal.hl7_text import Delimiters, unescaped

_NULL = '""'
_MOST_REPETITIONS = 1_000


class Value:
    """One repetition of a field."""

    __slots__ = ("_charset", "_delimiters", "_parts", "raw")

    def __init__(self, raw: str, delimiters: Delimiters, charset: str) -> None:
        self.raw = "" if raw == _NULL else raw
        self._delimiters = delimiters
        self._charset = charset
        self._parts: list[str] | None = None

    def text(self, component: int = 1, subcomponent: int = 0) -> str:
        """Subcomponent 0 is the whole component: a bare & in a sentence cuts nothing off."""
        part = self._component(component)
        if subcomponent and part:
            part = _nth(part, self._delimiters.subcomponent, subcomponent)
        return part if not part or part.isalnum() else self._plain("" if part == _NULL else part)

    def whole(self) -> str:
        return self._plain(self.raw)

    def components(self) -> list[str]:
        return [self._plain(part) for part in self.raw.split(self._delimiters.component)]

    def _component(self, number: int) -> str:
        if self._parts is None:
            self._parts = self.raw.split(self._delimiters.component)
        return self._parts[number - 1] if 0 < number <= len(self._parts) else ""

    def _plain(self, raw: str) -> str:
        return unescaped(raw, self._delimiters, self._charset) if raw else ""


class Segment:
    """`number` is its 1-based place among the message's segments of the same name."""

    __slots__ = ("_charset", "_delimiters", "_fields", "_values", "name", "number")

    def __init__(
        self, name: str, number: int, fields: list[str], delimiters: Delimiters, charset: str
    ) -> None:
        self.name = name
        self.number = number
        self._fields = fields
        self._delimiters = delimiters
        self._charset = charset
        self._values: dict[int, Value] = {}

    def __bool__(self) -> bool:
        return self.number > 0

    def __len__(self) -> int:
        return len(self._fields) - 1

    def raw(self, field: int) -> str:
        return self._fields[field] if 0 < field < len(self._fields) else ""

    def fill(self, field: int, raw: str) -> None:
        missing = field + 1 - len(self._fields)
        self._fields += [""] * max(missing, 0)
        self._fields[field] = raw
        self._values.pop(field, None)

    def is_deleted(self, field: int) -> bool:
        """HL7's "" asks to clear what is stored; an empty field leaves it."""
        return self.raw(field) == _NULL

    def repetitions(self, field: int) -> list[Value]:
        """Beyond a thousand, which no real field has, the rest stays together in the last."""
        raw = self.raw(field)
        parts = raw.split(self._delimiters.repetition, _MOST_REPETITIONS) if raw else []
        return [Value(part, self._delimiters, self._charset) for part in parts]

    def value(self, field: int) -> Value:
        """The first repetition."""
        found = self._values.get(field)
        if found is None:
            first = self.raw(field).split(self._delimiters.repetition, 1)[0]
            found = self._values[field] = Value(first, self._delimiters, self._charset)
        return found

    def text(self, field: int, component: int = 1, subcomponent: int = 0) -> str:
        return self.value(field).text(component, subcomponent) if self.raw(field) else ""

    def whole(self, field: int) -> str:
        return Value(self.raw(field), self._delimiters, self._charset).whole()


def _nth(text: str, delimiter: str, number: int) -> str:
    if delimiter not in text:
        return text if number == 1 else ""
    parts = text.split(delimiter, number)
    return parts[number - 1] if 0 < number <= len(parts) else ""

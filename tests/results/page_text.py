"""The words of a page in the order in which they are read."""

import re
from html import unescape

from tests.client import Response

NOT_READ = re.compile(r"<style>.*?</style>|<title>.*?</title>", re.DOTALL)


def text_of(page: Response) -> str:
    bare = unescape(re.sub(r"<[^>]+>", " ", NOT_READ.sub("", page.text)))
    return re.sub(r"\( | \)", lambda found: found[0].strip(), " ".join(bare.split()))

"""The files pages bring along, each under a name with its own hash: a browser keeps it for good.

templates/assets/session.js is served as /assets/session.3f2a91c04b7d.js (SHA-256, 12 hex digits);
another content has another address. The edge serves the same names from S3, old ones included.
"""

from base64 import b64encode
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path

IN_LAYER = Path(__file__).parents[2] / "templates"  # /opt/templates in Lambda
IN_REPOSITORY = Path(__file__).parents[3] / "templates"
KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
}
CACHE_CONTROL = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    name: str  # "session.3f2a91c04b7d.js"
    content_type: str
    body: bytes = field(repr=False)

    @property
    def path(self) -> str:
        return f"/assets/{self.name}"

    @property
    def integrity(self) -> str:
        """Subresource Integrity: a page runs what it was made with, whoever served it."""
        return f"sha256-{b64encode(sha256(self.body).digest()).decode()}"


@cache
def asset(file: str) -> Asset:
    """`file` is a name in templates/assets: "session.js". Raises FileNotFoundError."""
    path = templates_root() / "assets" / file
    raw = path.read_bytes()
    body = without_comments(raw.decode()).encode() if path.suffix == ".js" else raw
    digest = sha256(body).hexdigest()[:12]
    return Asset(f"{path.stem}.{digest}{path.suffix}", KINDS[path.suffix], body)


@cache
def every() -> dict[str, Asset]:
    """All that are served, by their hashed name."""
    files = sorted((templates_root() / "assets").iterdir())
    return {
        found.name: found for path in files if path.suffix in KINDS for found in [asset(path.name)]
    }


def without_comments(script: str) -> str:
    """Without indentation, too: nobody pays for those on a phone."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def templates_root() -> Path:
    return IN_LAYER if IN_LAYER.is_dir() else IN_REPOSITORY

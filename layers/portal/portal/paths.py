"""Addresses a browser is sent back to: only our own."""


def own_path(path: str) -> str:
    """Only a path of ours: `//evil` and `/\\evil` would leave the portal."""
    is_plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if is_plain and path.startswith("/") and not path.startswith("//") else "/"

"""Which addresses may become links, and when a link must say where it really leads."""

import re
import unicodedata
from urllib.parse import urlsplit

MAX_URL = 2_048
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")
_LOOKS_LIKE_A_HOST = re.compile(r"(?:[\w-]+[.\u3002])+[^\W\d_]{2,}")


def may_link(url: str) -> bool:
    """Whether a normalised address may be a link.

    An allow list, because the next dangerous scheme is always the one that nobody listed. No names
    or passwords: `https://bank.example@evil.example` leads to evil. Hosts are in ASCII by now, so
    that what still is not ASCII is something that browsers may read in another way than we do.
    """
    if len(url) > MAX_URL or any(not character.isprintable() for character in url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return re.fullmatch(r"[^@\s]+@[^@\s]+", parts.path) is not None
    is_web = parts.scheme in {"http", "https"}
    return is_web and "@" not in parts.netloc and _HOST.fullmatch(host) is not None


def host_to_show(url: str, words: str) -> str:
    """The host, where the words look like another address or its own is not plain; else ""."""
    host = urlsplit(url).hostname or ""
    if "xn--" in host:
        return host
    # What cannot be seen could split a word that the eye reads as one.
    seen = "".join(
        character
        for character in unicodedata.normalize("NFKC", words)
        if unicodedata.category(character) not in {"Cf", "Mn"}
    )
    named = {
        _bare(name.replace("\u3002", ".")) for name in _LOOKS_LIKE_A_HOST.findall(_host_in(seen))
    }
    if urlsplit(url).scheme == "mailto":
        host = url.rpartition("@")[2].partition("?")[0]
    return host if named - {_bare(host)} else ""


def _host_in(words: str) -> str:
    """Words that are one whole address are judged by its host: a path has dots too."""
    try:
        parts = urlsplit(words.strip())
    except ValueError:
        return words
    is_address = parts.scheme in {"http", "https"} and not re.search(r"\s", words.strip())
    return parts.hostname or words if is_address and "@" not in parts.netloc else words


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")

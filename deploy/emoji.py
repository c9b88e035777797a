"""Makes the list of the emoji picker anew: `python -m deploy.emoji FOLDER`.

FOLDER is the unpacked npm package emojibase-data (MIT), which follows Unicode: `npm pack
emojibase-data@17.0.0` fetches it. It is 4 MB in thirty languages; a page needs a hundredth of it.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

from deploy import ROOT

LIST = ROOT / "sosa_app" / "live" / "chat" / "emoji-list.js"
NEWEST = 16
"""Emoji of later versions are boxes on most people's devices still."""
COMPONENTS = 2
"""The group of parts that are no emoji by themselves."""
TONES = ("\U0001f3fb", "\U0001f3fc", "\U0001f3fd", "\U0001f3fe", "\U0001f3ff")
_HEAD = """\
/**
 * Every emoji: `[emoji, names, words, has skin tones]`, by group, in Unicode's order.
 *
 * Made by `python -m deploy.emoji` from emojibase-data {version} (MIT, Miles Johnson). Do not edit.
 */
export const GROUPS = [
"""


def main() -> None:
    """Write the list from the folder that is named."""
    folder = Path(sys.argv[1])
    version = json.loads((folder / "package.json").read_text())["version"]
    LIST.write_text(_HEAD.format(version=version) + _groups(folder / "en") + "];\n")
    print(f"{LIST.relative_to(ROOT)}: {LIST.stat().st_size:,} bytes")


def _groups(english: Path) -> str:
    everything: list[dict[str, Any]] = json.loads((english / "data.json").read_text())
    shown = [item for item in everything if item.get("group") is not None]
    names = _names(english / "shortcodes")
    groups: dict[int, list[str]] = {}
    for item in sorted(shown, key=lambda item: item["order"]):
        if item["group"] != COMPONENTS and item["version"] <= NEWEST:
            groups.setdefault(item["group"], []).append(_line(item, names))
    return "".join(
        f"  [\n{''.join(lines)}  ],\n" for lines in (groups[group] for group in sorted(groups))
    )


def _names(shortcodes: Path) -> dict[str, list[str]]:
    """What people type between colons, by code points: the widely known names first."""
    names: dict[str, list[str]] = {}
    for source in ("github.json", "emojibase.json"):
        for code, given in json.loads((shortcodes / source).read_text()).items():
            known = names.setdefault(code, [])
            known.extend(name for name in ([given] if isinstance(given, str) else given))
    return {code: list(dict.fromkeys(given)) for code, given in names.items()}


def _line(item: dict[str, Any], names: dict[str, list[str]]) -> str:
    called = names.get(item["hexcode"], [])
    words = re.findall(r"[\w'&+-]+", f"{item['label']} {' '.join(item.get('tags', ()))}".lower())
    said = set(re.split(r"[_ ]", " ".join(called)))
    rest = [word for word in dict.fromkeys(words) if word not in said]
    entry = [item["emoji"], " ".join(called), " ".join(rest)]
    if _has_tones(item):
        entry.append(1)
    return f"    {json.dumps(entry, ensure_ascii=False, separators=(',', ':'))},\n"


def _has_tones(item: dict[str, Any]) -> bool:
    """Whether the page makes its toned forms by the same rule (UTS #51, 2.4)."""
    skins = {skin["emoji"] for skin in item.get("skins", ())}
    base = item["emoji"]
    made = {base[0] + tone + base[1:].removeprefix("\ufe0f") for tone in TONES}
    return bool(skins) and made <= skins


if __name__ == "__main__":
    main()

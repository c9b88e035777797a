"""The consent page of a pretended provider."""

from html import escape

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{label} (pretended)</title>
<style>
  body {{ font: 18px/1.5 system-ui, sans-serif; margin: 10vh auto; width: min(26em, 100% - 32px) }}
  form {{ display: grid; gap: 12px; margin-top: 24px }}
  button, input {{ font: inherit; min-height: 48px; padding: 8px 16px }}
</style>
<h1>{label}, pretended</h1>
<p>This is not {label}. It runs on this machine, so that signing in can be tried without an account.
Say who you are: the same name is the same person.</p>
<form method="post">
  <label for="name">Name</label>
  <input id="name" name="name" value="Zoe" maxlength="40" required>
  <button name="answer" value="yes">Continue</button>
  <button name="answer" value="no" formnovalidate>No, thank you</button>
</form>
</html>
"""


def consent_page(label: str) -> str:
    """Ask who somebody is, and whether we may tell."""
    return _PAGE.format(label=escape(label))

"""Write the templates."""

import argparse
from pathlib import Path

from deploy import ROOT
from deploy.aws.templates import templates

parser = argparse.ArgumentParser(prog="python -m deploy.aws")
parser.add_argument("--split", type=Path, help="a folder for templates with a function for each")
folder: Path | None = parser.parse_args().split
for path, text in templates(is_split=folder is not None).items():
    target = (folder or ROOT) / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    print(f"· {target}")

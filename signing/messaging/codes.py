"""One-time codes at rest (ASVS 6.5.2).

Argon2id, because six digits are guessed at once from a bare hash.
"""

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError


class Argon2Codes:
    """Hash and compare codes; 19 MiB and two passes, the OWASP minimum (about 30 ms)."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

    def hash(self, code: str) -> str:
        """A salted hash that names its own parameters."""
        return self._hasher.hash(code)

    def matches(self, code_hash: str, code: str) -> bool:
        """Whether the hash is of that code."""
        try:
            return self._hasher.verify(code_hash, code)
        except VerifyMismatchError:
            return False

"""Processes killed in the middle of their work leave nothing half done."""

import os
import subprocess
import sys
import time
from pathlib import Path

from ports.stores import log_verifier
from signing.storage.documents import DirectoryDocuments
from signing.storage.fsck import find_violations

ROOT = Path(__file__).parents[2]
SECONDS_OF_WORK = (0.2, 0.4)


def start_writer(store, anchor: Path, seed: int) -> subprocess.Popen[str]:
    command = [sys.executable, Path(__file__).with_name("busy_writer.py")]
    return subprocess.Popen(
        [*command, store.url, anchor, str(seed)],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_killed_while_they_write_and_publish_leave_a_whole_store(store, tmp_path):
    anchor = tmp_path / "log" / "checkpoint"
    documents = DirectoryDocuments(tmp_path / "documents")
    for number in (1, 2, 3):
        store.add_agreement()
        documents.put(f"revision 1 of {number}".encode())
    sizes = [0]

    for seed, seconds in enumerate(SECONDS_OF_WORK):
        writers = [start_writer(store, anchor, seed), start_writer(store, anchor, seed + 1)]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
        time.sleep(seconds)
        for writer in writers:
            writer.kill()
            writer.communicate()

        found = find_violations(
            store.database, documents, log_keys=[log_verifier()], anchor=store.anchor
        )
        assert list(found) == []
        sizes.append(store.log.publish().size)

    assert sizes == sorted(set(sizes))  # each round left something behind, and nothing was lost

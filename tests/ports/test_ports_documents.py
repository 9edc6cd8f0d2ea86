import hashlib
import os
import threading

import pytest

from signing.errors import Broken, Unavailable
from signing.storage.documents import DirectoryDocuments

CONTENT = b"%PDF-1.7 " * 1000


@pytest.fixture
def documents(tmp_path):
    return DirectoryDocuments(tmp_path / "documents")


def files(documents) -> list[str]:
    return sorted(p.name for p in documents._folder.rglob("*") if p.is_file())


def test_a_document_is_found_by_its_digest_and_nothing_else_is_left(documents):
    sha256 = documents.put(CONTENT)

    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert documents.get(sha256) == CONTENT
    assert files(documents) == [sha256]


def test_storing_the_same_again_is_harmless(documents):
    sha256 = documents.put(CONTENT)
    written = documents.path(sha256).stat().st_mtime_ns

    assert documents.put(CONTENT) == sha256

    assert documents.path(sha256).stat().st_mtime_ns == written
    assert files(documents) == [sha256]


def test_a_document_changed_on_disk_is_never_served_and_healed_by_storing_it_again(documents):
    sha256 = documents.put(CONTENT)
    path = documents.path(sha256)
    path.write_bytes(CONTENT[:-1] + b"?")

    with pytest.raises(Broken) as refusal:
        documents.get(sha256)

    assert refusal.value.code == "DOCUMENT_CHANGED"
    documents.put(CONTENT)
    assert documents.get(sha256) == CONTENT


def test_a_missing_document_is_named(documents):
    with pytest.raises(Broken) as refusal:
        documents.get("0" * 64)

    assert refusal.value.code == "DOCUMENT_MISSING"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 64 + "\n"])
def test_what_is_no_digest_names_no_file(documents, name):
    with pytest.raises(Broken):
        documents.get(name)


def test_file_and_folder_are_synced_before_put_returns(documents, monkeypatch):
    """The order that survives a power cut: content, then name, then the folder that holds it."""
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def noted_fsync(handle: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{handle}") else "file")  # noqa: PTH112 (a descriptor, not a path of ours)
        fsync(handle)

    def noted_link(source: str, target: str) -> None:
        done.append("link")
        link(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "link", noted_link)

    documents.put(CONTENT)

    assert done[-3:] == ["file", "link", "folder"]


def test_a_disk_that_refuses_leaves_no_half_file(documents, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unavailable) as refusal:
        documents.put(CONTENT)

    assert refusal.value.code == "DOCUMENT_STORE_UNAVAILABLE"
    assert files(documents) == []


def test_readers_never_see_half_a_file_while_many_write_it(documents):
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    seen: list[bytes] = []

    def read() -> None:
        path = documents.path(sha256)
        seen.extend(path.read_bytes() for _ in range(300) if path.exists())

    threads = [threading.Thread(target=read) for _ in range(2)]
    threads += [threading.Thread(target=documents.put, args=(CONTENT,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(seen) <= {CONTENT}
    assert files(documents) == [sha256]

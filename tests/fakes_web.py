"""Use cases that say what a test wants, behind the real pages: every state of W10 in no time."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

from signing.config import Config
from signing.domain.agreement import AgreementStatus, PartyStatus
from signing.domain.draft import Kind
from signing.services.ceremony.opening import Doorway
from signing.web.application import install_context, make_flask

LINK = "a-link-token"
DOORWAY = Doorway(
    agreement_id="agr_1",
    party_id="pty_1",
    kind=Kind.WRITTEN_AGREEMENT,
    title="书面协议",
    platform="长沙某某网络科技有限公司",
    help_phone="0731-80000000",
    worker_masked="张*",
    phone_masked="138****0000",
    agreement_status=AgreementStatus.PENDING,
    party_status=PartyStatus.INVITED,
    is_their_turn=True,
    is_frozen=False,
    report=None,
    has_begun=False,
    expires_at=datetime(2026, 12, 31, tzinfo=UTC),
    signed_at=None,
    test_certificates=True,
)


def doorway(**changes):
    """A doorway that differs from an ordinary one."""
    return replace(DOORWAY, **changes)


def answering(answer):
    """A method that gives that answer, or raises it."""

    def method(*_args, **_kwargs):
        if isinstance(answer, Exception):
            raise answer
        return answer

    return method


def use_case(**answers):
    """A use case whose methods give those answers."""
    return SimpleNamespace(**{name: answering(answer) for name, answer in answers.items()})


def client_of(*, public_url="http://localhost", **services):
    """A browser without a screen in front of pages with those use cases."""
    settings = {"SIGNING_PUBLIC_URL": public_url, "SIGNING_VERIFY_RATE": "off"}
    config = Config.from_env(settings)
    app = make_flask(config)
    install_context(
        app, services=SimpleNamespace(**services), config=config, cookie_secret=b"s" * 32
    )
    return app.test_client()

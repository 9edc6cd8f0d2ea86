"""`signing tenants create NAME`: a platform and its API key, printed once."""

from collections.abc import Sequence

from signing.app import create_application
from signing.cli.main import parser
from signing.config import Config


def main(argv: Sequence[str]) -> int:
    """Create a platform."""
    root = parser("tenants", "平台 · platforms")
    create = root.add_subparsers(dest="action", required=True).add_parser("create")
    create.add_argument("name")
    options = root.parse_args(argv[1:])
    application = create_application(Config.from_env())
    try:
        tenant = application.services.tenancy.create(options.name)
    finally:
        application.close()
    print(f"{tenant.tenant_id} {tenant.api_key}")
    return 0

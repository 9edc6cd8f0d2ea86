"""`signing run`: the service with a demo platform, and a signing link printed for each kind."""

import os
import subprocess
import sys
from collections.abc import Sequence

from signing.app import create_application, make_shelf
from signing.cli.main import parser
from signing.cli.serve import check_port
from signing.config import Config
from signing.domain.draft import Kind
from signing.services.once import Ticket
from signing.web.api.bodies import read_draft

PLATFORM = "演示平台"


def main(argv: Sequence[str]) -> int:
    """Make one agreement of each kind, print its link, serve."""
    root = parser("run", "本机试用 · the service on this machine")
    root.add_argument("--host", default="127.0.0.1")
    root.add_argument("--port", type=int, default=8000)
    options = root.parse_args(argv[1:])
    check_port(options.host, options.port)
    os.environ.setdefault("SIGNING_PUBLIC_URL", f"http://{options.host}:{options.port}")
    config = Config.from_env()
    print_links(config)
    call = [sys.executable, "-m", "signing.cli.main", "serve"]
    call += ["--host", options.host, "--port", str(options.port)]
    try:
        return subprocess.run(call, check=False).returncode
    except KeyboardInterrupt:
        return 0


def print_links(config: Config) -> None:
    """A fresh platform with one agreement of each kind, sealed, waiting for its worker."""
    application = create_application(config)
    shelf, services = make_shelf(config), application.services
    try:
        tenant = services.tenancy.create(PLATFORM)
        print(f"API 密钥 · API key: {tenant.api_key}\n")
        for kind in Kind:
            draft = read_draft(shelf.example(kind.value, 1))
            agreement = services.issuing.issue(draft, tenant_id=tenant.tenant_id, ticket=Ticket())
            worker = agreement.party(agreement.in_signing_order[-1].id)
            details = agreement.details_of(worker.id)
            print(f"{kind.value}  {agreement.number}")
            print(f"  {services.agreements.link_of(agreement, worker.id)}")
            print(f"  姓名 {worker.name}  身份证号码 {details['id_number']}")
    finally:
        application.close()
    outbox = config.instance_dir / "outbox" / "sms.ndjson"
    print(f"\n验证码在 · codes are in: {outbox}")
    print(f"验证文件 · verify files at: {config.public_url}/verify\n", flush=True)

"""What needs no key: health, the log's tiles, certificates and CRLs, the TSA."""

from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from signing.errors import NotFound, TooLarge
from signing.web import context

TIMESTAMP_QUERY_LIMIT_BYTES = 4096
_LOCAL = ("127.0.0.1", "::1")
_PROXIES_SAY = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
"""What a proxy on this machine adds: then somebody else is asking."""
_PKI_TYPES = {".cer": "application/pkix-cert", ".crl": "application/pkix-crl"}

blueprint = Blueprint("public", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process runs."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def readyz() -> Response:
    """The process can serve: database and disk. Alarms that do not stop it stand below."""
    health = context.services().health
    health.check()
    lines = ["ready", *(f"alarm: rendering: {alarm}" for alarm in health.alarms())]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Prometheus metrics, for this machine only."""
    is_relayed = any(name in request.headers for name in _PROXIES_SAY)
    if request.remote_addr not in _LOCAL or is_relayed:
        raise NotFound("No such page", "没有这个地址")
    now = CollectorRegistry()
    gauge = Gauge(
        "signing_rendering_alarms",
        "Templates whose fast drawing was found different and is off in some process of this one",
        registry=now,
    )
    gauge.set(len(context.services().health.alarms()))
    return Response(generate_latest() + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/log/<path:path>")
def log_file(path: str) -> Response:
    """The log as C2SP tlog-tiles; everything but the checkpoint never changes."""
    response = Response(
        context.services().publications.log_file(path),
        content_type="text/plain; charset=utf-8"
        if path == "checkpoint"
        else "application/octet-stream",
    )
    is_fixed = path != "checkpoint"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if is_fixed else "no-cache"
    )
    return response


@blueprint.get("/pki/<name>")
def pki_file(name: str) -> Response:
    """A certificate or CRL of the built-in CA."""
    content = context.services().publications.pki_file(name)
    content_type = _PKI_TYPES.get(name[name.rfind(".") :], "application/octet-stream")
    return Response(content, content_type=content_type)


@blueprint.post("/tsa")
def timestamp() -> Response:
    """RFC 3161 over HTTP; a rejection is an answer too."""
    query = request.stream.read(TIMESTAMP_QUERY_LIMIT_BYTES + 1)
    if len(query) > TIMESTAMP_QUERY_LIMIT_BYTES:
        raise TooLarge("A timestamp query has at most 4 KiB", "时间戳请求太大")
    reply = context.services().publications.timestamp(query)
    return Response(reply, content_type="application/timestamp-reply")

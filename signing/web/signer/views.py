"""Everything under `/s/<link_token>`: pages for people, an exchange of JSON for the signing script.

The two differ in how they answer an error: pages explain it (`states`), the exchange answers with
a problem document like the API.
"""

from flask import Blueprint, request

from signing.web.signer import copies, entrance, exchange, reading, reports
from signing.web.signer.packing import pack
from signing.web.signer.session import check_form

blueprint = Blueprint("signer", __name__, url_prefix="/s/<link_token>")


@blueprint.before_request
def refuse_foreign_forms() -> None:
    """Every change comes from a page of this link."""
    if request.method not in ("GET", "HEAD"):
        check_form(str((request.view_args or {})["link_token"]))


blueprint.after_request(pack)
blueprint.register_blueprint(entrance.blueprint)
blueprint.register_blueprint(reading.blueprint)
blueprint.register_blueprint(copies.blueprint)
blueprint.register_blueprint(reports.blueprint)
blueprint.register_blueprint(exchange.blueprint)

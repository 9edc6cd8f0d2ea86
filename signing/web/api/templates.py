"""Contract texts: kinds, versions, the schema of their values, examples."""

from typing import Any

from signing.web import context
from signing.web.api.parsing import ApiBlueprint
from signing.web.api.schemas import TemplateListOut, TemplateOut
from signing.web.security import requires

blueprint = ApiBlueprint(
    "templates", __name__, url_prefix="/api/v1/templates", description="Contract texts"
)


@blueprint.get("")
@requires("agreements")
@blueprint.response(200, TemplateListOut)
def list_templates() -> dict[str, Any]:
    """All kinds."""
    return {"items": context.services().texts.list(), "next_cursor": None}


@blueprint.get("/<kind>")
@requires("agreements")
@blueprint.response(200, TemplateOut)
def get(kind: str) -> Any:
    """One kind."""
    return context.services().texts.get(kind)

"""A field is declared once: nothing is used undeclared, nothing is declared unused."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from contract_texts import KINDS, agreements, companions, documents, template
from signing.errors import Broken
from signing.rendering.catalogue import check_values
from signing.rendering.composition import Composer
from signing.web.api.schemas import PartyIn

ALL = (*agreements.kinds(), *companions.kinds())

RULES = Path(__file__).resolve().parents[2] / "signing" / "domain" / "rules"
LOOK_UPS = ("text", "number", "integer", "day", "flag", "rows", "table", "given")

# Without these the law refuses the agreement before any text is made.
LAW_ASKS = {"noncompete_pay_fen"}

# Values that no text prints: the rules judge them, and what the text says is fixed by law.
RULE_INPUTS = {
    "labour_contract": {"algorithm_principle", "prior_probation"},
    "written_agreement": {"algorithm_principle", "occupational_injury_payer"},
    "tripartite_agreement": {
        "algorithm_principle",
        "dispute_route",
        "occupational_injury_payer",
    },
}

# Options that exist so that the rules can refuse them by name, never to be taken in an example.
REFUSED_OPTIONS = {
    ("algorithm_principle", "strictest"),
    ("occupational_injury_payer", "worker"),
    ("commercial_insurance[].payer", "worker"),
}

# The one dispatch among the three-party examples takes the third; the labour contract's take all.
TAKEN_IN_THE_CONTRACT = {
    ("dispatch_position_kind", "temporary"),
    ("dispatch_position_kind", "substitute"),
}


def sources(kind: str) -> list[str]:
    found = template(kind)
    return [found.html, found.title, *(f"{card.title} {card.text}" for card in found.cards)]


def used_members(kind: str, name: str) -> set[str]:
    """Members of the variable `name` that text and cards read: `v.pay_day` → pay_day."""
    trees = [Environment(autoescape=True).parse(source) for source in sources(kind)]
    return {
        node.attr
        for tree in trees
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Name) and node.node.name == name
    }


def party_members(kind: str) -> set[str]:
    """Members of parties that text and cards read: `parties.worker.phone` → phone."""
    trees = [Environment(autoescape=True).parse(source) for source in sources(kind)]
    return {
        node.attr
        for tree in trees
        for node in tree.find_all(nodes.Getattr)
        if isinstance(node.node, nodes.Getattr)
        and isinstance(node.node.node, nodes.Name)
        and node.node.node.name == "parties"
    }


def keys_asked_by_rules() -> set[str]:
    """Names of values that some chapter of the rules looks up."""
    calls = (
        node
        for file in sorted(RULES.glob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    )
    return {
        call.args[0].value
        for call in calls
        if call.func.attr in LOOK_UPS
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "facts"
        and isinstance(call.args[0], ast.Constant)
    }


def labels_asked(kind: str) -> set[str]:
    """Names that the filter `label` is asked for."""
    trees = [Environment(autoescape=True).parse(source) for source in sources(kind)]
    plain = {f.args[0].value for t in trees for f in t.find_all(nodes.Filter) if f.name == "label"}
    mapped = {
        f.args[1].value
        for t in trees
        for f in t.find_all(nodes.Filter)
        if f.name == "map" and f.args[0].value == "label"
    }
    return plain | mapped


def row_members(schema: Mapping) -> set[str]:
    """Members of the objects in a schema's lists: what `item.` may be followed by."""
    return {
        member
        for rule in schema["properties"].values()
        if rule["type"] == "array"
        for member in rule["items"].get("properties", {})
    }


@pytest.mark.parametrize("kind", ALL)
def test_every_value_that_a_text_uses_is_declared(kind):
    declared = set(template(kind).schema["properties"])

    assert used_members(kind, "v") <= declared


@pytest.mark.parametrize("kind", ALL)
def test_every_declared_value_is_printed_or_is_an_input_of_the_rules(kind):
    declared = set(template(kind).schema["properties"])
    inputs = RULE_INPUTS.get(kind, set())

    assert declared - used_members(kind, "v") == inputs


@pytest.mark.parametrize("kind", ALL)
def test_every_member_of_a_party_that_a_text_uses_is_declared(kind):
    assert party_members(kind) <= set(PartyIn().fields)


def test_every_declared_member_of_a_party_is_printed_or_decides_how_it_signs():
    printed = set().union(*(party_members(kind) for kind in ALL))

    assert set(PartyIn().fields) - printed == {"role", "seal"}


def test_no_member_of_a_party_is_declared_again_as_a_value():
    values = set().union(*(template(kind).schema["properties"] for kind in ALL))

    assert set(PartyIn().fields) & values == set()


def test_every_value_that_a_rule_looks_up_is_declared_by_some_text():
    declared = set().union(*(template(kind).schema["properties"] for kind in ALL))

    assert keys_asked_by_rules() - declared == set()


@pytest.mark.parametrize("kind", KINDS)
def test_an_optional_value_may_be_left_out_and_the_text_still_stands(kind):
    found = template(kind)
    composer = Composer(found)
    refused = []
    for _, made in documents(kind):
        for name in made["values"]:
            values = {key: value for key, value in made["values"].items() if key != name}
            if check_values(found, values) or name in LAW_ASKS:
                continue
            try:
                composer.compose({**made, "values": values})
            except Broken as error:
                refused.append((made["reference"], name, str(error)))

    assert refused == []


@pytest.mark.parametrize("kind", ALL)
def test_rows_are_printed_member_by_member(kind):
    schema = template(kind).schema

    assert used_members(kind, "item") == row_members(schema)


@pytest.mark.parametrize("kind", ALL)
def test_every_choice_has_a_chinese_label_and_every_label_a_choice(kind):
    for name, rule in template(kind).schema["properties"].items():
        choices = set(chosen(rule))
        labels = rule.get("x-labels", {})

        assert choices == set(labels), name


@pytest.mark.parametrize("kind", ALL)
def test_labels_are_asked_for_fields_that_have_them(kind):
    labelled = {n for n, rule in template(kind).schema["properties"].items() if "x-labels" in rule}

    assert labels_asked(kind) <= labelled


@pytest.mark.parametrize("kind", ALL)
def test_every_field_says_what_it_is_and_where_it_ends(kind):
    schema = template(kind).schema

    assert schema["additionalProperties"] is False
    for name, rule in schema["properties"].items():
        assert rule["title"], name
        assert rule["description"], name
        assert_bounded(rule, name)


def assert_bounded(rule: Mapping, name: str) -> None:
    """Texts have a longest length, numbers a range, lists a longest length, objects no others."""
    match rule["type"]:
        case "string":
            assert {"maxLength", "enum", "format", "pattern"} & set(rule), name
        case "integer" | "number":
            assert {"minimum", "maximum"} <= set(rule), name
        case "array":
            assert "maxItems" in rule, name
            assert_bounded(rule["items"], f"{name}[]")
        case "object":
            assert rule["additionalProperties"] is False, name
            for member, inner in rule["properties"].items():
                assert_bounded(inner, f"{name}.{member}")
        case kind:
            assert kind == "boolean", name


def chosen(rule: Mapping) -> Iterator[str]:
    """All options anywhere inside a field."""
    yield from rule.get("enum", ())
    for inner in (rule.get("items"), *rule.get("properties", {}).values()):
        if isinstance(inner, Mapping):
            yield from chosen(inner)


@pytest.mark.parametrize("kind", ALL)
def test_the_examples_have_the_shape_that_the_schema_asks_for(kind):
    found = template(kind)

    for body in found.examples:
        assert check_values(found, body["values"]) == [], body["reference"]


@pytest.mark.parametrize("kind", ALL)
def test_some_example_takes_every_option_of_every_field(kind):
    found = template(kind)
    given = [body["values"] for body in found.examples]
    missing = {
        gap
        for name, rule in found.schema["properties"].items()
        for gap in gaps(name, rule, [values[name] for values in given if name in values])
    }

    other = TAKEN_IN_THE_CONTRACT if kind == "tripartite_agreement" else set()
    assert missing <= REFUSED_OPTIONS | other


def gaps(path: str, rule: Mapping, given: list) -> Iterator[tuple[str, str]]:
    """Options, members and fields that none of the values `given` for a field takes."""
    if not given:
        yield path, "never given"
    elif "enum" in rule:
        yield from ((path, option) for option in rule["enum"] if option not in given)
    elif rule["type"] == "boolean":
        yield from ((path, str(answer)) for answer in (True, False) if answer not in given)
    elif rule["type"] == "array":
        yield from gaps(f"{path}[]", rule["items"], [item for value in given for item in value])
    elif rule["type"] == "object" and "x-labels" in rule:
        taken = {option for value in given for option in value.values()}
        yield from ((path, option) for option in rule["x-labels"] if option not in taken)
    elif rule["type"] == "object":
        for member, inner in rule["properties"].items():
            yield from gaps(f"{path}.{member}", inner, [v[member] for v in given if member in v])


def test_twenty_examples_stand_for_each_agreement():
    assert {kind: len(template(kind).examples) for kind in KINDS} == dict.fromkeys(KINDS, 20)

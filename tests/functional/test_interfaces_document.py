"""The OpenAPI document of the running service knows the values of every text (interfaces.md §9)."""

import pytest
import requests
from jsonschema import Draft202012Validator

NAMES = {
    "labour_contract": "LabourContractValues",
    "written_agreement": "WrittenAgreementValues",
    "tripartite_agreement": "TripartiteAgreementValues",
}


@pytest.fixture(scope="module")
def schemas(service):
    answer = requests.get(f"{service.url}/api/v1/openapi.json", timeout=30)
    return answer.json()["components"]["schemas"]


@pytest.mark.parametrize("kind", NAMES)
def test_the_document_takes_the_values_of_examples_and_refuses_others(service, schemas, kind):
    schema = schemas[NAMES[kind]]
    values = service.example(kind)["values"]

    judge = Draft202012Validator(schema)

    assert [error.message for error in judge.iter_errors(values)] == []
    assert not judge.is_valid({**values, "start_date": 5})
    assert not judge.is_valid({**values, "no_such_field": 1})
    assert {"$ref": f"#/components/schemas/{NAMES[kind]}"} in (
        schemas["AgreementIn"]["properties"]["values"]["anyOf"]
    )

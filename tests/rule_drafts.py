"""Lawful drafts of each kind, to be changed by a test in the one place that it is about."""

from datetime import date

from signing.domain.draft import ROLES, AgreementDraft, Kind, PartyDraft, Role

TODAY = date(2026, 11, 25)

LABOUR = {
    "employment_form": "full_time",
    "term_type": "fixed",
    "start_date": "2026-12-01",
    "end_date": "2027-11-30",
    "employment_start_date": "2026-12-01",
    "occupation": "courier",
    "position": "快递员",
    "duties": "负责揽收和派送快件",
    "work_area": "长沙市岳麓区",
    "hours_system": "standard",
    "daily_hours": 8,
    "weekly_hours": 40,
    "pay_method": "monthly",
    "monthly_wage_fen": 500_000,
    "settlement_cycle": "month",
    "pay_day": 15,
    "ppe_list": ["头盔", "反光背心"],
    "training_hours": 8,
    "bad_weather_rule": "暴雨、冰雪天气暂停派件，已接的快件顺延时限",
}
SERVICE = {
    "term_type": "fixed",
    "start_date": "2026-12-01",
    "end_date": "2027-11-30",
    "occupation": "delivery_rider",
    "service_type": "delivery",
    "service_description": "餐饮即时配送",
    "service_area": "长沙市岳麓区",
    "order_mode": "grab",
    "online_time_choice": "free",
    "pay_basis": "per_order",
    "unit_price_fen": 500,
    "expected_orders_per_hour": 5,
    "guaranteed_hourly_fen": 2_500,
    "settlement_cycle": "week",
    "pay_adjustment": "每年一月由双方协商单价",
    "wage_special_account": "某某银行长沙分行 8000",
    "max_continuous_order_hours": 4,
    "max_daily_hours": 10,
    "holiday_rate_pct": 150,
    "algorithm_principle": "middle",
    "ppe_list": ["头盔", "反光背心"],
    "training_hours": 8,
    "bad_weather_rule": "暴雨、冰雪天气延长时限",
    "pension_option": "flexible_employee",
    "medical_option": "resident",
    "occupational_injury_scheme": "enrolled",
    "appeal_channel": "应用内“申诉”入口",
    "appeal_accept_days": 3,
    "appeal_result_days": 15,
    "reply_method": "app",
}
DUTIES = (
    "dispatch assessment pay_calculation pay_payment insurance_payment commercial_insurance "
    "safety_training protective_gear rest_control appeals personal_information record_keeping"
)
TRIPARTITE = SERVICE | {
    "cooperation_mode": "outsourcing",
    "worker_relation_with": "managed",
    "main_contract_ref": {
        "number": "HZ-1",
        "start_date": "2026-01-01",
        "end_date": "2028-12-31",
    },
    "partner_qualification": [{"type": "business_licence", "number": "1"}],
    "duty_matrix": dict.fromkeys(DUTIES.split(), "service_provider"),
}
VALUES = {
    Kind.LABOUR_CONTRACT: LABOUR,
    Kind.WRITTEN_AGREEMENT: SERVICE,
    Kind.TRIPARTITE_AGREEMENT: TRIPARTITE,
}
WORKER = {
    "name": "张三",
    "id_type": "resident_id",
    "id_number": "430104199003070015",
    "phone": "13800000000",
    "address": "长沙市岳麓区麓山路 1 号",
}
ENTERPRISE = {
    "name": "长沙某某网络科技有限公司",
    "uscc": "91430100MA4L16JQ9D",
    "legal_representative": "李四",
    "address": "长沙市岳麓区",
    "phone": "0731-88880000",
}
FREE = {
    "q1": "yes",
    "q2": "yes",
    "q3": "partly",
    "q4": "partly",
    "q5": "no",
    "q6": "no",
    "q7": "no",
}


def make_draft(kind: Kind, **changes: object) -> AgreementDraft:
    """A lawful draft of that kind, changed: `values` are merged, a None value is left out."""
    values = VALUES[kind] | changes.pop("values", {})
    worker = WORKER | changes.pop("worker", {})
    parties = tuple(
        PartyDraft(role, worker if role is Role.WORKER else dict(ENTERPRISE))
        for role in ROLES[kind]
    )
    fields = {
        "kind": kind,
        "template_version": "2026.1",
        "performance_place": "430104",
        "parties": parties,
        "values": {k: v for k, v in values.items() if v is not None},
        "classification": {"answers": FREE},
    }
    return AgreementDraft(**(fields | changes))

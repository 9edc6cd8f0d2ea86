import pytest

from signing.domain.characters import Fold, check_name, check_text, fold


def codes(value, *, free_text=False):
    return [error.code for error in check_text(value, "values.x", free_text=free_text)]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("张\x00三", "CONTROL_CHARACTER"),
        ("张\u2028三", "CONTROL_CHARACTER"),
        ("张\n三", "CONTROL_CHARACTER"),
        ("张\u200b三", "INVISIBLE_CHARACTER"),
        ("张\u202e三", "INVISIBLE_CHARACTER"),
        ("张\u00ad三", "INVISIBLE_CHARACTER"),
        ("张\ufeff三", "INVISIBLE_CHARACTER"),
        ("葛\U000e0100", "VARIATION_SELECTOR"),
        ("张\ue000三", "PRIVATE_USE"),
        ("张\U0010ffff三", "UNASSIGNED"),
        ("\u2f00二三", "LOOKALIKE"),
        ("\u2f64", "LOOKALIKE"),
        ("שלום", "RIGHT_TO_LEFT"),
        ("张三😀", "EMOJI"),
        ("张\u00a0三", "SPACE_REFUSED"),
        ("张\u3099三", "COMBINING_MARK"),
        (" 张三", "EDGE_SPACE"),
        ("John  Smith", "REPEATED_SPACE"),
        ("e\u0301", "NOT_NFC"),
        ("长" * 2_001, "TOO_LONG"),
    ],
)
def test_a_character_that_misleads_or_hides_is_refused_by_name(value, code):
    assert code in codes(value)


@pytest.mark.parametrize(
    "value",
    [
        "张三",
        "阿依古丽·买买提",
        "㛃䶮",
        "𡋾𠅤",
        "\ufa0e",
        "3★ 以上",
        "湘A12345（电动自行车）✓■□",
        "麓谷 27 号",
    ],
)
def test_ordinary_and_rare_names_pass(value):
    assert codes(value) == []


def test_line_breaks_stand_in_free_text_only():
    assert codes("一、\n二、", free_text=True) == []


def test_a_lookalike_is_answered_with_the_character_to_type():
    (error,) = check_text("甲方使\u2f64", "values.duties", free_text=False)

    assert error.path == "values.duties"
    assert "U+2F64" in error.message
    assert "第 4 个字符" in error.message_zh
    assert error.message_zh.endswith("用")


def test_a_name_gets_the_one_middle_dot_and_a_number_loses_its_full_width():
    assert fold("阿依古丽•买买提 ", typed_as=Fold.NAME) == "阿依古丽·买买提"
    assert fold("４３０１ ０４Ｘ", typed_as=Fold.NUMBER) == "430104X"
    assert fold("一\r\n二", typed_as=Fold.TEXT) == "一\n二"


def test_latin_letters_are_for_the_holders_of_foreign_documents():
    assert check_name("John O'Neil-Smith", "parties[1].name", foreign=True) == ()
    (error,) = check_name("John", "parties[1].name", foreign=False)
    assert error.code == "NAME_CHARACTER"

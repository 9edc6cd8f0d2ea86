from signing.language.normal import normalise


def plain(text):
    return "".join(c.value for c in normalise(text))


def test_invisible_characters_blanks_and_marks_between_characters_go():
    assert plain("押\u200b金 和\u3000保*证_金") == "押金和保证金"


def test_full_width_and_traditional_become_plain():
    assert plain("繳納５００元ＡＢ") == "缴纳500元ab"


def test_brackets_around_one_or_two_characters_go_and_others_stay():
    assert plain("押（金）【罚款】") == "押金罚款"
    assert plain("押金（含服装费用）") == "押金(含服装费用)"


def test_a_decimal_point_and_a_percent_sign_stay():
    assert plain("1.5倍，20％") == "1.5倍,20%"


def test_a_line_end_is_a_stop():
    assert plain("甲\r\n乙") == "甲\n\n乙"


def test_each_character_knows_its_place_in_the_source():
    text = "缴 納\u200b押金"

    chars = normalise(text)

    assert [text[c.start : c.end] for c in chars] == ["缴", "納", "押", "金"]
    assert [c.value for c in chars] == ["缴", "纳", "押", "金"]

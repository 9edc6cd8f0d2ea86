"""Paragraphs of every shape, to see whether our line setter breaks as WeasyPrint breaks."""

from agreement_variety import Dice
from printing_house import compiling
from signing.rendering.lines import NotExact

HAN = "甲乙双方约定本合同期限自起至止其中试用劳动者企业平台订单报酬龘䶮"
CLOSING = "、。，；：？！）》」』】〕”’…—·％℃"
OPENING = "（《「『【〔“‘￥"
CSS = (
    "@page { size: 600px 800px; margin: 20px; font-family: Song }"
    "html { font-family: Song; font-size: 16px; line-height: 1.9; color: #000 }"
    "body { margin: 0; text-align: justify } b { font-family: Hei; font-weight: 700 }"
    "p { margin: 0; text-indent: 2em } .r { text-align: right; text-indent: 0 }"
    ".c { text-align: center; text-indent: 0 } .s { font-size: 14px; text-indent: 0 }"
    "table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 14px }"
    "td { border: 1px solid #000; padding: 4px 7px } tr { break-inside: avoid }"
)


def text(dice: Dice, length: int) -> str:
    """Han, digits and punctuation in a contract's proportions and worse; no spaces."""
    parts = []
    while len(parts) < length:
        x = dice.below(100)
        if x < 12:
            parts.append(dice.pick(CLOSING))
        elif x < 20:
            parts.append(dice.pick(OPENING))
        elif x < 26:
            parts.append(dice.pick("0123456789.,"))
        elif x < 29:
            parts.append(dice.pick(["……", "——", "ID-2026/7", "SHA-256", "3km"]))
        else:
            parts.append(dice.pick(HAN))
    return "".join(parts)


def marked_page(seed: str, paragraphs: int) -> str:
    """A page of paragraphs, cells and centred lines that hold one value or several."""
    dice = Dice(seed)
    blocks = "\n".join(_block(dice) for _ in range(paragraphs))
    body = f'<main id="contract">{blocks}</main>'
    return f'<!DOCTYPE html><html lang="zh-CN"><head></head><body>{body}</body></html>'


def differing(reading, setter) -> tuple[list[str], int, int]:
    """What differs from WeasyPrint's lines; how many lines were set, how many units refused."""
    drawn, wrong, lines, refused = reading.boxes_by_unit(), [], 0, 0
    for place in setter.skeleton.slot_units:
        try:
            found = setter.set_one(place, reading.values)
        except NotExact:
            refused += 1
            continue
        lines += len(found)
        try:
            compiling.compare(place, found, drawn.get(place, {}))
        except NotExact as difference:
            wrong.append(str(difference))
    return wrong, lines, refused


def _block(dice: Dice) -> str:
    one, two = _value(dice), _value(dice)
    number = f"<b>第{text(dice, 2)}条</b>　"
    shapes = (
        f"<p>{one}</p>",
        f"<p>{number}{text(dice, dice.below(40))}{one}{text(dice, 9)}{two}。</p>",
        f"<p>{text(dice, dice.below(60))}<b>{two}</b>{one}</p>",
        f'<p class="s">{one}<b>（{text(dice, 3)}）</b>{text(dice, dice.below(50))}</p>',
        f'<p class="r">{_value(dice, 24)}</p>',
        f'<p class="c">{text(dice, 4)}{_value(dice, 12)}</p>',
        f"<table><tbody><tr><td>{one}</td><td>{text(dice, 5)}<br>{two}</td></tr></tbody></table>",
    )
    return shapes[dice.below(len(shapes))]


def _value(dice: Dice, longest: int = 120) -> str:
    return f"\ue000{text(dice, dice.below(longest) + 1)}\ue001".replace("&", "＆")

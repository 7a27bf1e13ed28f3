"""Rules of the review that need only values: wording that blames."""

import re

# People are named by what they are said to be; a process is not. Pointed out, never refused (R25).
BLAME = re.compile(
    "|".join(
        [
            "不负责任|不负责|责任心不强|责任心差|推卸责任|推诿|甩锅|扯皮|失职|渎职|不称职|不作为",
            "工作不力|能力不足|能力差|水平差|态度差|态度不端正|态度恶劣|粗心大意|粗心|马虎|懒散|懒惰",
            "不听指挥|拖后腿|不上心|敷衍了事|敷衍|都怪|全怪|怪罪|的错误?造成|都是.{1,12}的错|谁的错",
            r"\b(?:fault|blame[ds]?|guilty|careless(?:ly|ness)?|negligen(?:t|ce)|incompeten(?:t|ce))\b",
            r"\b(?:lazy|laziness|irresponsibl[ey]|unreliable|sloppy|failed us|let us down)\b",
        ]
    ),
    re.IGNORECASE,
)


def blaming_words(text: str) -> list[str]:
    """The words of a text that judge people instead of the process, in order, each once (R25)."""
    return list(dict.fromkeys(match.group() for match in BLAME.finditer(text)))

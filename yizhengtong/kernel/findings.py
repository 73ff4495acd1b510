"""What a rule says: met or not, why, by which article, and when it would be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Source:
    """Where the law says so: the text (`国办发〔2018〕81号`), the article (`2`), its words."""

    text: str
    article: str = ""
    words: str = ""

    def __str__(self) -> str:
        return f"{self.text} art. {self.article}" if self.article else self.text


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition looked at on one day.

    `met` None: the facts do not settle it and an officer must. `met_on`: the first day on which it would be met if
    nothing else changes, where that can be told. `facts` fill the words of texts.yaml; they hold no personal data.
    """

    code: str
    met: bool | None
    source: Source
    facts: Mapping[str, object] = field(default_factory=dict)
    met_on: date | None = None

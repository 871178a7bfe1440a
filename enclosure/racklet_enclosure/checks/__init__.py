"""Checks that can fail. Each returns its findings, empty when all is well, and figures."""

from dataclasses import dataclass, field


@dataclass
class Result:
    """What one check saw: `findings` are sentences about what is wrong, `figures` are measured."""

    name: str
    findings: list[str] = field(default_factory=list)
    figures: dict[str, float | str] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not self.findings

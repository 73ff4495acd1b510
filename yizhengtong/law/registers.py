"""Which register confirms which kind of proof: what is asked of it, and what it must show to stand for a paper."""

from typing import Literal

from pydantic import Field, model_validator

from yizhengtong.law.values import Value

RegisterKind = Literal[
    "social_insurance",
    "business_licence",
    "lease",
    "school_roll",
    "household_register",
    "residence_permits",
    "death",
]
Mark = Literal[
    "current", "active", "running", "registered", "safe", "alive", "region_agrees",
    "primary_school", "secondary_school", "vocational_school", "university",
]  # fmt: skip
"""What a register's answer can show: paid up to now, a licence in force, a lease that runs, a person alive, a county
of household registration as the applicant stated it, the kind of school."""


class RegisterProof(Value):
    """A kind of proof that the register `kept_in` confirms. `asks`: the facts asked for, and no others.

    `needs`: what the answer must show, else a paper is asked for as before. `use`: of consent.uses, where the ground
    is consent.
    """

    evidence: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kept_in: RegisterKind
    asks: tuple[str, ...] = Field(min_length=1)
    needs: tuple[Mark, ...] = ()
    basis: Literal["statutory_duty", "consent"] = "statutory_duty"
    use: str = ""

    @model_validator(mode="after")
    def _consent_has_a_use(self) -> "RegisterProof":
        if (self.basis == "consent") != bool(self.use):
            raise ValueError("a use belongs to consent, and consent needs it")
        return self

"""Values of the law as plain Python, for comparison with what a test expects."""

from pydantic import BaseModel


def plain_value(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, tuple):
        return [plain_value(each) for each in value]
    return value

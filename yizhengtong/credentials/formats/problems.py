"""What is wrong with a credential, a token or a proof, as a stable code that never holds what stood in it."""


class FormatProblem(Exception):
    """Something that is malformed, forged, not yet or no longer good, or not for this reader.

    `code` never changes: `<format>.<what>`, such as `jose.signature_wrong`, `sd_jwt.digest_twice`, `mdoc.expired`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

"""Which keys sign papers: of each format those that its readers know."""

from yizhengtong.credentials.formats.signing import ES256, SM2, Signer
from yizhengtong.credentials.keys.queries import Use, signers


def pdf_signer() -> Signer | None:
    """Return the key that signs PDFs; None in a deployment that signs by SM2 alone, which no reader of PDFs checks."""
    return next((each for each in signers(Use.PAPER) if each.algorithm == ES256 and each.certificates), None)


def ofd_signers() -> tuple[Signer, ...]:
    """Return the keys that sign OFDs, one of each algorithm of the deployment. Those of SM2 have no certificate."""
    return tuple(each for each in signers(Use.PAPER) if each.certificates or each.algorithm == SM2)

"""How state machines run over the real database: few examples, no clock of their own, every step committed."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

BOUNDED = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)


def run_machine(machine: type[RuleBasedStateMachine], *, examples: int = 8, steps: int = 20) -> None:
    """Run a machine's rules in random orders; a failing order is shrunk and printed as a program."""
    run_state_machine_as_test(machine, settings=settings(BOUNDED, max_examples=examples, stateful_step_count=steps))

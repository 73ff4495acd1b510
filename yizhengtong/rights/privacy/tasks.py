"""Background work on people's rights."""

from procrastinate.contrib.django import app

from yizhengtong.rights.privacy.deletion import carry_out_deletions


@app.periodic(cron="*/10 * * * *")
@app.task(name="privacy.delete", queueing_lock="privacy.delete")
def delete_what_was_asked(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Carry out requests for deletion."""
    carry_out_deletions()

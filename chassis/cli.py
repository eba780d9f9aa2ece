"""The commands of a domain, such as ``flask --app orders.base worker``."""

from __future__ import annotations

from flask import Flask

from chassis import tracing
from chassis.config import Settings


def init_app(app: Flask) -> None:
    """Add the commands to a domain's app."""
    from chassis import backup_commands, dead_letters

    settings: Settings = app.extensions["settings"]
    app.cli.add_command(dead_letters.commands)
    app.cli.add_command(backup_commands.backup_command)
    app.cli.add_command(backup_commands.restore_command)

    @app.cli.command("worker")
    def worker() -> None:
        """Apply the messages that other domains send to this one until stopped."""
        from chassis import worker

        tracing.configure_logging(f"worker-{settings.domain}", settings.log_level)
        worker.run(app, settings)

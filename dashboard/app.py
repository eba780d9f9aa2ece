"""rq-dashboard 0.9 as an app of this suite: under ``/rq/``, reading jobs as JSON and never as pickles."""

from __future__ import annotations

from flask import Flask, Response
from redis import RedisError
from rq.exceptions import NoSuchJobError
from rq.serializers import DefaultSerializer, JSONSerializer
from rq_dashboard.web import blueprint, config, setup_rq_connection

from chassis import errors, requests
from chassis.config import Settings

PREFIX = "/rq"

# rq-dashboard's own option for JSON does this, but some of its pages read jobs without it. There RQ would unpickle
# what it finds, and whoever can write to Redis could run anything here: so RQ's default reads JSON as well.
config.serializer = JSONSerializer
DefaultSerializer.dumps, DefaultSerializer.loads = JSONSerializer.dumps, JSONSerializer.loads


def create_app() -> Flask:
    """Make the app: rq-dashboard's pages, the suite's logs and errors, and ``/healthz``."""
    settings = Settings("dashboard")
    # Its pages take their icon from the app's static files, everything else from the blueprint's.
    app = Flask("dashboard", static_folder=blueprint.static_folder, static_url_path=f"{PREFIX}/static")
    app.config["RQ_DASHBOARD_REDIS_URL"] = settings.redis_url
    requests.init_app(app, settings.log_level)
    errors.init_app(app)
    setup_rq_connection(app)
    app.register_blueprint(blueprint, url_prefix=PREFIX)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "up"}

    @app.errorhandler(RedisError)
    def redis_is_away(error: RedisError) -> Response:
        return errors.problem(503, "Redis does not answer", {"Retry-After": str(errors.RETRY_AFTER_SECONDS)})

    @app.errorhandler(NoSuchJobError)
    def job_is_gone(error: NoSuchJobError) -> Response:
        return errors.problem(404, "there is no such job (any more): what is done is kept for a minute")

    return app


app = create_app()

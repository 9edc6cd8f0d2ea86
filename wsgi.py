"""For a server of WSGI: `gunicorn wsgi:app`, settings from the environment (`SIGNING_…`)."""

from signing.app import create_app
from signing.config import Config

app = create_app(Config.from_env())

"""For a WSGI server: `gunicorn wsgi:app`, settings from the environment (`SIGNING_…`)."""

import os

from signing.app import create_app
from signing.config import Config

app = create_app(Config.from_env(os.environ))

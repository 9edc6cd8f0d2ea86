"""HTTP: the only importer of Flask (with app.py) and marshmallow; decides nothing."""

# A small API behind Django REST framework, served by waitress.
cd "$HERE"
export PYTHONDONTWRITEBYTECODE=1
exec "$INSTALLED/bin/waitress-serve" --host 127.0.0.1 --port "$PORT" app:application

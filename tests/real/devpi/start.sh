# devpi-server: with a person, whom prepare.sh makes.
export PYTHONWARNINGS=ignore
"$INSTALLED/bin/devpi-init" --serverdir "$STATE/server" --no-root-pypi
exec "$INSTALLED/bin/devpi-server" --serverdir "$STATE/server" --host 127.0.0.1 --port "$PORT" --offline-mode

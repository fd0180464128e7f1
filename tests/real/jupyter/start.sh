# Jupyter Server: its REST API, for a token that is known from the beginning.
mkdir "$STATE/files" "$STATE/home"
export HOME="$STATE/home" JUPYTER_TOKEN="$REAL_TOKEN"
exec "$INSTALLED/bin/jupyter-server" --no-browser --allow-root --ip 127.0.0.1 --port "$PORT" \
  --ServerApp.port_retries=0 --ServerApp.root_dir="$STATE/files"

# devpi-server: a person with an index of her own that only she may read.
export HOME="$STATE"
user="${REAL_BASIC%%:*}" password="${REAL_BASIC#*:}"
"$INSTALLED/bin/devpi-init" --serverdir "$STATE/server" --no-root-pypi >&2
"$INSTALLED/bin/devpi-gen-config" --help >/dev/null
exec "$INSTALLED/bin/devpi-server" --serverdir "$STATE/server" --host 127.0.0.1 --port "$PORT" \
  --restrict-modify root

# InfluxDB 1: one administrator, and a secret that signs tokens for her.
cat > "$STATE/influxdb.conf" <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "$STATE/meta"
[data]
  dir = "$STATE/data"
  wal-dir = "$STATE/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:$PORT"
  auth-enabled = true
  shared-secret = "$REAL_SIGNING_KEY"
CONF
exec "$INSTALLED/usr/bin/influxd" run -config "$STATE/influxdb.conf"

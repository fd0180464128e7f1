# The first administrator: until there is one, whoever asks may make it.
curl --silent --fail --output /dev/null "http://127.0.0.1:$PORT/query" \
  --data-urlencode "q=CREATE USER \"${REAL_BASIC%%:*}\" WITH PASSWORD '${REAL_BASIC#*:}' WITH ALL PRIVILEGES"

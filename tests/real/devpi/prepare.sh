# A person, whose description of herself nobody else may change.
curl --silent --fail-with-body --output /dev/null --header "Content-Type: application/json" --request PUT \
  "http://127.0.0.1:$PORT/${REAL_BASIC%%:*}" --data "{\"password\": \"${REAL_BASIC#*:}\"}"

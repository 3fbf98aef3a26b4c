curl https://analytics.example.com/v1/events \
  --header "Authorization: Bearer $COLLECTOR_TOKEN" \
  --header 'Content-Type: application/json' \
  --data '{"events": [{"question": "Is it up?", "answer": "It is."}]}'

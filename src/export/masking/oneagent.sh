post() {
  curl --fail --silent --show-error -X POST "https://$DT_ENVIRONMENT/api/v2/settings/objects" \
    -H "Authorization: Api-Token $DT_TOKEN" -H "Content-Type: application/json" -d "[{
      \"schemaId\": \"builtin:logmonitoring.sensitive-data-masking-settings\", \"scope\": \"environment\",
      \"value\": {\"enabled\": true, \"config-item-title\": \"$1\", \"matchers\": [],
        \"masking\": {\"type\": \"STRING\", \"expression\": \"$2\", \"replacement\": \"@MASK@\"}}}]"
}
# Of a search expression only the group is replaced, and it may have but one. In this order.
post "Dynatrace tenant tokens" "@WHOLE@(@WHOLE_SECRET@)"
post "Dynatrace tokens" "@FAMILY@(@SECRET@)"

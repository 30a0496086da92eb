#!/bin/sh
# SPDX-License-Identifier: ISC
# test_schema.sh: what s2sctl prints as JSON is what its schema promises.
src=${srcdir:-.}
if ! python3 -c 'import jsonschema' 2>/dev/null; then
	echo "SKIP: test_schema: python3 has no jsonschema"
	exit 77
fi
ASAN_OPTIONS=detect_leaks=0; export ASAN_OPTIONS
rv=0
for scene in well wrong one one_down mixed empty down; do
	./test_s2sctl -j "$scene" > "test_schema.$$" || rv=1
	python3 - "$src/etc/s2sctl-status.schema.json" "test_schema.$$" <<'EOF' || { echo "FAIL: $scene"; rv=1; }
import json, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
data = json.load(open(sys.argv[2]))
jsonschema.validate(data, schema, jsonschema.Draft7Validator)
# a schema that takes anything would prove nothing
if data["tunnels"]:
    data["tunnels"][0]["state"] = "erouted"
    try:
        jsonschema.validate(data, schema, jsonschema.Draft7Validator)
    except jsonschema.ValidationError:
        sys.exit(0)
    sys.exit("an unknown state passed")
EOF
done
rm -f "test_schema.$$"
exit $rv

# A plan: keys and shape.
$ slicewise plan $SOURCE/examples/six-models.yaml --format json | keys
$ slicewise plan $SOURCE/examples/six-models.yaml --format csv | cut -d , -f 5-7 | sort
$ slicewise plan $SOURCE/examples/six-models.yaml -o plan.json > table && slicewise plan $SOURCE/examples/six-models.yaml --format json | cmp - plan.json
$ slicewise plan $SOURCE/examples/six-models.yaml --commands | grep -c '^#'

# The same input gives the same bytes.
$ slicewise plan $SOURCE/examples/six-models.yaml | cmp - table

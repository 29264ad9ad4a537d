# A mix: keys and shape, tenants in file order.
$ slicewise predict $SOURCE/examples/mix-qwen3-4b-pair.yaml --format json | keys
$ slicewise predict $SOURCE/examples/mix-four-small.yaml --format csv | cut -d , -f 1-5
$ slicewise predict $SOURCE/examples/mix-timeslice.yaml --format json | keys | grep -c .

# The same input gives the same bytes.
$ slicewise predict $SOURCE/examples/mix-four-small.yaml > one; slicewise predict $SOURCE/examples/mix-four-small.yaml > two; cmp one two

# An engine offered more than it sustains.
@ flood.yaml
| gpu: l4
| mechanism: exclusive
| tenants:
|   - model: qwen3-4b
|     load: {rate: 1000, prompt_tokens: 1000, output_tokens: 500}
$ slicewise predict flood.yaml --format json | keys | grep -e null -e binds

# Mix files that cannot be meant: exit status 2, and a message with file, line, key, what was found and what was expected.
@ good.yaml
| gpu: a100-sxm4-40gb
| mechanism: mps
| tenants:
|   - name: a
|     model: qwen3-4b
|     share: 0.5
|     memory_gib: 19.5
|     engine: {name: vllm, max_num_seqs: 32, max_model_len: 8192}
|     load: {rate: 0.5, prompt_tokens: {mean: 800, p95: 2000}, output_tokens: 200}
|     slo: {ttft_p95_ms: 2000, tpot_p95_ms: 100}
|   - {name: b, model: qwen3-0.6b, share: 0.25, memory_gib: 10, load: {concurrency: 2, prompt_tokens: 500, output_tokens: 100}}
$ slicewise predict good.yaml --format csv | sed 1d | cut -d , -f 1-5
> a100-sxm4-40gb,mps,a,qwen3-4b,0.5
> a100-sxm4-40gb,mps,b,qwen3-0.6b,0.25

# Unknown keys.
$ sed 's|mechanism: mps|mechansim: mps|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:2: mechansim: unknown key; did you mean mechanism?
= 2
$ sed 's|memory_gib: 19.5|memory: 19.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:7: tenants[0].memory: unknown key; expected one of name, model, share, memory_gib, engine, load, max_in_flight, start_s, slo
= 2
$ sed 's|max_num_seqs|max_seqs|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.max_seqs: unknown key; expected one of name, version, max_model_len, max_num_seqs, max_num_batched_tokens, cuda_graphs, dtype, quantization, kv_cache_dtype, prefix_caching, gpu_memory_utilization, kv_cache_tokens, cores
= 2
$ sed 's|rate: 0.5|requests_per_second: 0.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.requests_per_second: unknown key; expected one of rate, concurrency, trace, scale, prompt_tokens, output_tokens, prefix_hit_ratio, burstiness
= 2
$ sed 's|mean: 800|average: 800|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prompt_tokens.average: unknown key; expected one of mean, p95
= 2
$ sed 's|ttft_p95_ms|ttft_p95_s|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:10: tenants[0].slo.ttft_p95_s: unknown key; did you mean ttft_p95_ms?
= 2
$ sed 's|^gpu:|fleet: 3\ngpu:|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:1: fleet: unknown key; expected one of gpu, mechanism, tenants
= 2

# Wrong types and units.
$ sed 's|gpu: a100-sxm4-40gb|gpu: [a100-sxm4-40gb]|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:1: gpu: found a list, expected an id of the catalogue or the path of a JSON file
= 2
$ sed 's|share: 0.5|share: half|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found "half", expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|share: 0.5|share: 50%|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found "50%", expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|memory_gib: 19.5|memory_gib: 19.5GiB|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:7: tenants[0].memory_gib: found "19.5GiB", expected a number (GiB) above 0 and at most 10000
= 2
$ sed 's|max_num_seqs: 32|max_num_seqs: 32.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.max_num_seqs: found 32.5, expected a whole number (sequences) from 1 and at most 65536
= 2
$ sed 's|max_num_seqs: 32|max_num_seqs: "32"|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.max_num_seqs: found "32", expected a whole number (sequences) from 1 and at most 65536
= 2
$ sed 's|rate: 0.5|rate: 0.5/s|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found "0.5/s", expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|output_tokens: 200|output_tokens: [200]|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.output_tokens: found a list, expected a number of tokens or {mean: , p95: }
= 2
$ sed 's|ttft_p95_ms: 2000|ttft_p95_ms: 2s|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:10: tenants[0].slo.ttft_p95_ms: found "2s", expected a number (ms) above 0 and at most 10000000
= 2
$ sed 's|engine: {.*}|engine: vllm|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine: found "vllm", expected a map of keys
= 2
$ sed 's|engine: {.*}|engine: {cuda_graphs: maybe}|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.cuda_graphs: found "maybe", expected true or false
= 2
$ sed 's|load: {rate.*|load: busy|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load: found "busy", expected a map of keys
= 2
$ sed 's|name: a$|name: {x: 1}|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:4: tenants[0].name: found a map, expected a name
= 2
$ printf 'gpu: l4\nmechanism: mps\ntenants: 7\n' > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found 7, expected a list of at least one tenant
= 2
$ printf 'gpu: l4\nmechanism: mps\ntenants: []\n' > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found an empty list, expected a list of at least one tenant
= 2

# Numbers out of range.
$ sed 's|share: 0.5|share: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found 0, expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|share: 0.5|share: -0.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found -0.5, expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|share: 0.5|share: 1.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found 1.5, expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|share: 0.5|share: .nan|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:6: tenants[0].share: found .nan, expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|memory_gib: 19.5|memory_gib: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:7: tenants[0].memory_gib: found 0, expected a number (GiB) above 0 and at most 10000
= 2
$ sed 's|memory_gib: 19.5|memory_gib: 80|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found 90 GiB of memory in all, expected at most the 40 GiB of a100-sxm4-40gb
= 2
$ sed 's|memory_gib: 19.5|memory_gib: 39.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found 49.5 GiB of memory in all, expected at most the 40 GiB of a100-sxm4-40gb
= 2
$ sed 's|max_num_seqs: 32|max_num_seqs: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.max_num_seqs: found 0, expected a whole number (sequences) from 1 and at most 65536
= 2
$ sed 's|max_model_len: 8192|max_model_len: 1000000|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine: max_model_len: found 1000000, expected at most 40960, the longest context of qwen3-4b
= 2
$ sed 's|rate: 0.5|rate: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found 0, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: -2|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found -2, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: .inf|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found .inf, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: nan|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found "nan", expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: 1e30|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.rate: found 1e30, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|output_tokens: 200|output_tokens: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.output_tokens: found 0, expected a whole number (tokens) from 1 to 10000000
= 2
$ sed 's|output_tokens: 200|output_tokens: 1.5|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.output_tokens: found 1.5, expected a whole number (tokens) from 1 to 10000000
= 2
$ sed 's|concurrency: 2|concurrency: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:11: tenants[1].load.concurrency: found 0, expected a number (requests in flight) from 1 and at most 1000000
= 2
$ sed 's|ttft_p95_ms: 2000|ttft_p95_ms: 0|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:10: tenants[0].slo.ttft_p95_ms: found 0, expected a number (ms) above 0 and at most 10000000
= 2
$ sed 's|tpot_p95_ms: 100|tpot_p95_ms: -1|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:10: tenants[0].slo.tpot_p95_ms: found -1, expected a number (ms) above 0 and at most 10000000
= 2
$ sed 's|output_tokens: 200|output_tokens: 200, prefix_hit_ratio: 1|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prefix_hit_ratio: found 1, expected a number (fraction of the prompt tokens) from 0 and at most 0.999
= 2
$ sed 's|output_tokens: 200|output_tokens: 200, burstiness: -1|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.burstiness: found -1, expected a number (coefficient of variation of the gaps) from 0 and at most 100
= 2

# Lengths whose percentile and mean cannot belong together.
$ sed 's|p95: 2000|p95: 700|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prompt_tokens: p95 700 with mean 800: expected a p95 above the mean and at most 3.86 times it
= 2
$ sed 's|p95: 2000|p95: 800|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prompt_tokens: p95 800 with mean 800: expected a p95 above the mean and at most 3.86 times it
= 2
$ sed 's|p95: 2000|p95: 4000|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prompt_tokens: p95 4000 with mean 800: expected a p95 above the mean and at most 3.86 times it
= 2
$ sed 's|{mean: 800, p95: 2000}|{mean: 800}|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.prompt_tokens: key p95 is missing
= 2

# What does not exist or is missing.
$ sed 's|a100-sxm4-40gb|a100-sxm4-48gb|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:1: gpu: unknown GPU "a100-sxm4-48gb"; nearest ids: a100-sxm4-40gb, a100-sxm4-80gb, v100-sxm2-16gb (or the path of a .json file)
= 2
$ sed 's|qwen3-4b|qwen3-5b|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:5: tenants[0].model: unknown model "qwen3-5b"; nearest ids: qwen3-4b, qwen3-8b, qwen3-14b (or the path of a .json file)
= 2
$ sed 's|model: qwen3-4b|model: ./qwen3-4b.json|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:5: tenants[0].model: ./qwen3-4b.json: cannot open: No such file or directory
= 2
$ sed 's|mechanism: mps|mechanism: vgpu|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:2: mechanism: found "vgpu", expected one of exclusive, mps, timeslice, hami, mig, cpu-quota
= 2
$ sed 's|vllm|vlm|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.name: found "vlm", expected one of vllm, sglang, tensorrt-llm, llama.cpp
= 2
$ sed 's|rate: 0.5, prompt_tokens: {mean: 800, p95: 2000}, output_tokens: 200|trace: azure.csv|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load.trace: azure.csv: cannot open: No such file or directory
= 2
$ sed 's|    model: qwen3-4b||' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:4: tenants[0]: key model is missing
= 2
$ sed 's|^mechanism.*||' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:1: key mechanism is missing
= 2
$ sed 's|    share: 0.5||' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:4: tenants[0]: key share is missing: mps needs one
= 2

# What contradicts itself.
$ sed 's|rate: 0.5|rate: 0.5, concurrency: 4|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load: found both rate and concurrency, expected rate or concurrency with prompt_tokens and output_tokens, or trace with rate, scale or neither
= 2
$ sed 's|rate: 0.5, ||' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:9: tenants[0].load: found no rate, concurrency or trace, expected rate or concurrency with prompt_tokens and output_tokens, or trace with rate, scale or neither
= 2
$ sed 's|name: b|name: a|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:11: tenants[1].name: found "a", expected a name that no other has (the one on line 4 has it too)
= 2
$ sed 's|mechanism: mps|mechanism: exclusive|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found 2 tenants, expected at most 1 under exclusive
= 2
$ sed 's|mechanism: mps|mechanism: hami|; s|share: 0.25|share: 0.75|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:3: tenants: found shares that add up to 1.25, expected at most 1 under hami
= 2
$ sed 's|    share: 0.5|    share: 0.5\n    share: 0.6|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:7: share: found a second time (first on line 6), expected once
= 2
$ sed 's|max_num_seqs: 32|max_num_seqs: 32, max_num_batched_tokens: 16|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine: max_num_batched_tokens: found 16, expected at least max_num_seqs = 32
= 2
$ sed 's|max_num_seqs: 32|max_num_seqs: 32, dtype: int4|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:8: tenants[0].engine.dtype: found "int4", expected one of float32, float16, bfloat16
= 2
$ sed 's|prompt_tokens: 500|prompt_tokens: 50000|' good.yaml > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:11: tenants[1].load: the mean request has 50100 tokens, expected at most the engine's max_model_len of 40960
= 2

# Files that are no mix files at all.
$ slicewise predict missing.yaml
! slicewise: missing.yaml: cannot open: No such file or directory
= 4
$ mkdir folder && slicewise predict folder
! slicewise: folder: is a folder, expected a file
= 4
$ : > empty.yaml && slicewise predict empty.yaml
! slicewise: empty.yaml:1: found an empty file, expected keys
= 2
$ printf 'gpu: [l4\n' > open.yaml && slicewise predict open.yaml
! slicewise: open.yaml:2: not valid YAML: did not find expected ',' or ']', while parsing a flow sequence
= 2
$ printf 'gpu:\tl4\n  x: 1\n' > tab.yaml && slicewise predict tab.yaml
! slicewise: tab.yaml:2: not valid YAML: mapping values are not allowed in this context
= 2
$ printf '{"gpu": "l4",}' > comma.json && slicewise predict comma.json
! slicewise: comma.json:1: not valid JSON: string or '}' expected near '}'
= 2
$ printf 'a: &x [*x, *x]\n' > loop.yaml && slicewise predict loop.yaml
! slicewise: loop.yaml:1: found an alias (*name), expected the value itself
= 2
$ printf '\377\376\000' > bytes.yaml && slicewise predict bytes.yaml
! slicewise: bytes.yaml:1: not valid YAML: invalid leading UTF-8 octet
= 2
$ python3 -c 'print("[" * 100 + "]" * 100)' > deep.yaml && slicewise predict deep.yaml
! slicewise: deep.yaml:1: nested deeper than 64 levels
= 2
$ printf 'gpu: l4\n---\ngpu: a10\n' > two.yaml && slicewise predict two.yaml
! slicewise: two.yaml:2: found a second document, expected one
= 2

# A model that does not fit its slice: exit status 3.
$ sed 's/model: qwen3-4b/model: qwen3-32b/' good.yaml > large.yaml; slicewise predict large.yaml
! slicewise: large.yaml:4: tenants[0]: qwen3-32b does not fit on a100-sxm4-40gb: weights and workspace take 62.15 GiB of 17.55 (19.50 GiB x 0.9)
= 3
$ sed 's/memory_gib: 19.5/memory_gib: 8/' good.yaml > small.yaml; slicewise predict small.yaml
! slicewise: small.yaml:4: tenants[0]: qwen3-4b does not fit on a100-sxm4-40gb: weights and workspace take 8.28 GiB of 7.20 (8.00 GiB x 0.9)
= 3
$ sed 's/max_model_len: 8192/max_model_len: 40960/; s/memory_gib: 19.5/memory_gib: 12/' good.yaml > long.yaml; slicewise predict long.yaml
! slicewise: long.yaml:4: tenants[0]: qwen3-4b does not start on a100-sxm4-40gb: one request of max_model_len 40960 takes 5.62 GiB of KV cache and 2.52 are left of 10.80 GiB; a max_model_len of up to 18336 fits
= 3

# Legal and worth a word.
$ sed 's/share: 0.25/share: 0.75/' good.yaml > caps.yaml; slicewise predict caps.yaml -o out.txt
! slicewise: warning: caps.yaml:3: shares add up to 1.25: under mps a share is a cap, and engines compete for SMs

# Nothing is written where the input is refused.
$ echo old > kept; slicewise predict missing.yaml -o kept; cat kept
> old
! slicewise: missing.yaml: cannot open: No such file or directory

# Names reach terminals and command lines.
$ printf 'gpu: l4\nmechanism: exclusive\ntenants:\n  - name: "a\\nb"\n' > bad.yaml; slicewise predict bad.yaml
! slicewise: bad.yaml:4: tenants[0].name: found a control character or a line end, expected a name without
= 2

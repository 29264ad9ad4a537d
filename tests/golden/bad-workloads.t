# Workloads files that cannot be meant: exit status 2, and a message with file, line, key, what was found and what was expected.
@ good.yaml
| fleet:
|   - {gpu: a100-sxm4-40gb, count: 2, mechanism: mps, price_per_hour: 1.2}
| workloads:
|   - name: chat
|     model: qwen3-1.7b
|     engine: {max_model_len: 8192}
|     load: {rate: 0.5, prompt_tokens: {mean: 800, p95: 2000}, output_tokens: 200}
|     slo: {ttft_p95_ms: 3000, tpot_p95_ms: 100}
$ slicewise plan good.yaml --format csv | sed 1d | cut -d , -f 1-7
> a100-sxm4-40gb/0,a100-sxm4-40gb,mps,1.2,chat,0,qwen3-1.7b

# Unknown keys.
$ sed 's|fleet:|flet:|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:1: flet: unknown key; did you mean fleet?
= 2
$ sed 's|count: 2|number: 2|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].number: unknown key; expected one of gpu, count, mechanism, price_per_hour, gpus_per_node, cores_per_node, max_tenants
= 2
$ sed 's|    model:|    modle:|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].modle: unknown key; did you mean model?
= 2
$ sed 's|slo:|slos:|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:8: workloads[0].slos: unknown key; did you mean slo?
= 2
$ sed 's|ttft_p95_ms|ttft_p90_ms|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:8: workloads[0].slo.ttft_p90_ms: unknown key; did you mean ttft_p50_ms?
= 2

# Wrong types and units.
$ sed 's|count: 2|count: many|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].count: found "many", expected a whole number (GPUs) from 1 and at most 1000000
= 2
$ sed 's|price_per_hour: 1.2|price_per_hour: $1.20|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].price_per_hour: found "$1.20", expected a number (per GPU-hour) above 0 and at most 1000000
= 2
$ sed 's|price_per_hour: 1.2|price_per_hour: [1.2]|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].price_per_hour: found a list, expected a number (per GPU-hour) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: 0.5/s|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:7: workloads[0].load.rate: found "0.5/s", expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|slo: {.*|slo: fast|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:8: workloads[0].slo: found "fast", expected a map of keys
= 2
$ sed 's|name: chat|name: chat\n    replicas: 1.5|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].replicas: found 1.5, expected a whole number (engines) from 1 and at most 10000
= 2
$ sed 's|name: chat|name: chat\n    spread: maybe|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].spread: found "maybe", expected true or false
= 2
$ sed 's|name: chat|name: chat\n    gpus: a100-sxm4-40gb|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].gpus: found "a100-sxm4-40gb", expected a list of GPU ids of the fleet
= 2

# Numbers out of range.
$ sed 's|count: 2|count: 0|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].count: found 0, expected a whole number (GPUs) from 1 and at most 1000000
= 2
$ sed 's|count: 2|count: -1|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].count: found -1, expected a whole number (GPUs) from 1 and at most 1000000
= 2
$ sed 's|price_per_hour: 1.2|price_per_hour: 0|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].price_per_hour: found 0, expected a number (per GPU-hour) above 0 and at most 1000000
= 2
$ sed 's|price_per_hour: 1.2|price_per_hour: .inf|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].price_per_hour: found .inf, expected a number (per GPU-hour) above 0 and at most 1000000
= 2
$ sed 's|rate: 0.5|rate: -1|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:7: workloads[0].load.rate: found -1, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|ttft_p95_ms: 3000|ttft_p95_ms: 0|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:8: workloads[0].slo.ttft_p95_ms: found 0, expected a number (ms) above 0 and at most 10000000
= 2
$ sed 's|tpot_p95_ms: 100|tpot_p95_ms: .nan|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:8: workloads[0].slo.tpot_p95_ms: found .nan, expected a number (ms) above 0 and at most 10000000
= 2
$ sed 's|name: chat|name: chat\n    replicas: 0|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].replicas: found 0, expected a whole number (engines) from 1 and at most 10000
= 2
$ sed 's|p95: 2000|p95: 500|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:7: workloads[0].load.prompt_tokens: p95 500 with mean 800: expected a p95 above the mean and at most 3.86 times it
= 2
$ sed 's|mean: 800|mean: 0|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:7: workloads[0].load.prompt_tokens.mean: found 0, expected a number (tokens) from 1 and at most 10000000
= 2

# What does not exist or is missing.
$ sed 's|a100-sxm4-40gb|a100|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].gpu: unknown GPU "a100"; nearest ids: a10, a100-pcie-40gb, a100-pcie-80gb (or the path of a .json file)
= 2
$ sed 's|qwen3-1.7b|qwen3-1b|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].model: unknown model "qwen3-1b"; nearest ids: qwen3-14b, qwen3-4b, qwen3-8b (or the path of a .json file)
= 2
$ sed 's|mechanism: mps|mechanism: time-slice|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: fleet[0].mechanism: found "time-slice", expected one of exclusive, mps, timeslice, hami, mig
= 2
$ sed 's|name: chat|name: chat\n    gpus: [l4]|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0].gpus[0]: found "l4", expected a GPU of the fleet: a100-sxm4-40gb
= 2
$ sed 's|rate: 0.5, prompt_tokens: {mean: 800, p95: 2000}, output_tokens: 200|trace: azure.csv|' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:7: workloads[0].load.trace: azure.csv: cannot open: No such file or directory
= 2
$ printf 'fleet: [{gpu: l4, mechanism: mps}]\nworkloads: []\n' > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:2: workloads: found an empty list, expected a list of at least one workload
= 2
$ printf 'fleet: []\nworkloads: []\n' > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:1: fleet: found an empty list, expected a list of at least one kind of GPU
= 2
$ sed 's|    model: qwen3-1.7b||' good.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0]: key model is missing
= 2

# Files that are no workloads files at all.
$ slicewise plan missing.yaml
! slicewise: missing.yaml: cannot open: No such file or directory
= 4
$ : > empty.yaml && slicewise plan empty.yaml
! slicewise: empty.yaml:1: found an empty file, expected keys
= 2
$ printf 'fleet: [\n' > open.yaml && slicewise plan open.yaml
! slicewise: open.yaml:2: not valid YAML: did not find expected node content, while parsing a flow node
= 2

# What no plan can do: exit status 3, the best partial plan, and the limit that binds.
$ sed 's/model: qwen3-1.7b/model: qwen3-32b/' good.yaml > large.yaml; slicewise plan large.yaml 2> why; status=$?; cut -d ';' -f 1 why; exit $status
> 1 workload on 0 GPUs, 0.00 per hour
>
> 0 of 1 workloads hold their limits. Latencies: upper bound (95 %) of what is predicted / limit.
>
> MISSED  chat, 0 replicas
>     no GPU of the fleet can serve it; alone on a whole a100-sxm4-40gb: qwen3-32b needs 72.38 GiB
>     for weights, workspace and the KV cache of 4 sequences (max_model_len 8192); a100-sxm4-40gb
>     has 39.39
> slicewise: no plan holds every limit: chat: no GPU of the fleet can serve it
= 3
$ sed 's/ttft_p95_ms: 3000/ttft_p95_ms: 0.01/' good.yaml > fast.yaml; slicewise plan fast.yaml --format json 2> why | keys | grep workloads; cut -d ';' -f 1 why
> workloads[].name string
> workloads[].replicas number
> workloads[].met bool
> workloads[].why string
> workloads[].load.rate number
> workloads[].load.prompt_tokens.mean number
> workloads[].load.prompt_tokens.p95 number
> workloads[].load.output_tokens number
> workloads[].load.prefix_hit_ratio number
> workloads[].load.burstiness number
> workloads[].slo.ttft_p95_ms number
> workloads[].slo.tpot_p95_ms number
> slicewise: no plan holds every limit: chat: no GPU of the fleet can serve it
$ sed 's/tpot_p95_ms: 100/tpot_p95_ms: 0.001/' good.yaml > faster.yaml; slicewise plan faster.yaml --format csv 2> why; status=$?; cut -d ';' -f 1 why; exit $status
> id,gpu,mechanism,price_per_hour,workload,replica,model,share,memory_gib,max_num_seqs,max_num_batched_tokens,ttft_mean_ms,ttft_p50_ms,ttft_p95_ms,ttft_p99_ms,ttft_lo_ms,ttft_hi_ms,ttft_p50_hi_ms,ttft_p95_hi_ms,ttft_p99_hi_ms,tpot_mean_ms,tpot_p50_ms,tpot_p95_ms,tpot_p99_ms,tpot_lo_ms,tpot_hi_ms,tpot_p50_hi_ms,tpot_p95_hi_ms,tpot_p99_hi_ms,met,binds,max_in_flight
> slicewise: no plan holds every limit: chat: no GPU of the fleet can serve it
= 3
$ sed 's/rate: 0.5/rate: 5000/' good.yaml > busy.yaml; slicewise plan busy.yaml 2> why | sed -n 1,2p; cut -d ';' -f 1 why | cut -c 1-70
> 1 workload on 2 GPUs, 2.40 per hour
>
> slicewise: no plan holds every limit: chat: the fleet has no room left

# Then nothing is written; a plan that holds every limit is written whole.
$ echo old > kept; slicewise plan fast.yaml -o kept > /dev/null 2>&1; echo $?; cat kept
> 3
> old
$ slicewise plan good.yaml -o plan.json > /dev/null; keys < plan.json | grep -c .
> 89
$ slicewise plan good.yaml -o missing/plan.json > /dev/null
! slicewise: missing/plan.json: cannot create: No such file or directory
= 4

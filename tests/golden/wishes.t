# What a workloads file can wish beside limits: what must be survived, room, who must not meet, single GPUs, host cores by node.
@ two.yaml
| fleet:
|   - {gpu: l4, mechanism: mps, count: 8, price_per_hour: 0.5, gpus_per_node: 4, cores_per_node: 32}
| workloads:
|   - name: chat
|     model: qwen3-0.6b
|     load: {rate: 1, prompt_tokens: 500, output_tokens: 100}
|     slo: {ttft_p95_ms: 1000, tpot_p95_ms: 60}
|   - name: sum
|     model: qwen3-0.6b
|     load: {rate: 1, prompt_tokens: 800, output_tokens: 50}
|     slo: {ttft_p95_ms: 2000}
$ slicewise plan two.yaml --format csv | cut -d, -f1,5,6
> id,workload,replica
> l4/0,chat,0
> l4/0,sum,0

# They are kept apart by name, by a number, or by a loss: of a GPU, or of a node.
$ sed 's|name: sum|name: sum\n    not_with: [chat]|' two.yaml > apart.yaml; slicewise plan apart.yaml --format csv | cut -d, -f1,5,6
> id,workload,replica
> l4/0,chat,0
> l4/1,sum,0
$ sed 's|name: sum|name: sum\n    gpus: [l4/6]|' two.yaml > pinned.yaml; slicewise plan pinned.yaml --format csv | cut -d, -f1,5,6
> id,workload,replica
> l4/6,chat,0
> l4/6,sum,0
$ (echo 'survive: 1'; cat two.yaml) > lost.yaml; slicewise plan lost.yaml --format csv | cut -d, -f1,5,6
> id,workload,replica
> l4/0,chat,0
> l4/0,sum,0
> l4/1,chat,1
> l4/1,sum,1
$ (echo 'survive: {nodes: 1}'; cat two.yaml) > node.yaml; slicewise plan node.yaml --format csv | cut -d, -f1,5,6
> id,workload,replica
> l4/0,chat,0
> l4/0,sum,0
> l4/4,chat,1
> l4/4,sum,1
$ (echo 'survive: {nodes: 1}'; echo 'room: 0.5'; cat two.yaml) > room.yaml; slicewise plan room.yaml --format json | grep -E '"(rate|sized_for|node)"' | sort | uniq -c | sed 's/^ *//'
> 4           "rate": 0.5,
> 4           "sized_for": 1.64142136,
> 2         "rate": 1,
> 1       "node": 0,
> 1       "node": 1,

# A thousand engines, whether asked for or needed, are placed; where the fleet ends, as many as it holds.
$ sed 's|name: sum|name: sum\n    replicas: 1000|; s|count: 8, ||' two.yaml > many.yaml; slicewise plan many.yaml | sed -n 1p
> 2 workloads on 251 GPUs, 125.50 per hour
$ sed 's|rate: 1, prompt_tokens: 500|rate: 20000, prompt_tokens: 500|; s|count: 8, ||' two.yaml > busy.yaml; slicewise plan busy.yaml | sed -n 1p
> 2 workloads on 1190 GPUs, 595.00 per hour
$ sed 's|rate: 1, prompt_tokens: 500|rate: 20000, prompt_tokens: 500|' two.yaml > full.yaml; slicewise plan full.yaml 2>&1 > out | fold -w 120; grep -A 3 MISSED out
> slicewise: no plan holds every limit: chat: the fleet has no room left: of 1189 engines (each share 1.00 and 8.062 GiB o
> n l4), 7 found a place
> MISSED  chat, 7 replicas
>     the fleet has no room left: of 1189 engines (each share 1.00 and 8.062 GiB on l4), 7 found a
>     place
>     Enough would be any one of
$ sed 's|rate: 1, prompt_tokens: 500|rate: 900000, prompt_tokens: 500|' two.yaml > endless.yaml; slicewise plan endless.yaml > out 2>&1; grep -A 3 MISSED out
> MISSED  chat, 0 replicas
>     no GPU of the fleet can serve it; alone on a whole l4, with its load divided by 10000:
>     overload, as would be each of 10000 engines
>     Enough would be any one of

# Contradictions are refused with numbers.
$ sed 's|name: sum|name: sum\n    survive: 1\n    replicas: 1|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:10: workloads[1].replicas: found 1, expected at least 2: of 1 that may be lost (survive) each takes one
= 2
$ sed 's|name: sum|name: sum\n    spread: true\n    replicas: 9|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:10: workloads[1].replicas: found 9, expected at most 8: each is on a GPU of its own (spread), and it may use so many
= 2
$ sed 's|name: sum|name: sum\n    survive: {nodes: 2}|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:9: workloads[1].survive: 2 nodes may be lost, and sum may use 2
= 2
$ sed 's|name: sum|name: sum\n    gpus: [l4/8]|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:9: workloads[1].gpus[0]: found "l4/8", expected at most 7 behind the slash: the fleet has 8 of them
= 2
$ sed 's|name: sum|name: sum\n    gpus: [l4/1]\n    not_with: [chat]|; s|name: chat|name: chat\n    gpus: [l4/1]|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:11: workloads[1].not_with[0]: both are pinned to l4/1
= 2
$ sed 's|name: sum|name: sum\n    survive: 1\n    gpus: [l4/1]|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:9: workloads[1].survive: 1 GPU may be lost, and sum may use 1
= 2
$ sed 's|rate: 1, prompt_tokens: 500|rate: 0, prompt_tokens: 500|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:6: workloads[0].load.rate: found 0, expected a number (requests per second) above 0 and at most 1000000
= 2
$ echo timestamp_ms,input_tokens,output_tokens > none.csv; sed 's|rate: 1, .*500, .*}|trace: none.csv}|' two.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:6: workloads[0].load.trace: none.csv: found 0 requests, expected at least two
= 2

# Two pins that go together with nobody else's: the second finds no place, and the plan is a part of one.
$ sed 's|name: sum|name: sum\n    gpus: [l4/1]\n    isolation: hardware|; s|name: chat|name: chat\n    gpus: [l4/1]|' two.yaml > both.yaml; slicewise plan both.yaml > out 2>&1; grep -A 3 MISSED out
> MISSED  chat, 0 replicas
>     the fleet has no room left: of 1 engine (each share 0.07 and 3.25 GiB on l4), 0 found a place;
>     it may use only l4/1
>     Enough would be any one of

# Under hami an engine is with CUDA graphs or without as it is cheaper, and what is given stands.
@ hami.yaml
| fleet:
|   - {gpu: a100-sxm4-80gb, mechanism: hami, price_per_hour: 1.39}
| workloads:
|   - name: chat
|     model: qwen3-0.6b
|     load: {rate: 3.0, prompt_tokens: {mean: 800, p95: 3000}, output_tokens: {mean: 200, p95: 700}}
|     slo: {ttft_p95_ms: 2500, tpot_p95_ms: 200}
|   - name: sum
|     model: qwen3-4b
|     load: {rate: 1, prompt_tokens: {mean: 1500, p95: 4000}, output_tokens: 100}
|     slo: {ttft_p95_ms: 4000, tpot_p95_ms: 150}
$ slicewise plan hami.yaml | grep -E 'GPUs?,|binds|effect'
> 2 workloads on 1 GPU, 1.39 per hour
> One GPU per engine: 2 GPUs, 2.78 per hour; saved 50 %
>   chat: ttft_p95 bound 2217 of 2500 ms; at share 0.17 close to overload; without CUDA graphs, so that the share binds
>   sum: tpot_p95 bound 148.2 of 150 ms; at share 0.20 tpot_p95 bound 167.3 of 150 ms; without CUDA graphs, so that the share binds
$ slicewise plan hami.yaml --format json | grep -A 5 -E 'cuda_graphs|chosen' | grep -E 'cuda_graphs' | sort | uniq -c | sed 's/^ *//'
> 2               "cuda_graphs"
> 2             "cuda_graphs": false,
$ sed 's|name: chat|name: chat\n    engine: {cuda_graphs: true}|; s|name: sum|name: sum\n    engine: {cuda_graphs: true}|' hami.yaml > graphs.yaml; slicewise plan graphs.yaml | grep -E 'GPUs?,|binds|effect'
> 2 workloads on 2 GPUs, 2.78 per hour
> One GPU per engine: 2 GPUs, 2.78 per hour; saved 0 %
>   chat: ttft_p95 bound 308.4 of 2500 ms; the share has no effect
>   sum: tpot_p95 bound 16.22 of 150 ms; the share has no effect

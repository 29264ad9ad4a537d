# Why a plan is not otherwise, and what would be enough where none holds. Figures of predictions stand as N.

# Two engines that a GPU each is cheapest for: what became of the attempts to share one.
@ alone.yaml
| fleet:
|   - {gpu: l4, mechanism: mps, price_per_hour: 0.45}
|   - {gpu: a100-sxm4-80gb, mechanism: mps, price_per_hour: 1.39}
| workloads:
|   - {name: chat, model: qwen3-4b, load: {rate: 0.5, prompt_tokens: 800, output_tokens: 100}, slo: {tpot_p95_ms: 70}}
|   - {name: code, model: qwen3-4b, load: {rate: 0.5, prompt_tokens: 800, output_tokens: 100}, slo: {tpot_p95_ms: 70}}
$ slicewise plan alone.yaml | sed -n '/not shared/,/^$/p; 1p' | sed 's/[0-9]\+\.[0-9]\+/N/g'
> 2 workloads on 2 GPUs, N per hour
>   chat, not shared: on l4/1 beside code: their least shares add up to N
>   chat, not shared: together with all of l4/1 on one a100-sxm4-80gb all would hold, for N
>     instead of N per hour
>
>   code, not shared: on l4/0 beside chat: their least shares add up to N
>   code, not shared: together with all of l4/0 on one a100-sxm4-80gb all would hold, for N
>     instead of N per hour
>
$ slicewise plan alone.yaml --explain | grep -c 'cheaper GPU\|not shared'
> 4

# A limit below what an empty GPU can do: how far it would have to go, with as many engines as it takes and with one.
@ fast.yaml
| fleet:
|   - {gpu: l4, count: 4, mechanism: mps, price_per_hour: 0.45}
| workloads:
|   - {name: chat, model: qwen3-4b, load: {rate: 0.2, prompt_tokens: 800, output_tokens: 100}, slo: {tpot_p95_ms: 5}}
$ slicewise plan fast.yaml 2> why | sed -n '/MISSED/,$p' | sed 's/[0-9]\+\.[0-9]\+/N/g'; sed 's/[0-9]\+\.[0-9]\+/N/g' why
> MISSED  chat, 0 replicas
>     no GPU of the fleet can serve it; alone on a whole l4, nearly idle: tpot_p95 bound N of 5
>     ms
>     Enough would be any one of
>       tpot_p95_ms N instead of 5, with 4 engines; N per hour in all
>       tpot_p95_ms N instead of 5, with 1 engine; N per hour in all
> slicewise: no plan holds every limit: chat: no GPU of the fleet can serve it; alone on a whole l4, nearly idle: tpot_p95 bound N of 5 ms

# A thousand engines needed.
@ many.yaml
| fleet:
|   - {gpu: l4, count: 4, mechanism: mps, price_per_hour: 0.45}
| workloads:
|   - {name: chat, model: qwen3-4b, load: {rate: 5000, prompt_tokens: 800, output_tokens: 100}, slo: {tpot_p95_ms: 80}}
$ slicewise plan many.yaml 2> why | sed -n '/MISSED/,$p' | sed 's/[0-9]\+\.[0-9]\+/N/g; s/[0-9]\{3,\}/M/g'; wc -l < why
> MISSED  chat, 4 replicas
>     the fleet has no room left: of M engines (each share N and N GiB on l4), 4 found a
>     place
>     Enough would be any one of
>       N instead of M requests per second, with 4 engines on GPUs that are free, l4
>       M more l4, M instead of 4, with M engines; the others stay as they are
> 1

# A wish that stands in the way, and one workload that goes although another cannot.
@ wish.yaml
| fleet:
|   - {gpu: l4, count: 4, mechanism: mps, price_per_hour: 0.45}
| workloads:
|   - {name: chat, model: qwen3-4b, replicas: 1, load: {rate: 1.6, prompt_tokens: 800, output_tokens: 100}, slo: {tpot_p95_ms: 60}}
|   - {name: tiny, model: qwen3-0.6b, load: {rate: 0.2, prompt_tokens: 100, output_tokens: 20}, slo: {tpot_p95_ms: 60}}
$ slicewise plan wish.yaml 2> /dev/null | sed -n '/hold their/,$p' | sed 's/[0-9]\+\.[0-9]\+/N/g' | cut -c 1-70
> 1 of 2 workloads hold their limits. Latencies: upper bound (95 %) of w
>
> MISSED  chat, 0 replicas
>     no GPU of the fleet can serve it; alone on a whole l4: tpot_p95 bo
>     Enough would be any one of
>       tpot_p95_ms N instead of 60, with 1 engine; N per hour in all
>       N instead of N requests per second, with 1 engine; N per hour in
= 3

# The same in JSON.
$ slicewise plan fast.yaml --format json 2> /dev/null | keys | grep -E '^(relax|reas|fit)'
> fit.hash string
> fit.origin string
> reasons[] empty
> relaxations[].kind string
> relaxations[].workload string
> relaxations[].limit string
> relaxations[].gpu null
> relaxations[].from number
> relaxations[].to number
> relaxations[].relative number
> relaxations[].replicas number
> relaxations[].basis string
> relaxations[].cost_per_hour number
> relaxations[].words string
= 3

# Plans at the edges of what can be asked.

# An engine whose CPU works between steps leaves the GPU to others: eight of them, each busy for a third of the time, go by turns on less
# than three GPUs, and no bound says that they cannot.
@ turns.yaml
| fleet:
|   - {gpu: h100-sxm, mechanism: timeslice}
| workloads:
|   - {name: a, model: qwen2.5-0.5b, engine: {max_num_seqs: 1, cuda_graphs: false}, load: {rate: 1.2, prompt_tokens: 20, output_tokens: 30}}
$ python3 -c 'import sys; head, line = open("turns.yaml").read().rsplit("  -", 1); print(head + "".join("  -" + line.replace("name: a", "name: " + c) for c in "abcdefgh"))' > eight.yaml; slicewise plan eight.yaml | head -3
> 8 workloads on 1 GPU, 1.00 per hour
> One GPU per engine: 8 GPUs, 8.00 per hour; saved 88 %
> No plan of engines so sized, at most two more of them than needed, can cost less than 1.00 per hour; gap 0 %

# A kind of GPU that costs next to nothing and serves nobody.
@ nearly-free.yaml
| fleet:
|   - {gpu: l4, mechanism: mps, price_per_hour: 1.0e-300}
|   - {gpu: a100-sxm4-80gb, mechanism: mps, price_per_hour: 1}
| workloads:
|   - {name: a, model: qwen3-14b, gpus: [a100-sxm4-80gb], load: {rate: 0.5, prompt_tokens: 500, output_tokens: 100}}
$ slicewise plan nearly-free.yaml | head -2
> 1 workload on 1 GPU, 1.00 per hour
> One GPU per engine: 1 GPU, 1.00 per hour; saved 0 %

# Answers of one token have no time per token: a limit on it is held, and nothing is overloaded.
@ one-token.yaml
| fleet:
|   - {gpu: l4, mechanism: mps}
| workloads:
|   - {name: a, model: qwen3-0.6b, load: {rate: 1, prompt_tokens: 500, output_tokens: 1}, slo: {ttft_p95_ms: 500, tpot_p95_ms: 10}}
$ slicewise plan one-token.yaml | grep a:
>   a: ttft_p95 bound 440.7 of 500 ms; at share 0.04 ttft_p95 bound 1184 of 500 ms

# The last GPU that one workload may use goes to it, whichever comes first in the file.
@ last.yaml
| fleet:
|   - {gpu: l4, mechanism: exclusive, price_per_hour: 0.5, count: 1}
|   - {gpu: a100-sxm4-80gb, mechanism: exclusive, price_per_hour: 2}
| workloads:
|   - {name: any, model: qwen3-1.7b, load: {rate: 0.1, prompt_tokens: 500, output_tokens: 100}}
|   - {name: choosy, model: qwen3-0.6b, gpus: [l4], load: {rate: 0.1, prompt_tokens: 500, output_tokens: 100}}
$ slicewise plan last.yaml --format csv | cut -d, -f1,5
> id,workload
> l4/0,choosy
> a100-sxm4-80gb/0,any

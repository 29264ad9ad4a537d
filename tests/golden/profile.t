# Experiments: what a campaign comes to, and that a data set is filled once.
@ small.yaml
| gpu: a100-sxm4-80gb
| mechanism: mps
| engine: {max_model_len: 2048}
| prompt_tokens: 128
| output_tokens: 16
| models: [qwen3-0.6b, qwen3-4b]
| alone: {shares: [0.5, 1], concurrency: 4}
| together: {pairs: all, concurrency: [1, 8]}
| repeats: 2
| duration: {requests: 20, least_s: 5, most_s: 20, warm_up_s: 1}
$ slicewise profile small.yaml --dry-run
> small: a100-sxm4-80gb, mps, 2 models, simulator
>
> experiment                         engines  warm-up s  measured s
> ---------------------------------  -------  ---------  ----------
> qwen3-0.6b@0.5:c4                        1          1           5
> qwen3-0.6b@1:c4                          1          1           5
> qwen3-4b@0.5:c4                          1          1           5
> qwen3-4b@1:c4                            1          1           5
> qwen3-0.6b@0.5:c1+qwen3-4b@0.5:c1        2          1           5
>
> 5 experiments, 2 times each: 10 runs, 70 s of load in simulated time
$ slicewise profile small.yaml --dry-run --format csv
> experiment,engines,warm_up_s,duration_s
> qwen3-0.6b@0.5:c4,1,1,5
> qwen3-0.6b@1:c4,1,1,5
> qwen3-4b@0.5:c4,1,1,5
> qwen3-4b@1:c4,1,1,5
> qwen3-0.6b@0.5:c1+qwen3-4b@0.5:c1,2,1,5
$ slicewise profile small.yaml --dry-run --format json | python3 -c 'import json,sys; d = json.load(sys.stdin); print(d["runs"], d["experiments"][0])'
> 10 {'experiment': 'qwen3-0.6b@0.5:c4', 'engines': 1, 'warm_up_s': 1, 'duration_s': 5}
$ slicewise profile small.yaml -o data.db
> small: 10 runs of 5 experiments in data.db: 0 were there, 10 new
$ slicewise profile small.yaml -o data.db --format csv
> planned,kept_before,done,failed
> 10,10,0,0
$ slicewise profile small.yaml -o data.db --format json
> {
>   "campaign": "small",
>   "gpu": "a100-sxm4-80gb",
>   "mechanism": "mps",
>   "source": "simulator",
>   "models": 2,
>   "repeats": 2,
>   "experiments": 5,
>   "runs": {
>     "planned": 10,
>     "kept_before": 10,
>     "done": 0,
>     "failed": 0
>   },
>   "data": "data.db"
> }

# A budget: the most informative first.
$ (cat small.yaml; echo 'budget: {runs: 6}') > budget.yaml
$ slicewise profile budget.yaml -n | sed -n '3,$p'
> experiment                         engines  warm-up s  measured s   gain
> ---------------------------------  -------  ---------  ----------  -----
> qwen3-0.6b@0.5:c8+qwen3-4b@0.5:c8        2          1           5  11.55
> qwen3-0.6b@0.5:c8+qwen3-4b@0.5:c1        2          1           5   2.74
> qwen3-0.6b@0.5:c1+qwen3-4b@0.5:c8        2          1           5   1.56
>
> 3 experiments, 2 times each: 6 runs, 42 s of load in simulated time
> chosen for what they teach out of 8; gain: in nats

# The paper's design: 30 groups alone, 48 together, 78 in all.
$ slicewise profile $SOURCE/examples/campaigns/paper.yaml -n --format csv | awk -F, 'NR > 1 {n[$2]++} END {print n[1], n[2], n[3], n[4]}'
> 30 15 18 15
$ for f in $SOURCE/examples/campaigns/paper*.yaml; do slicewise profile $f -n | tail -n 2 | grep experiments | cut -d: -f1; done
> 78 experiments, 3 times each
> 78 experiments, 3 times each
> 78 experiments, 3 times each
> 78 experiments, 3 times each

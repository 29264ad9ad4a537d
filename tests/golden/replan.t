# Plans made anew while one runs.
@ w.yaml
| fleet:
|   - {gpu: l4, mechanism: mps, count: 3, price_per_hour: 0.7}
|   - {gpu: a100-sxm4-40gb, mechanism: mps, price_per_hour: 1.3}
| workloads:
|   - {name: a, model: qwen3-0.6b, load: {rate: 2, prompt_tokens: 300, output_tokens: 100}, slo: {ttft_p95_ms: 500, tpot_p95_ms: 40}}
|   - {name: b, model: qwen3-1.7b, load: {rate: 1, prompt_tokens: 300, output_tokens: 100}, slo: {ttft_p95_ms: 900, tpot_p95_ms: 60}}

# The same traffic, and noise.
$ slicewise plan w.yaml -o p.json > /dev/null; slicewise plan w.yaml --running p.json | tail -1
> Nothing changes
# A plan that was played is held by plays afterwards too: the file says how its bounds stand to the closed form's.
$ slicewise plan w.yaml --play -o played.json > /dev/null; grep -c '"bounds": "played"' played.json; slicewise plan w.yaml --running played.json | tail -1; slicewise plan w.yaml --running played.json --format json | grep -c played_over_closed
> 1
> Nothing changes
> 2
$ sed 's/rate: 2/rate: 2.08/' w.yaml > noise.yaml; slicewise plan noise.yaml --running p.json | tail -2
> Nothing changes
>   note: 1 load within 5 % of what the running plan was made for: planned as that
$ slicewise plan noise.yaml --running p.json --format csv
> kind,workload,replica,from_gpu,to_gpu,from_share,to_share,from_memory_gib,to_memory_gib,from_max_num_seqs,to_max_num_seqs,from_max_num_batched_tokens,to_max_num_batched_tokens,from_max_model_len,to_max_model_len,price,why,from_max_in_flight,to_max_in_flight
$ slicewise plan w.yaml --running p.json --format json | python3 -c 'import json, sys; p = json.load(sys.stdin); print(p["running"], p["changes"], p["notes"])'
> {'cost_per_hour': 0.7, 'changes_price': 0, 'horizon_hours': 1} [] []

# More of it, a workload more, one that is gone, a kind of GPU that is gone.
$ sed 's/rate: 2/rate: 6/' w.yaml > more.yaml; slicewise plan more.yaml --running p.json | sed -n '/of the running plan/,$p'
> 1 change of the running plan, 0.0024 once; 0.70 per hour before, 0.70 after
>
>   change       engine  from                          to                             price
>   -----------  ------  ----------------------------  ----------------------------  ------
>   batch-limit  a/0     share 0.11, 3.6 GiB, seqs 16  share 0.21, 4.6 GiB, seqs 32  0.0024
>   batch-limit a/0: as it runs overload, with 6 requests/s (2 when it was planned)
$ sed 's/name: b/name: c/' w.yaml > other.yaml; slicewise plan other.yaml --running p.json --format csv | cut -d, -f1-5,17
> kind,workload,replica,from_gpu,to_gpu,why
> start,c,0,,l4/0,new among the workloads
> stop,b,0,l4/0,,no longer among the workloads
$ sed '/gpu: l4/d' w.yaml > gone.yaml; slicewise plan gone.yaml --running p.json --format csv | cut -d, -f1-5,17
> kind,workload,replica,from_gpu,to_gpu,why
> open,,,,a100-sxm4-40gb/0,"makes room for a/0
> move,a,0,l4/0,a100-sxm4-40gb/0,no l4 under mps is in the fleet any more
> move,b,0,l4/0,a100-sxm4-40gb/0,no l4 under mps is in the fleet any more
> close,,,l4/0,,no l4 under mps is in the fleet any more

# A burst: its gateway lets in fewer at once, which costs nothing. Planned again from there nothing changes, and the file is read back.
@ turns.yaml
| fleet:
|   - {gpu: a100-sxm4-40gb, mechanism: timeslice, price_per_hour: 1.3}
| workloads:
|   - {name: batch, model: qwen3-4b, engine: {max_num_seqs: 64}, load: {rate: 2, burstiness: 3, prompt_tokens: 300, output_tokens: 200}, slo: {ttft_p95_ms: 20000, tpot_p95_ms: 30}}
|   - {name: chat, model: qwen3-1.7b, load: {rate: 1, prompt_tokens: 300, output_tokens: 100}, slo: {ttft_p95_ms: 900, tpot_p95_ms: 20}}
$ slicewise plan turns.yaml -o turns.json > /dev/null; sed 's/rate: 2/rate: 4/' turns.yaml > burst.yaml; slicewise plan burst.yaml --running turns.json --explain -o limited.json
> 2 workloads on 1 GPU, 1.30 per hour
> One GPU per engine: 2 GPUs, 2.60 per hour; saved 50 %
> No plan can cost less than 1.30 per hour; gap 0 %
>
> a100-sxm4-40gb/0  timeslice, 1.30 per hour
>   share   [batch==========================|chat===========================|] 100 %
>   memory  [batch===================|chat====|..............................] 53 % of 39.4 GiB
>
>   engine  model       share   GiB     seqs  tokens  TTFT ms         TPOT ms
>   ------  ----------  -----  ----  -------  ------  --------------  -----------
>   batch   qwen3-4b     0.50  15.5  32 (64)    2048  p95 8473/20000  p95 29.5/30
>   chat    qwen3-1.7b   0.50   5.5        8    2048  p95 63.3/900    p95 14.6/20
>   batch: tpot_p95 bound 29.46 of 30 ms; its gateway lets in 32 at once; the share has no effect
>   chat: tpot_p95 bound 14.59 of 20 ms; the share has no effect
>   batch, no limit: without its limit of 32 requests in flight: tpot_p95 bound 30.27 of 30 ms
>
> 2 of 2 workloads hold their limits. Latencies: upper bound (95 %) of what is predicted / limit.
>
> 1 change of the running plan, 0.0000 once; 1.30 per hour before, 1.30 after
>
>   change  engine   from                to             price
>   ------  -------  ------------------  ------------  ------
>   limit   batch/0  no limit in flight  in flight 32  0.0000
>   limit batch/0: as it runs tpot_p95 bound 30.27 of 30 ms, with 4 requests/s (2 when it was planned)
$ slicewise plan burst.yaml --running limited.json | tail -1; slicewise plan burst.yaml --running limited.json --commands | grep gateway; slicewise plan burst.yaml --running turns.json --format csv | sed 's/"[^"]*"//' | cut -d, -f1-3,16,18-19
> Nothing changes
>   batch: tpot_p95 bound 29.46 of 30 ms; its gateway lets in 32 at once; the share has no effect
> # its gateway lets in 32 requests at once
> kind,workload,replica,price,from_max_in_flight,to_max_in_flight
> limit,batch,0,0,,32
$ slicewise plan burst.yaml --running limited.json --no-gateway --format csv | sed 's/"[^"]*"//' | cut -d, -f1-3,16,18-19
> kind,workload,replica,price,from_max_in_flight,to_max_in_flight
> open,,,0.108333333,,
> move,batch,0,0.0866666667,32,
$ sed 's/"max_in_flight": 32/"max_in_flight": 65/' limited.json > beyond.json; slicewise plan burst.yaml --running beyond.json
! slicewise: beyond.json:22: gpus[0].tenants[0].max_in_flight: found 65, expected at most the engine's max_num_seqs of 64
= 2

# What is no running plan, and what does not go together.
$ slicewise plan w.yaml --running w.yaml
! slicewise: w.yaml:1: fleet: unknown key; expected one of gpu, mechanism, tenants
= 2
$ slicewise plan w.yaml --running nowhere.json
! slicewise: nowhere.json: cannot open: No such file or directory
= 4
$ slicewise plan w.yaml --running p.json --strategy ffd
! slicewise: plan: --running goes without --strategy (slicewise help plan)
= 1
$ slicewise plan w.yaml --running p.json --horizon -1
! slicewise: plan: --horizon: found -1, expected a number from 0 to 8784 (slicewise help plan)
= 1

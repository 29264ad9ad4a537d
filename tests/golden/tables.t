# Workloads that were measured by the user, beside language models. Formats: table.md, workloads.md.
@ resnet.csv
| batch,share,latency_ms,throughput,processes,memory_gib
| 4,0.142857,12,330,1,2
| 16,0.142857,41,390,1,3
| 8,0.285714,12,660,1,3
| 16,0.428571,14,1100,2,5
| 64,1,30,2600,2,14
@ tables.yaml
| fleet:
|   - {gpu: a100-sxm4-80gb, mechanism: mig, price_per_hour: 1.39}
| workloads:
|   - {name: vision, model: {table: resnet.csv}, load: {rate: 1300}, slo: {latency_ms: 60}}
|   - name: chat
|     model: llama-3.1-8b
|     load: {rate: 1, prompt_tokens: 500, output_tokens: 100}
|     slo: {ttft_p95_ms: 1500, tpot_p95_ms: 60}
$ slicewise plan tables.yaml | grep -v bound
> 2 workloads on 1 GPU, 1.39 per hour
> One GPU per engine: 3 GPUs, 4.17 per hour; saved 67 %
> No plan can cost less than 1.39 per hour; gap 0 %
>
> a100-sxm4-80gb/0  mig, 1.39 per hour
>   share   [vision/0=========|vision/1==========|chat======================|] 100 %
>   memory  [vision/0=======|vision/1======|chat===========================|.] 99 % of 79.2 GiB
>
>   engine    model         share   GiB  seqs  tokens  TTFT ms       TPOT ms
>   --------  ------------  -----  ----  ----  ------  ------------  -----------
>   vision/0  resnet         0.29  19.5     8       -  all 26.67/60  -
>   vision/1  resnet         0.29  19.5     8       -  all 26.67/60  -
>   chat      llama-3.1-8b   0.43  39.2    64    2048  p95 290/1500  p95 39.6/60
>
$ slicewise plan tables.yaml --format csv | cut -d , -f 1-10
> id,gpu,mechanism,price_per_hour,workload,replica,model,share,memory_gib,max_num_seqs
> a100-sxm4-80gb/0,a100-sxm4-80gb,mig,1.39,vision,0,resnet,0.285714286,19.5,8
> a100-sxm4-80gb/0,a100-sxm4-80gb,mig,1.39,vision,1,resnet,0.285714286,19.5,8
> a100-sxm4-80gb/0,a100-sxm4-80gb,mig,1.39,chat,0,llama-3.1-8b,0.428571429,39.25,64
$ slicewise plan tables.yaml --commands | grep -A 2 '# vision'
> # vision/0 on a100-sxm4-80gb/0
> # in a MIG instance 2g.20gb: nvidia-smi mig -cgi 2g.20gb:0 -C
> # vision as measured in resnet.csv: batches of 8, 1 process, 650 of every 1300 requests
>
> # vision/1 on a100-sxm4-80gb/0
> # in a MIG instance 2g.20gb: nvidia-smi mig -cgi 2g.20gb:2 -C
> # vision as measured in resnet.csv: batches of 8, 1 process, 650 of every 1300 requests
>
> # chat on a100-sxm4-80gb/0
$ slicewise plan tables.yaml --explain | sed -n '/smaller slice/,/^$/p'
>   vision/0, smaller slice: on 1g.10gb at most 330 requests/s: all its engines serve 990 of 1300
>     requests/s, 310 are missing
>   vision/0, fewer engines: 1 instead of 2: all its engines serve 660 of 1300 requests/s, 640 are
>     missing
>   vision/1, smaller slice: on 1g.10gb at most 330 requests/s: all its engines serve 990 of 1300
>     requests/s, 310 are missing
>
$ slicewise plan tables.yaml --format json | sed -n '/"instead": "fewer/,/"words"/p'
>       "instead": "fewer-replicas",
>       "gpu": "a100-sxm4-80gb/0",
>       "workload": "vision",
>       "replica": 0,
>       "where": "a100-sxm4-80gb",
>       "replicas": 1,
>       "obstacle": {
>         "kind": "overload",
>         "workload": "vision",
>         "found": 1300.0,
>         "allowed": 660.0
>       },
>       "words": "1 instead of 2: all its engines serve 660 of 1300 requests/s, 640 are missing"
$ slicewise plan tables.yaml -o plan.json > /dev/null; slicewise simulate plan.json
! slicewise: plan.json: vision is a measured table: language models are simulated
= 2

# A plan that runs: noise, more, much less, a row that is gone, another kind of sharing, no table any more.
$ sed 's|rate: 1300|rate: 1340|' tables.yaml > now.yaml; slicewise plan now.yaml --running plan.json | tail -2
> Nothing changes
>   note: 1 load within 5 % of what the running plan was made for: planned as that
$ sed 's|rate: 1300|rate: 2400|' tables.yaml > now.yaml; slicewise plan now.yaml --running plan.json -o next.json | sed '1,/^2 of 2/d'
>
> 2 changes of the running plan, 0.1555 once; 1.39 per hour before, 2.78 after
>
>   change  engine    from  to                                                              price
>   ------  --------  ----  -------------------------------------------------------------  ------
>   open                    a100-sxm4-80gb/1                                               0.1158
>   start   vision/2        a100-sxm4-80gb/1, share 0.43, 39.2 GiB, batch 16, processes 2  0.0397
>   open a100-sxm4-80gb/1: makes room for vision/2
>   start vision/2: 3 engines in place of 2: as they run its engines serve 1320 of 2400 requests/s
$ slicewise plan now.yaml --running next.json | tail -1
> Nothing changes
$ slicewise plan tables.yaml --running next.json --format csv
> kind,workload,replica,from_gpu,to_gpu,from_share,to_share,from_memory_gib,to_memory_gib,from_max_num_seqs,to_max_num_seqs,from_max_num_batched_tokens,to_max_num_batched_tokens,from_max_model_len,to_max_model_len,price,why,from_max_in_flight,to_max_in_flight
> stop,vision,2,a100-sxm4-80gb/1,,0.428571429,,39.25,,16,,,,,,0,2 in place of 3 engines serve the load,,
> close,,,a100-sxm4-80gb/1,,,,,,,,,,,,0,no engine is left on it; 1.39 per hour less,,
$ slicewise plan tables.yaml --running next.json --format json | sed -n '/"changes"/,/]/p'
>   "changes": [
>     {
>       "kind": "stop",
>       "workload": "vision",
>       "replica": 2,
>       "from": {
>         "gpu": "a100-sxm4-80gb/1",
>         "share": 0.428571429,
>         "memory_gib": 39.25,
>         "batch": 16,
>         "processes": 2
>       },
>       "to": null,
>       "price": 0,
>       "why": "2 in place of 3 engines serve the load"
>     },
>     {
>       "kind": "close",
>       "workload": null,
>       "replica": null,
>       "from": {
>         "gpu": "a100-sxm4-80gb/1"
>       },
>       "to": null,
>       "price": 0,
>       "why": "no engine is left on it; 1.39 per hour less"
>     }
>   ],
$ sed '/^8,/d' resnet.csv > fewer.csv; sed 's|resnet.csv|fewer.csv|' tables.yaml > now.yaml; slicewise plan now.yaml --running plan.json | sed '1,/^2 of 2/d'
>
> 4 changes of the running plan, 0.0331 once; 1.39 per hour before, 1.39 after
>
>   change       engine    from                           to                                                            price
>   -----------  --------  -----------------------------  -----------------------------------------------------------  ------
>   batch-limit  vision/0  share 0.29, 19.5 GiB, batch 8  share 0.14, 9.5 GiB, batch 4                                 0.0033
>   batch-limit  vision/1  share 0.29, 19.5 GiB, batch 8  share 0.14, 9.5 GiB, batch 4                                 0.0033
>   start        vision/2                                 a100-sxm4-80gb/0, share 0.14, 9.5 GiB, batch 4, processes 1  0.0132
>   start        vision/3                                 a100-sxm4-80gb/0, share 0.14, 9.5 GiB, batch 4, processes 1  0.0132
>   batch-limit vision/0: no row of fewer.csv with batches of 8 by 1 process on a share of 0.29 any more
>   batch-limit vision/1: no row of fewer.csv with batches of 8 by 1 process on a share of 0.29 any more
>   start vision/2: 4 engines in place of 2: as they run its engines serve 0 of 1300 requests/s
>   start vision/3: 4 engines in place of 2: as they run its engines serve 0 of 1300 requests/s
$ sed '/vision/d' tables.yaml > now.yaml; slicewise plan now.yaml --running plan.json | sed '1,/^1 of 1/d'
>
> 2 changes of the running plan, 0.0000 once; 1.39 per hour before, 1.39 after
>
>   change  engine    from                                                          to   price
>   ------  --------  ------------------------------------------------------------  --  ------
>   stop    vision/0  a100-sxm4-80gb/0, share 0.29, 19.5 GiB, batch 8, processes 1      0.0000
>   stop    vision/1  a100-sxm4-80gb/0, share 0.29, 19.5 GiB, batch 8, processes 1      0.0000
>   stop vision/0: no longer among the workloads
>   stop vision/1: no longer among the workloads
$ sed 's|mechanism: mig|mechanism: mps|' tables.yaml > now.yaml; slicewise plan now.yaml --running plan.json | sed '1,/^2 of 2/d'
>
> 7 changes of the running plan, 0.5449 once; 1.39 per hour before, 4.17 after
>
>   change  engine    from                                                          to                                                              price
>   ------  --------  ------------------------------------------------------------  -------------------------------------------------------------  ------
>   open                                                                            a100-sxm4-80gb/1                                               0.1158
>   open                                                                            a100-sxm4-80gb/2                                               0.1158
>   open                                                                            a100-sxm4-80gb/3                                               0.1158
>   move    chat/0    a100-sxm4-80gb/0, share 0.43, 39.2 GiB, seqs 64               a100-sxm4-80gb/1, share 0.13, 19.9 GiB, seqs 16                0.0120
>   move    vision/0  a100-sxm4-80gb/0, share 0.29, 19.5 GiB, batch 8, processes 1  a100-sxm4-80gb/2, share 1.00, 79.2 GiB, batch 16, processes 2  0.0927
>   move    vision/1  a100-sxm4-80gb/0, share 0.29, 19.5 GiB, batch 8, processes 1  a100-sxm4-80gb/3, share 1.00, 79.2 GiB, batch 16, processes 2  0.0927
>   close             a100-sxm4-80gb/0                                                                                                             0.0000
>   open a100-sxm4-80gb/1: makes room for chat/0
>   open a100-sxm4-80gb/2: makes room for vision/0
>   open a100-sxm4-80gb/3: makes room for vision/1
>   move chat/0: no a100-sxm4-80gb under mig is in the fleet any more
>   move vision/0: no a100-sxm4-80gb under mig is in the fleet any more
>   move vision/1: no a100-sxm4-80gb under mig is in the fleet any more
>   close a100-sxm4-80gb/0: no a100-sxm4-80gb under mig is in the fleet any more
$ slicewise plan now.yaml -o mps.json > /dev/null; slicewise plan now.yaml --running mps.json | tail -1
> Nothing changes
$ sed '/"start"/s|[0-9][0-9]*|1|' plan.json > bad.json; slicewise plan tables.yaml --running bad.json 2>&1 | sed 's|json:[0-9]*|json:N|'
> slicewise: bad.json:N: gpus[0].tenants: MIG instances that cannot lie where the plan says
= 2

# Elsewhere a table is alone on its GPU.
$ sed 's|mechanism: mig|mechanism: mps|' tables.yaml > mps.yaml; slicewise plan mps.yaml --format csv | cut -d , -f 1-10
> id,gpu,mechanism,price_per_hour,workload,replica,model,share,memory_gib,max_num_seqs
> a100-sxm4-80gb/0,a100-sxm4-80gb,mps,1.39,vision,0,resnet,1,79.25,16
> a100-sxm4-80gb/1,a100-sxm4-80gb,mps,1.39,vision,1,resnet,1,79.25,16
> a100-sxm4-80gb/2,a100-sxm4-80gb,mps,1.39,chat,0,llama-3.1-8b,0.13,19.875,16

# What cannot be held, and what cannot be meant.
$ sed 's|latency_ms: 60|latency_ms: 20|' tables.yaml > late.yaml; slicewise plan late.yaml --strategy exact | tail -4
>
> MISSED  vision, 0 replicas
>     no row of resnet.csv is in time: the fastest has batches of 4 in 12 ms at share 0.14, latency
>     bound 26.67 of 20 ms
! slicewise: no plan holds every limit: vision: no row of resnet.csv is in time: the fastest has batches of 4 in 12 ms at share 0.14, latency bound 26.67 of 20 ms
= 3
$ sed 's|0.285714|1.2857|' resnet.csv > bad.csv; sed 's|resnet.csv|bad.csv|' tables.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0].model.table: bad.csv:4: share: found "1.2857", expected a number (of the GPU's compute) above 0 up to 1
= 2
$ sed 's|throughput|rate|' resnet.csv > bad.csv; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0].model.table: bad.csv:1: unknown column "rate", expected batch, share, latency_ms, throughput, processes or memory_gib
= 2
$ sed 's|resnet.csv|none.csv|' tables.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0].model.table: none.csv: cannot open: No such file or directory
= 2
$ sed 's|latency_ms: 60|ttft_p95_ms: 60|' tables.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0].slo.ttft_p95_ms: unknown key; expected one of latency_ms, latency_mean_ms, latency_p50_ms, latency_p95_ms, latency_p99_ms
= 2
$ sed 's|load: {rate: 1300}|load: {rate: 1300, prompt_tokens: 5}|' tables.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:4: workloads[0].load.prompt_tokens: unknown key; expected one of rate
= 2
$ sed 's|workloads:|  - {gpu: l4, mechanism: mps}\nworkloads:|' tables.yaml > bad.yaml; slicewise plan bad.yaml
! slicewise: bad.yaml:5: workloads[0]: key gpus is missing: it says of which of the fleet's GPUs the table speaks
= 2

# A mix token by token: what is printed, and that the numbers are those of every compiler.
@ pair.yaml
| gpu: l40s
| mechanism: mps
| tenants:
|   - name: chat
|     model: qwen3-0.6b
|     share: 0.5
|     memory_gib: 12
|     engine: {max_num_seqs: 32, max_model_len: 8192}
|     load: {rate: 3, prompt_tokens: {mean: 400, p95: 1200}, output_tokens: {mean: 60, p95: 150}}
|     slo: {ttft_p95_ms: 60, tpot_p95_ms: 40}
|   - name: tag, short
|     model: qwen2.5-0.5b
|     share: 0.25
|     memory_gib: 6
|     engine: {max_num_seqs: 16, max_model_len: 8192}
|     load: {concurrency: 2, prompt_tokens: 600, output_tokens: 1}
$ slicewise simulate pair.yaml --duration 20 --repetitions 3
> l40s, mps, 2 engines
>
> engine      model         share  requests/s  tokens/s  running  busy %  KV tokens  slowdown  binds
> ----------  ------------  -----  ----------  --------  -------  ------  ---------  --------  -------
> chat        qwen3-0.6b     0.50        2.99       187      1.0      59      84576      1.01  dram
> tag, short  qwen2.5-0.5b   0.25       80.24        80      1.7      85     335952      1.00  compute
>
> engine      ms    mean  from    to   p50   p95  up to   p99  up to
> ----------  ----  ----  ----  ----  ----  ----  -----  ----  -----
> chat        TTFT  17.7  15.8  19.5  17.2  32.1   46.8  48.2   58.8
>             TPOT   5.1   5.0   5.2   5.0   5.6    6.1   6.5    7.4
> tag, short  TTFT  24.9  24.9  24.9  24.9  25.3   25.4  25.5   25.6
>             TPOT     -     -     -     -     -      -     -      -
> from, to, up to: one-sided 95 % bounds of the mean and the percentile, by the repetitions' spread
>
> engine      requests  warm-up s  KV used %  preempted  late %  excess %  limits
> ----------  --------  ---------  ---------  ---------  ------  --------  -----------------------------
> chat             169          3        0.6       0.00    0.59      0.00  TTFT p95 60, TPOT p95 40 held
> tag, short      4726          1        0.3       0.00       -         -
> warm-up: cut from a repetition; preempted: times per request; excess: late beyond what limits allow
>
> GPU: kernels 87 % of the time, 36 % of the SMs, 29 % of the DRAM bandwidth, 155 W, 100 % of the
>     boost clock
> Simulated: 20 s, 3 times, seed 1; not every mean is known to 2 %: more --repetitions or a longer
>     --duration tell more
>
> The engines' own defaults, where the mix leaves a setting out
>   chat, tag, short: name vllm, max_num_batched_tokens 2048, cuda_graphs on, dtype bfloat16,
>     quantization none, kv_cache_dtype bfloat16, prefix_caching on, gpu_memory_utilization 0.9

# Keys: those of predict, and more.
$ slicewise simulate pair.yaml --duration 5 --repetitions 2 --format json | keys
> gpu string
> mechanism string
> tenants[].name string
> tenants[].model string
> tenants[].share number
> tenants[].ttft_ms.mean number
> tenants[].ttft_ms.p50 number
> tenants[].ttft_ms.p95 number
> tenants[].ttft_ms.p99 number
> tenants[].ttft_ms.lo number
> tenants[].ttft_ms.hi number
> tenants[].ttft_ms.p50_hi number
> tenants[].ttft_ms.p95_hi number
> tenants[].ttft_ms.p99_hi number
> tenants[].tpot_ms.mean null|number
> tenants[].tpot_ms.p50 null|number
> tenants[].tpot_ms.p95 null|number
> tenants[].tpot_ms.p99 null|number
> tenants[].tpot_ms.lo null|number
> tenants[].tpot_ms.hi null|number
> tenants[].tpot_ms.p50_hi null|number
> tenants[].tpot_ms.p95_hi null|number
> tenants[].tpot_ms.p99_hi null|number
> tenants[].requests_per_s number
> tenants[].output_tokens_per_s number
> tenants[].slowdown number
> tenants[].late_fraction null|number
> tenants[].excess_late null|number
> tenants[].running number
> tenants[].busy number
> tenants[].gpu_busy number
> tenants[].kv_used number
> tenants[].preemptions_per_request number
> tenants[].requests number
> tenants[].warm_up_s number
> tenants[].kv_cache_tokens number
> tenants[].binds string
> tenants[].extrapolated bool
> tenants[].engine.name string
> tenants[].engine.max_model_len number
> tenants[].engine.max_num_seqs number
> tenants[].engine.max_num_batched_tokens number
> tenants[].engine.cuda_graphs bool
> tenants[].engine.dtype string
> tenants[].engine.quantization string
> tenants[].engine.kv_cache_dtype string
> tenants[].engine.prefix_caching bool
> tenants[].engine.gpu_memory_utilization number
> tenants[].engine.defaults[] string
> simulation.seed number
> simulation.world number
> simulation.host_cores null
> simulation.repetitions number
> simulation.duration_s number
> simulation.precision number
> simulation.precise bool
> simulation.events number
> use.busy number
> use.sms number
> use.dram number
> use.power_w number
> use.clock number

# CSV: the columns of predict up to the slowdown.
$ slicewise simulate pair.yaml --duration 5 --repetitions 2 --format csv | cut -d , -f 1-5
> gpu,mechanism,name,model,share
> l40s,mps,chat,qwen3-0.6b,0.5
> l40s,mps,"tag, short",qwen2.5-0.5b
$ diff <(slicewise predict pair.yaml --format csv | head -n 1 | cut -d , -f 1-26) <(slicewise simulate pair.yaml --duration 5 --repetitions 2 --format csv | head -n 1 | cut -d , -f 1-26)

# Every request and 400 moments of the first repetition.
$ slicewise simulate pair.yaml --duration 5 --repetitions 1 --requests requests.csv --timeline timeline.csv > one; head -n 4 requests.csv; grep -m 2 tag requests.csv
> tenant,arrival_s,prompt_tokens,output_tokens,ttft_ms,tpot_ms,e2e_ms,late
> "tag, short",0,600,1,24.5987357,,24.5987357,
> "tag, short",0,600,1,24.5987357,,24.5987357,
> "tag, short",0.0245987357,600,1,24.699087,,24.699087,
> "tag, short",0,600,1,24.5987357,,24.5987357,
> "tag, short",0,600,1,24.5987357,,24.5987357,
$ head -n 4 timeline.csv; wc -l < timeline.csv
> time_s,tenant,running,waiting,kv_used,memory_gib,output_tokens_per_s,busy,sms,dram,power_w,clock
> 0.0125,chat,0,0,0,1.11022949,0,0,,,,
> 0.0125,"tag, short",2,0,0.0036195647,0.934123755,0,0.68,,,,
> 0.0125,,2,0,,2.04435325,0,0.68,0.162816901,0.0962881333,117.24966,1
> 1201
$ ls
> one
> pair.yaml
> requests.csv
> timeline.csv

# The same input gives the same bytes, another seed and another world give others.
$ slicewise simulate pair.yaml --duration 5 --repetitions 1 | cmp - one
$ slicewise simulate pair.yaml --duration 5 --repetitions 1 --seed 2 | cmp -s - one
= 1
$ slicewise simulate pair.yaml --duration 5 --repetitions 1 --world 3 --cores 8 | grep -A 1 Simulated
> Simulated: 5 s, 1 time, seed 1, world 3, 8 host cores; not every mean is known to 2 %: more
>     --repetitions or a longer --duration tell more

# One core for two engines slows them down.
$ for cores in 1 9; do slicewise simulate pair.yaml --duration 10 --repetitions 2 --cores $cores --no-slowdown --format csv | sed -n 2p | cut -d , -f 15; done | sort -rn -c && echo slower
> slower

# Without slowdowns nobody is simulated alone; without neighbours there is none.
$ slicewise simulate pair.yaml --duration 5 --repetitions 2 --no-slowdown --format json | keys | grep slowdown
> tenants[].slowdown null
$ slicewise simulate $SOURCE/examples/mix-alone.yaml --duration 20 --repetitions 2 --format csv | cut -d , -f 3-5,26
> name,model,share,slowdown
> tenant-1,qwen3-4b,1,1
$ slicewise simulate $SOURCE/examples/mix-timeslice.yaml --duration 20 --repetitions 2 --format csv | cut -d , -f 1-5
> gpu,mechanism,name,model,share
> a10,timeslice,chat,qwen2.5-3b,1
> a10,timeslice,embed-notes,qwen2.5-0.5b,1

# An engine offered more than it sustains, as in predict.
@ flood.yaml
| gpu: l4
| mechanism: exclusive
| tenants:
|   - model: qwen3-4b
|     load: {rate: 100, prompt_tokens: 1000, output_tokens: 500}
|     slo: {ttft_p95_ms: 500}
$ slicewise simulate flood.yaml --duration 10 --repetitions 2 --format json | keys | grep -e null -e binds -e late
> tenants[].ttft_ms.mean null
> tenants[].ttft_ms.p50 null
> tenants[].ttft_ms.p95 null
> tenants[].ttft_ms.p99 null
> tenants[].ttft_ms.lo null
> tenants[].ttft_ms.hi null
> tenants[].ttft_ms.p50_hi null
> tenants[].ttft_ms.p95_hi null
> tenants[].ttft_ms.p99_hi null
> tenants[].tpot_ms.mean null
> tenants[].tpot_ms.p50 null
> tenants[].tpot_ms.p95 null
> tenants[].tpot_ms.p99 null
> tenants[].tpot_ms.lo null
> tenants[].tpot_ms.hi null
> tenants[].tpot_ms.p50_hi null
> tenants[].tpot_ms.p95_hi null
> tenants[].tpot_ms.p99_hi null
> tenants[].slowdown null
> tenants[].late_fraction number
> tenants[].excess_late number
> tenants[].binds string
> tenants[].extrapolated bool
> simulation.host_cores null
$ slicewise simulate flood.yaml --duration 10 --repetitions 2 | grep -e overload -e MISSED
> tenant-1  qwen3-4b   1.00        0.00       137     40.4     100      81008         -  overload
> tenant-1      2052          0       50.1       0.03   99.71     94.71  TTFT p95 500 MISSED

# A plan: GPU after GPU, then the workloads.
@ workloads.yaml
| fleet:
|   - {gpu: l4, mechanism: mps}
| workloads:
|   - name: chat
|     model: qwen3-0.6b
|     replicas: 2
|     spread: true
|     load: {trace: sub/trace.csv, rate: 4}
|     slo: {ttft_p95_ms: 1000, tpot_p95_ms: 60}
|   - name: closed
|     model: ./sub/own.json
|     load: {concurrency: 3, prompt_tokens: 100, output_tokens: 50}
@ sub/trace.csv
| timestamp_ms,input_tokens,output_tokens
| 0,300,40
| 100,200,10
| 900,100,50
| 2000,700,20
@ sub/own.json
| {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 1024, "intermediate_size": 2816,
|  "num_hidden_layers": 12, "num_attention_heads": 16, "vocab_size": 32000, "max_position_embeddings": 4096}
$ slicewise plan workloads.yaml -o sub/plan.json | head -n 1; grep -e '"trace' -e _file sub/plan.json
> 2 workloads on 2 GPUs, 2.00 per hour
>         "trace": "trace.csv",
>         "trace_once": false,
>       "model_file": "./own.json",
$ slicewise plan workloads.yaml --format json | grep -e '"trace' -e _file
>         "trace": "sub/trace.csv",
>         "trace_once": false,
>       "model_file": "./sub/own.json",
$ slicewise simulate sub/plan.json --duration 10 --repetitions 2 --format csv | cut -d , -f 1-6
> id,gpu,mechanism,name,model,share
> l4/0,l4,mps,chat/0,qwen3-0.6b,0.07
> l4/1,l4,mps,chat/1,qwen3-0.6b,0.07
> l4/1,l4,mps,closed/0,own,0.02
$ slicewise simulate sub/plan.json --duration 10 --repetitions 2 --format json | keys | grep -v ms
> gpus[].id string
> gpus[].gpu string
> gpus[].mechanism string
> gpus[].tenants[].name string
> gpus[].tenants[].model string
> gpus[].tenants[].share number
> gpus[].tenants[].requests_per_s number
> gpus[].tenants[].output_tokens_per_s number
> gpus[].tenants[].slowdown number
> gpus[].tenants[].late_fraction null|number
> gpus[].tenants[].excess_late null|number
> gpus[].tenants[].running number
> gpus[].tenants[].busy number
> gpus[].tenants[].gpu_busy number
> gpus[].tenants[].kv_used number
> gpus[].tenants[].preemptions_per_request number
> gpus[].tenants[].requests number
> gpus[].tenants[].warm_up_s number
> gpus[].tenants[].kv_cache_tokens number
> gpus[].tenants[].binds string
> gpus[].tenants[].extrapolated bool
> gpus[].tenants[].engine.name string
> gpus[].tenants[].engine.max_model_len number
> gpus[].tenants[].engine.max_num_seqs number
> gpus[].tenants[].engine.max_num_batched_tokens number
> gpus[].tenants[].engine.cuda_graphs bool
> gpus[].tenants[].engine.dtype string
> gpus[].tenants[].engine.quantization string
> gpus[].tenants[].engine.kv_cache_dtype string
> gpus[].tenants[].engine.prefix_caching bool
> gpus[].tenants[].engine.gpu_memory_utilization number
> gpus[].tenants[].engine.defaults[] string
> gpus[].simulation.seed number
> gpus[].simulation.world number
> gpus[].simulation.host_cores null
> gpus[].simulation.repetitions number
> gpus[].simulation.duration_s number
> gpus[].simulation.precision number
> gpus[].simulation.precise bool
> gpus[].simulation.events number
> gpus[].use.busy number
> gpus[].use.dram number
> gpus[].use.power_w number
> gpus[].use.clock number
> workloads[].name string
> workloads[].replicas number
> workloads[].late_fraction null|number
> workloads[].excess_late null|number
> workloads[].requests_per_s number
> workloads[].output_tokens_per_s number
> workloads[].overload bool
$ slicewise simulate sub/plan.json --duration 10 --repetitions 2 | grep -v -e TTFT -e TPOT | sed -n '/^workload/,$p' | cut -c 1-18 | sed 's| *$||'
> workload  replicas
> --------  --------
> chat             2
> closed           1
$ slicewise simulate sub/plan.json --duration 10 --repetitions 1 --requests requests.csv --timeline timeline.csv > table; cut -d , -f 1 requests.csv | sort -u; cut -d , -f 1,3 timeline.csv | sort -u
> chat/0
> chat/1
> closed/0
> tenant
> id,tenant
> l4/0,
> l4/0,chat/0
> l4/1,
> l4/1,chat/1
> l4/1,closed/0

# The second GPU takes the next seed.
$ slicewise simulate sub/plan.json --duration 10 --repetitions 1 | grep -o 'seed .*;'
> seed 1;
> seed 2;

# What the simulator assumes.
$ slicewise simulate --list-constants | sed -n 1,3p
> constant             value       low     high  unit
> -----------------  -------  --------  -------  ------------
> dram_alone          0.9200    0.8800   0.9500  1
$ slicewise simulate --list-constants --format csv | head -n 2
> name,value,low,high,unit,origin
> dram_alone,0.92,0.88,0.95,1,"part of the datasheet's DRAM bandwidth that one stream of reads reaches: A100, H100, RTX PRO 6000 rows of decode attention"
$ slicewise simulate --list-constants --format json | keys
> constants[].name string
> constants[].value number
> constants[].low number
> constants[].high number
> constants[].unit string
> constants[].origin string

# A result that misses limits is a result. What is not written whole is not written.
$ slicewise simulate pair.yaml --duration 5 --repetitions 1 -o out.json --format json && keys < out.json | grep -c .
> 62

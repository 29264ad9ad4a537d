# A plan: keys and shape.
$ slicewise plan $SOURCE/examples/six-models.yaml --format json | keys
> format string
> fit.hash string
> fit.origin string
> bounds string
> gpus[].id string
> gpus[].gpu string
> gpus[].mechanism string
> gpus[].price_per_hour number
> gpus[].tenants[].workload string
> gpus[].tenants[].replica number
> gpus[].tenants[].model string
> gpus[].tenants[].share number
> gpus[].tenants[].memory_gib number
> gpus[].tenants[].max_num_seqs number
> gpus[].tenants[].rate number
> gpus[].tenants[].sized_for number
> gpus[].tenants[].engine.name string
> gpus[].tenants[].engine.version null
> gpus[].tenants[].engine.max_model_len number
> gpus[].tenants[].engine.max_num_seqs number
> gpus[].tenants[].engine.max_num_batched_tokens number
> gpus[].tenants[].engine.cuda_graphs bool
> gpus[].tenants[].engine.dtype string
> gpus[].tenants[].engine.quantization string
> gpus[].tenants[].engine.kv_cache_dtype string
> gpus[].tenants[].engine.prefix_caching bool
> gpus[].tenants[].engine.gpu_memory_utilization number
> gpus[].tenants[].engine.kv_cache_tokens null
> gpus[].tenants[].engine.cores null
> gpus[].tenants[].engine.given[] empty
> gpus[].tenants[].engine.chosen[] string
> gpus[].tenants[].predicted.ttft_ms.mean number
> gpus[].tenants[].predicted.ttft_ms.p50 number
> gpus[].tenants[].predicted.ttft_ms.p95 number
> gpus[].tenants[].predicted.ttft_ms.p99 number
> gpus[].tenants[].predicted.ttft_ms.lo number
> gpus[].tenants[].predicted.ttft_ms.hi number
> gpus[].tenants[].predicted.ttft_ms.p50_hi number
> gpus[].tenants[].predicted.ttft_ms.p95_hi number
> gpus[].tenants[].predicted.ttft_ms.p99_hi number
> gpus[].tenants[].predicted.tpot_ms.mean number
> gpus[].tenants[].predicted.tpot_ms.p50 number
> gpus[].tenants[].predicted.tpot_ms.p95 number
> gpus[].tenants[].predicted.tpot_ms.p99 number
> gpus[].tenants[].predicted.tpot_ms.lo number
> gpus[].tenants[].predicted.tpot_ms.hi number
> gpus[].tenants[].predicted.tpot_ms.p50_hi number
> gpus[].tenants[].predicted.tpot_ms.p95_hi number
> gpus[].tenants[].predicted.tpot_ms.p99_hi number
> gpus[].tenants[].predicted.requests_per_s number
> gpus[].tenants[].predicted.output_tokens_per_s number
> gpus[].tenants[].predicted.slowdown number
> gpus[].tenants[].predicted.max_rate_per_s number
> gpus[].tenants[].predicted.kv_cache_tokens number
> gpus[].tenants[].predicted.binds string
> gpus[].tenants[].predicted.extrapolated bool
> gpus[].tenants[].binds string
> totals.gpus number
> totals.share number
> totals.cost_per_hour number
> bound.gpus number
> bound.cost_per_hour number
> bound.gap number
> bound.of string
> exclusive.gpus number
> exclusive.cost_per_hour number
> workloads[].name string
> workloads[].replicas number
> workloads[].met bool
> workloads[].why string
> workloads[].load.rate number
> workloads[].load.prompt_tokens.mean number
> workloads[].load.prompt_tokens.p95 number
> workloads[].load.output_tokens.mean number
> workloads[].load.output_tokens.p95 number
> workloads[].load.prefix_hit_ratio number
> workloads[].load.burstiness number
> workloads[].slo.ttft_p95_ms number
> workloads[].slo.tpot_p95_ms number
> reasons[].instead string
> reasons[].gpu string
> reasons[].workload null|string
> reasons[].replica number
> reasons[].where string
> reasons[].share number
> reasons[].obstacle.kind string
> reasons[].obstacle.workload null|string
> reasons[].obstacle.limit string
> reasons[].obstacle.found null|number
> reasons[].obstacle.allowed null|number
> reasons[].words string
> relaxations[] empty
$ slicewise plan $SOURCE/examples/six-models.yaml --format csv | cut -d , -f 5-7 | sort
> autocomplete,0,qwen3-0.6b
> chat,0,llama-3.1-8b
> classify,0,qwen3-1.7b
> reason,0,deepseek-r1-distill-qwen-7b
> reason-small,0,deepseek-r1-distill-qwen-1.5b
> summarize,0,qwen3-4b
> workload,replica,model
$ slicewise plan $SOURCE/examples/six-models.yaml -o plan.json > table && slicewise plan $SOURCE/examples/six-models.yaml --format json | cmp - plan.json
$ slicewise plan $SOURCE/examples/six-models.yaml --commands | grep -c '^#'
> 12

# The same input gives the same bytes.
$ slicewise plan $SOURCE/examples/six-models.yaml | cmp - table

# A mix: keys and shape, tenants in file order.
$ slicewise predict $SOURCE/examples/mix-qwen3-4b-pair.yaml --format json | keys
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
> tenants[].tpot_ms.mean number
> tenants[].tpot_ms.p50 number
> tenants[].tpot_ms.p95 number
> tenants[].tpot_ms.p99 number
> tenants[].tpot_ms.lo number
> tenants[].tpot_ms.hi number
> tenants[].tpot_ms.p50_hi number
> tenants[].tpot_ms.p95_hi number
> tenants[].tpot_ms.p99_hi number
> tenants[].requests_per_s number
> tenants[].output_tokens_per_s number
> tenants[].slowdown number
> tenants[].max_rate_per_s null
> tenants[].running number
> tenants[].busy number
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
$ slicewise predict $SOURCE/examples/mix-four-small.yaml --format csv | cut -d , -f 1-5
> gpu,mechanism,name,model,share
> l40s,mps,rewrite,qwen3-0.6b,0.2
> l40s,mps,tag,qwen2.5-0.5b,0.15
> l40s,mps,extract,llama-3.2-1b,0.25
> l40s,mps,draft,qwen3-1.7b,0.4
$ slicewise predict $SOURCE/examples/mix-timeslice.yaml --format json | keys | grep -c .
> 43

# The same input gives the same bytes.
$ slicewise predict $SOURCE/examples/mix-four-small.yaml > one; slicewise predict $SOURCE/examples/mix-four-small.yaml > two; cmp one two

# An engine offered more than it sustains.
@ flood.yaml
| gpu: l4
| mechanism: exclusive
| tenants:
|   - model: qwen3-4b
|     load: {rate: 1000, prompt_tokens: 1000, output_tokens: 500}
$ slicewise predict flood.yaml --format json | keys | grep -e null -e binds
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
> tenants[].running null
> tenants[].binds string

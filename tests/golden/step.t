# One step: keys and shape.
$ slicewise step --gpu a100-sxm4-80gb --model llama-7b --mechanism mps --share 0.5 --phase decode --batch 16 --seq-len 500 --format json | keys
> gpu string
> model string
> mechanism string
> share number
> phase string
> batch number
> seq_len number
> latency_ms number
> low_ms number
> high_ms number
> dram_gb number
> tflop number
> binds string
> parts.gemm_ms number
> parts.attention_ms number
> parts.other_ms number
> parts.sampling_ms number
> parts.host_ms number
> engine.name string
> engine.max_model_len number
> engine.max_num_seqs number
> engine.max_num_batched_tokens number
> engine.cuda_graphs bool
> engine.dtype string
> engine.quantization string
> engine.kv_cache_dtype string
> engine.prefix_caching bool
> engine.gpu_memory_utilization number
> engine.version string
> engine.defaults[] string
> calibration.id string
> calibration.measured bool
> calibration.basis string
$ slicewise step --gpu a100-sxm4-80gb --model llama-7b --phase mixed --batch 16 --seq-len 500 --prefill-tokens 512 --format json | keys | grep prefill
> prefill_tokens number
> prefill_context number
$ slicewise step --gpu h200-sxm --model llama-3.1-8b --phase prefill --batch 2 --seq-len 512 --format csv | cut -d , -f 1-7
> gpu,model,mechanism,share,phase,batch,seq_len
> h200-sxm,llama-3.1-8b,exclusive,1,prefill,2,512
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 50000 -o /dev/null
! slicewise: warning: --seq-len 50000 is beyond the context of qwen3-4b, 40960 tokens

# What does not exist, cannot be read, or is refused.
$ slicewise step --gpu l44 --model qwen3-4b --phase decode --seq-len 10
! slicewise: unknown GPU "l44"; nearest ids: l4, l40s, a10 (or the path of a .json file)
= 2
$ slicewise step --gpu l4 --model qwen9 --phase decode --seq-len 10
! slicewise: unknown model "qwen9"; nearest ids: qwen3-4b, qwen3-8b, phi-2 (or the path of a .json file)
= 2
$ slicewise step --gpu ./missing.json --model qwen3-4b --phase decode --seq-len 10
! slicewise: ./missing.json: cannot open: No such file or directory
= 4
$ slicewise step --gpu l4 --model ./missing.json --phase decode --seq-len 10
! slicewise: ./missing.json: cannot open: No such file or directory
= 4
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --calibration missing.json
! slicewise: missing.json: cannot open: No such file or directory
= 4
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mig --share 0.5
! slicewise: mechanism: l4 has no MIG
= 2
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --max-num-seqs 64 --max-num-batched-tokens 32
! slicewise: max_num_batched_tokens: found 32, expected at least max_num_seqs = 64
= 2

# Every addend of an engine's memory.
$ slicewise catalog --memory --gpu l4 --model llama-3.1-8b --max-model-len 8192
> llama-3.1-8b on l4, exclusive: the engine sees 22.16 GiB
>
> memory          GiB    low   high  how
> ------------  -----  -----  -----  ---------------------------------------------------------------
> weights       14.96  14.96  14.96  6979321856 in linear layers x 16 bits + 1050939392 others x 2 B
> CUDA context   0.50   0.30   0.90  context, libraries and loaded kernels
> activations    0.24   0.20   0.39  2048 tokens x 51200 elements x 2 B x 1.25
> sampler        0.12   0.12   0.86  256 sequences x 128256 logits x 4 B
> CUDA graphs    0.46   0.27   2.50  86 graphs x 32 layers x 0.17 MiB
> KV cache       3.66      -      -  29984 tokens (2752 to 33552) x 131072 B
> budget        19.94      -      -  22.16 GiB granted x 0.9
>
> One request of max_model_len 8192 takes 1.00 GiB of KV cache. The longest that fits: 29984 tokens.
> The engine is told: --gpu-memory-utilization 0.9
> Given: max_model_len 8192
> The engine's own defaults: name vllm, max_num_seqs 256, max_num_batched_tokens 2048, cuda_graphs
>     on, dtype bfloat16, quantization none, kv_cache_dtype bfloat16, prefix_caching on,
>     gpu_memory_utilization 0.9
$ slicewise catalog --memory --gpu a100-sxm4-40gb --model qwen3-4b --mechanism mps --share 0.5 --memory-gib 19.5 --format json
> {
>   "gpu": "a100-sxm4-40gb",
>   "model": "qwen3-4b",
>   "mechanism": "mps",
>   "share": 0.5,
>   "engine": {
>     "name": "vllm",
>     "max_model_len": 40960,
>     "max_num_seqs": 256,
>     "max_num_batched_tokens": 2048,
>     "cuda_graphs": true,
>     "dtype": "bfloat16",
>     "quantization": "none",
>     "kv_cache_dtype": "bfloat16",
>     "prefix_caching": true,
>     "gpu_memory_utilization": 0.9,
>     "defaults": [
>       "name",
>       "max_model_len",
>       "max_num_seqs",
>       "max_num_batched_tokens",
>       "cuda_graphs",
>       "dtype",
>       "quantization",
>       "kv_cache_dtype",
>       "prefix_caching",
>       "gpu_memory_utilization"
>     ]
>   },
>   "fits": true,
>   "addends": [
>     {
>       "addend": "weights",
>       "gib": 7.49243069,
>       "low_gib": 7.49243069,
>       "high_gib": 7.49243069,
>       "exact": true,
>       "how": "3633315840 in linear layers x 16 bits + 389152256 others x 2 B"
>     },
>     {
>       "addend": "CUDA context",
>       "gib": 0.5,
>       "low_gib": 0.3,
>       "high_gib": 0.9,
>       "exact": false,
>       "how": "context, libraries and loaded kernels"
>     },
>     {
>       "addend": "activations",
>       "gib": 0.163574219,
>       "low_gib": 0.130859375,
>       "high_gib": 0.26171875,
>       "exact": false,
>       "how": "2048 tokens x 34304 elements x 2 B x 1.25"
>     },
>     {
>       "addend": "sampler",
>       "gib": 0.144897461,
>       "low_gib": 0.144897461,
>       "high_gib": 1.01428223,
>       "exact": false,
>       "how": "256 sequences x 151936 logits x 4 B"
>     },
>     {
>       "addend": "CUDA graphs",
>       "gib": 0.513984375,
>       "low_gib": 0.30234375,
>       "high_gib": 2.5,
>       "exact": false,
>       "how": "86 graphs x 36 layers x 0.17 MiB"
>     }
>   ],
>   "seen_gib": 39.39,
>   "granted_gib": 19.5,
>   "budget_gib": 17.55,
>   "kv_gib": 8.73511326,
>   "kv_bytes_per_token": 147456,
>   "kv_tokens": 63600,
>   "kv_tokens_low": 39184,
>   "kv_tokens_high": 66832,
>   "request_gib": 5.625,
>   "max_model_len_fits": 40960,
>   "setting": "--gpu-memory-utilization",
>   "setting_value": 0.445544554
> }
$ slicewise catalog --memory --gpu a100-sxm4-40gb --model qwen3-4b --mechanism hami --share 0.5 --memory-gib 19.5 --format csv
> addend,gib,low_gib,high_gib,exact,how
> weights,7.49243069,7.49243069,7.49243069,1,3633315840 in linear layers x 16 bits + 389152256 others x 2 B
> CUDA context,0.5,0.3,0.9,0,"context, libraries and loaded kernels"
> activations,0.163574219,0.130859375,0.26171875,0,2048 tokens x 34304 elements x 2 B x 1.25
> sampler,0.144897461,0.144897461,1.01428223,0,256 sequences x 151936 logits x 4 B
> CUDA graphs,0.513984375,0.30234375,2.5,0,86 graphs x 36 layers x 0.17 MiB
> KV cache,8.73511326,,,0,63600 tokens (39184 to 66832) x 147456 B
> budget,17.55,,,0,19.50 GiB granted x 0.9

# What does not fit: exit status 3, the sum all the same.
$ slicewise catalog --memory --gpu l4 --model qwen3-32b
> qwen3-32b on l4, exclusive: the engine sees 22.16 GiB
>
> memory           GiB    low   high  how
> ------------  ------  -----  -----  ----------------------------------------------------------------
> weights        61.02  61.02  61.02  31205621760 in linear layers x 16 bits + 1556501504 others x 2 B
> CUDA context    0.50   0.30   0.90  context, libraries and loaded kernels
> activations     0.42   0.33   0.66  2048 tokens x 87040 elements x 2 B x 1.25
> sampler         0.14   0.14   1.01  256 sequences x 151936 logits x 4 B
> CUDA graphs     0.91   0.54   2.50  86 graphs x 64 layers x 0.17 MiB
> KV cache      -43.06      -      -  0 tokens (0 to 0) x 262144 B
> budget         19.94      -      -  22.16 GiB granted x 0.9
>
> One request of max_model_len 40960 takes 10.00 GiB of KV cache.
> The engine is told: --gpu-memory-utilization 0.9
> Given: nothing
> The engine's own defaults: name vllm, max_model_len 40960, max_num_seqs 256,
>     max_num_batched_tokens 2048, cuda_graphs on, dtype bfloat16, quantization none, kv_cache_dtype
>     bfloat16, prefix_caching on, gpu_memory_utilization 0.9
! slicewise: qwen3-32b does not fit on l4: weights and workspace take 63.00 GiB of 19.94 (22.16 GiB x 0.9)
= 3
$ slicewise catalog --memory --gpu l4 --model llama-3.1-8b | tail -n 8
> budget        19.94      -      -  22.16 GiB granted x 0.9
>
> One request of max_model_len 131072 takes 16.00 GiB of KV cache. The longest that fits: 29984 tokens.
> The engine is told: --gpu-memory-utilization 0.9
> Given: nothing
> The engine's own defaults: name vllm, max_model_len 131072, max_num_seqs 256,
>     max_num_batched_tokens 2048, cuda_graphs on, dtype bfloat16, quantization none, kv_cache_dtype
>     bfloat16, prefix_caching on, gpu_memory_utilization 0.9
! slicewise: llama-3.1-8b does not start on l4: one request of max_model_len 131072 takes 16.00 GiB of KV cache and 3.66 are left of 19.94 GiB; a max_model_len of up to 29984 fits
= 3
$ slicewise catalog --memory --gpu l4 --model llama-3.1-8b --format json | keys | grep fits
> fits bool
> max_model_len_fits number
! slicewise: llama-3.1-8b does not start on l4: one request of max_model_len 131072 takes 16.00 GiB of KV cache and 3.66 are left of 19.94 GiB; a max_model_len of up to 29984 fits
= 3

# What cannot be.
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --memory-gib 100
! slicewise: memory_gib: found 100, expected at most 22.49 GiB, the memory of l4
= 2
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --mechanism mig --share 0.5
! slicewise: mechanism: found mig, but l4 has no MIG
= 2
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --memory-gib 0
! slicewise: catalog: --memory-gib: found 0, expected a number above 0 (slicewise help catalog)
= 1
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --gpu-memory-utilization 1.2
! slicewise: catalog: --gpu-memory-utilization: found 1.2, expected a number above 0 and at most 1 (slicewise help catalog)
= 1
$ slicewise catalog --memory --gpu quadro-rtx-6000 --model qwen3-4b --dtype bfloat16
! slicewise: dtype: found bfloat16, expected float16: quadro-rtx-6000 has compute capability 7.5 and bfloat16 needs 8.0
= 2
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --max-model-len 1000000
! slicewise: max_model_len: found 1000000, expected at most 40960, the longest context of qwen3-4b
= 2

# A KV cache of so many tokens: the sum is what they come to, and no engine is told to take more than there is.
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --max-model-len 8192 --kv-cache-tokens 20000
> qwen3-4b on l4, exclusive: the engine sees 22.16 GiB
>
> memory          GiB   low  high  how
> ------------  -----  ----  ----  --------------------------------------------------------------
> weights        7.49  7.49  7.49  3633315840 in linear layers x 16 bits + 389152256 others x 2 B
> CUDA context   0.50  0.30  0.90  context, libraries and loaded kernels
> activations    0.16  0.13  0.26  2048 tokens x 34304 elements x 2 B x 1.25
> sampler        0.14  0.14  1.01  256 sequences x 151936 logits x 4 B
> CUDA graphs    0.51  0.30  2.50  86 graphs x 36 layers x 0.17 MiB
> KV cache       2.75     -     -  20000 tokens (20000 to 20000) x 147456 B
> budget        11.56     -     -  of 22.16 GiB granted; kv_cache_tokens decides
>
> One request of max_model_len 8192 takes 1.12 GiB of KV cache. The longest that fits: 20000 tokens.
> The engine is told: --gpu-memory-utilization 0.521804
> Given: max_model_len 8192, kv_cache_tokens 20000
> The engine's own defaults: name vllm, max_num_seqs 256, max_num_batched_tokens 2048, cuda_graphs
>     on, dtype bfloat16, quantization none, kv_cache_dtype bfloat16, prefix_caching on,
>     gpu_memory_utilization 0.9
$ slicewise catalog --memory --gpu l4 --model qwen3-4b --max-model-len 8192 --kv-cache-tokens 1e6 --format json | grep fits
>   "fits": false,
>   "max_model_len_fits": 40960,
! slicewise: qwen3-4b does not fit on l4: weights, workspace and the given kv_cache_tokens of 1000000 take at least 145.70 GiB of 22.16
= 3

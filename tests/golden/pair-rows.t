# Rows of pairs: what they do not say, and that they are compared.
@ pairs.csv
| config,mechanism,models,models_per_gpu,concurrency_per_model,ttft_p50_ms,ttft_p90_ms,itl_p50_ms,output_tok_s_per_gpu,sm_share_pct,memory_visible_or_cap_mib,gpu_memory_utilization
| whole,none (1 model/GPU),8,1,16,430,,15.5,930,100,40960,0.85
| turns,HAMi memory cap only; driver time-slicing,16,2,16,780,,35.5,830,none,20070,0.85 (of the ~20 GB virtual device)
| halves,"MPS, active threads 50%",16,2,16,790,,29,1000,50,19968,0.40 (of physical 39.5 GiB)
$ slicewise validate pairs.csv
! slicewise: validate: pairs.csv: rows of pairs do not say their GPU, model, prompt length, output length, expected --gpu ID, --model ID, --prompt-tokens N, --output-tokens N (slicewise help validate)
= 1
$ slicewise validate pairs.csv --gpu a100-sxm4-40gb --prompt-tokens 2048 --output-tokens 256
! slicewise: validate: pairs.csv: rows of pairs do not say their model, expected --model ID (slicewise help validate)
= 1
$ slicewise validate pairs.csv --gpu a100-sxm4-40gb --model qwen3-4b --prompt-tokens 2048 --output-tokens 256 | sed -n 1,4p
> pairs.csv: 3 pair rows
>
> group                        rows  MAPE %  median %  p95 %  bias %     R2  covered %
> ---------------------------  ----  ------  --------  -----  ------  -----  ---------
$ slicewise validate pairs.csv --gpu a100-sxm4-40gb --model qwen3-4b --prompt-tokens 2048 --output-tokens 256 --format csv | head -1
> config,mechanism,models,models_per_gpu,concurrency_per_model,ttft_p50_ms,ttft_p90_ms,itl_p50_ms,output_tok_s_per_gpu,sm_share_pct,memory_visible_or_cap_mib,gpu_memory_utilization,predicted_ttft_p50_ms,predicted_itl_p50_ms,predicted_output_tok_s_per_gpu
$ slicewise validate pairs.csv --gpu a100-sxm4-40gb --model qwen3-4b --prompt-tokens 2048 --output-tokens 256 --format json | keys
> kind string
> rows number
> skipped number
> reasons[] empty
> groups[].name string
> groups[].rows number
> groups[].mape number
> groups[].median_ape number
> groups[].p95_ape number
> groups[].bias number
> groups[].r2 null|number
> groups[].covered null|number
$ slicewise validate pairs.csv --gpu a100-sxm4-40gb --model qwen3-5b --prompt-tokens 2048 --output-tokens 256
! slicewise: unknown model "qwen3-5b"; nearest ids: qwen3-4b, qwen3-8b, qwen3-14b (or the path of a .json file)
= 2
$ slicewise validate pairs.csv --prompt-tokens 0
! slicewise: validate: --prompt-tokens: found 0, expected a whole number from 1 to 10000000 (slicewise help validate)
= 1
$ sed 's/none (1/one (1/' pairs.csv > bad.csv; slicewise validate bad.csv --gpu l4 --model qwen3-0.6b --prompt-tokens 100 --output-tokens 10
! slicewise: bad.csv:2: mechanism: found "one (1 model/GPU)", expected words with none, exclusive, MPS, time-slicing, HAMi or MIG in them
= 2
$ sed 's/,50,19968/,half,19968/' pairs.csv > bad.csv; slicewise validate bad.csv --gpu a100-sxm4-40gb --model qwen3-0.6b --prompt-tokens 100 --output-tokens 10
! slicewise: bad.csv:4: sm_share_pct: found "half", expected a number (per cent) above 0 up to 100
= 2
$ sed 's/8,1,16/8,3,16/' pairs.csv > bad.csv; slicewise validate bad.csv --gpu a100-sxm4-40gb --model qwen3-0.6b --prompt-tokens 100 --output-tokens 10
! slicewise: bad.csv:2: models_per_gpu: found "3", expected 1 where no mechanism shares the GPU
= 2
$ sed 's/,790,/,0,/' pairs.csv > bad.csv; slicewise validate bad.csv --gpu a100-sxm4-40gb --model qwen3-0.6b --prompt-tokens 100 --output-tokens 10
! slicewise: bad.csv:4: ttft_p50_ms: found "0", expected a number (ms) above 0 up to 1000000000000
= 2
$ cut -d , -f 1,2,4,5 pairs.csv | sed 's/"//g' | head -2 > bad.csv; slicewise validate bad.csv --gpu l4 --model qwen3-0.6b --prompt-tokens 100 --output-tokens 10
! slicewise: bad.csv:1: found no measured column, expected one of ttft_p50_ms, itl_p50_ms, output_tok_s_per_gpu
= 2

# Measured files that cannot be meant.
$ slicewise validate missing.csv
! slicewise: missing.csv: cannot open: No such file or directory
= 4
$ : > empty.csv && slicewise validate empty.csv
! slicewise: empty.csv:1: found an empty file, expected a header line
= 2
$ printf 'a,b,c\n1,2,3\n' > other.csv && slicewise validate other.csv
! slicewise: other.csv:1: found a header of no known rows, expected gpu,model,mechanism,share,phase,batch,seq_len,latency_ms, or dtype,m,n,k,latency_ms, or batch,input_len,heads,kv_heads,head_dim,dtype,kv_len_before,latency_ms, or experiment,gpu,mechanism,model,share,prompt_tokens,output_tokens, or config,mechanism,models_per_gpu,concurrency_per_model
= 2
$ printf 'gpu,model,mechanism,share,phase,batch,seq_len,latency_ms\n' > none.csv && slicewise validate none.csv
> none.csv: 0 step rows
>
> group  rows  MAPE %  median %  p95 %  bias %  R2  covered %
> -----  ----  ------  --------  -----  ------  --  ---------
> all       0       -         -      -       -   -          -

@ good.csv
| gpu,model,mechanism,share,phase,batch,seq_len,latency_ms
| a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49
| a100-sxm4-80gb,llama-7b,mps,0.5,decode,8,256,13
$ slicewise validate good.csv --format csv | cut -d , -f 1-8
> gpu,model,mechanism,share,phase,batch,seq_len,latency_ms
> a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49
> a100-sxm4-80gb,llama-7b,mps,0.5,decode,8,256,13
$ slicewise validate good.csv --format json | keys
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
> groups[].covered null
$ slicewise validate good.csv | sed -n 1,4p
> good.csv: 2 step rows
>
> group                                     rows  MAPE %  median %  p95 %  bias %     R2  covered %
> ----------------------------------------  ----  ------  --------  -----  ------  -----  ---------
$ sed 's/0.5,decode/1.5,decode/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: share: found "1.5", expected a number above 0 up to 1
= 2
$ sed 's/0.5,decode/half,decode/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: share: found "half", expected a number above 0 up to 1
= 2
$ sed 's/,13$/,-13/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: latency_ms: found "-13", expected a number (ms) above 0 up to 1000000000000
= 2
$ sed 's/,13$/,0/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: latency_ms: found "0", expected a number (ms) above 0 up to 1000000000000
= 2
$ sed 's/,13$/,nan/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: latency_ms: found "nan", expected a number (ms) above 0 up to 1000000000000
= 2
$ sed 's/,13$/,/' good.csv > bad.csv; slicewise validate bad.csv --format csv | cut -d , -f 1-8
> gpu,model,mechanism,share,phase,batch,seq_len,latency_ms
> a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49
> a100-sxm4-80gb,llama-7b,mps,0.5,decode,8,256,
$ sed 's/,13$/,13ms/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: latency_ms: found "13ms", expected a number (ms) above 0 up to 1000000000000
= 2
$ sed 's/,8,256/,0,256/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: batch: found "0", expected a number from 1 up to 1000000000
= 2
$ sed 's/decode/training/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: phase: found "training", expected one of prefill, decode
= 2
$ sed 's/mps,0.5/mpx,0.5/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: mechanism: found "mpx", expected one of exclusive, mps, timeslice, hami, mig, green-context, cpu-quota
= 2
$ sed 's/llama-7b/llama-9b/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:2: model: unknown model "llama-9b"; nearest ids: llama-7b, llama-13b, llama-2-7b (or the path of a .json file)
= 2
$ sed 's/a100-sxm4-80gb/a100/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:2: gpu: unknown GPU "a100"; nearest ids: a10, a100-pcie-40gb, a100-pcie-80gb (or the path of a .json file)
= 2
$ sed 's/,13$/,13,extra/' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: found 9 cells, expected 8 as in the header
= 2
$ sed 's/,256,13$//' good.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:3: found 6 cells, expected 8 as in the header
= 2
$ slicewise validate good.csv --gpu l44
! slicewise: unknown GPU "l44"; nearest ids: l4, l40s, a10 (or the path of a .json file)
= 2
$ slicewise validate good.csv --calibration missing.json
! slicewise: missing.json: cannot open: No such file or directory
= 4

# Operators do not name their GPU.
@ gemm.csv
| dtype,m,n,k,latency_ms
| bfloat16,4096,4096,4096,0.6
| bfloat16,16,4096,4096,0.03
$ slicewise validate gemm.csv
! slicewise: validate: gemm.csv: rows of operators do not name their GPU, expected --gpu ID (slicewise help validate)
= 1
$ slicewise validate gemm.csv --gpu a100-sxm4-80gb --format csv | cut -d , -f 1-5
> dtype,m,n,k,latency_ms
> bfloat16,4096,4096,4096,0.6
> bfloat16,16,4096,4096,0.03
$ slicewise validate gemm.csv --gpu a100-sxm4-80gb --format json | keys
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
> groups[].covered null
@ attention.csv
| batch,input_len,heads,kv_heads,head_dim,dtype,kv_dtype,kv_len_before,latency_ms
| 4,1,32,8,128,bfloat16,bfloat16,1023,0.02
$ gzip attention.csv && slicewise validate attention.csv.gz --gpu h100-sxm --format csv | cut -d , -f 1-9
> batch,input_len,heads,kv_heads,head_dim,dtype,kv_dtype,kv_len_before,latency_ms
> 4,1,32,8,128,bfloat16,bfloat16,1023,0.02

# Lines are those of the file, blank ones counted; what a cell says to a terminal is not done.
@ spaced.csv
|
| gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,note
|
| a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49,"two
| lines"
| a100-sxm4-80gb,llama-7b,mps,0.5,decode,8,256,99,
$ slicewise validate spaced.csv | sed -n '/line/,$p'
> line  metric      measured  predicted  error %  binds  what
> ----  ----------  --------  ---------  -------  -----  ------------------------------------------------------------------
>    6  latency_ms     99.00      13.60    -86.3  -      a100-sxm4-80gb, llama-7b, mps, 0.5, decode, 8, 256, 99, 
>    4  latency_ms     49.00      41.30    -15.7  -      a100-sxm4-80gb, llama-7b, mps, 1.0, prefill, 1, 512, 49, two?lines
$ slicewise validate spaced.csv --format csv | sed 's/,[0-9.]*$//'
> gpu,model,mechanism,share,phase,batch,seq_len,latency_ms,note,predicted_ms
> a100-sxm4-80gb,llama-7b,mps,1.0,prefill,1,512,49,"two
> lines"
> a100-sxm4-80gb,llama-7b,mps,0.5,decode,8,256,99,
$ sed 's/,8,256/,1.5,256/' spaced.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:6: batch: found "1.5", expected a whole number
= 2
$ sed 's/mps,0.5/exclusive,0.5/' spaced.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:6: share: found 0.5, expected 1 under exclusive (nobody else is there)
= 2
$ slicewise validate spaced.csv --calibration /dev/null
! slicewise: /dev/null:1: found an empty file, expected keys
= 2

# A path in a row is beside the file of the rows.
$ mkdir deep && sed 's,llama-7b,./own.json,' spaced.csv > deep/rows.csv; slicewise validate deep/rows.csv
! slicewise: deep/rows.csv:4: model: deep/./own.json: cannot open: No such file or directory
= 2
$ cp "$SOURCE/data/models/llama-7b.json" deep/own.json; slicewise validate deep/rows.csv | head -n 1
> deep/rows.csv: 2 step rows

# Rows of mixes: the engines of one experiment together, every measured column predicted.
@ mixes.csv
| experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,rate,concurrency,prompt_tokens,output_tokens,ttft_p50_ms,tpot_p50_ms
| pair,1,a100-sxm4-40gb,mps,a,qwen3-4b,0.5,19.5,32,,8,2048,256,610,19.5
| alone,1,a100-sxm4-40gb,exclusive,a,qwen3-4b,,,32,,8,2048,256,331.5,11.0
| pair,1,a100-sxm4-40gb,mps,b,qwen3-4b,0.5,19.5,32,,8,2048,256,610,
| large,1,l4,mps,a,llama-13b,0.5,,,1,,200,20,,30
| split,1,l4,green-context,a,qwen3-4b,0.5,,,1,,200,20,,30
| split,1,l4,green-context,b,qwen3-4b,0.4,,,1,,200,20,,30
$ slicewise validate mixes.csv --format csv | sed 's/,[0-9.]*,[0-9.]*$/,X,X/'
> experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,rate,concurrency,prompt_tokens,output_tokens,ttft_p50_ms,tpot_p50_ms,predicted_ttft_p50_ms,predicted_tpot_p50_ms
> pair,1,a100-sxm4-40gb,mps,a,qwen3-4b,0.5,19.5,32,,8,2048,256,610,19.5,X,X
> alone,1,a100-sxm4-40gb,exclusive,a,qwen3-4b,,,32,,8,2048,256,331.5,11.0,X,X
> pair,1,a100-sxm4-40gb,mps,b,qwen3-4b,0.5,19.5,32,,8,2048,256,610,,X,X
> large,1,l4,mps,a,llama-13b,0.5,,,1,,200,20,,30,X,X
> split,1,l4,green-context,a,qwen3-4b,0.5,,,1,,200,20,,30,X,X
> split,1,l4,green-context,b,qwen3-4b,0.4,,,1,,200,20,,30,X,X
$ slicewise validate mixes.csv --format csv | tail -n 3
> large,1,l4,mps,a,llama-13b,0.5,,,1,,200,20,,30,,
> split,1,l4,green-context,a,qwen3-4b,0.5,,,1,,200,20,,30,,
> split,1,l4,green-context,b,qwen3-4b,0.4,,,1,,200,20,,30,,
$ sed 's/green-context/green/' mixes.csv > bad.csv; slicewise validate bad.csv
! slicewise: bad.csv:6: mechanism: found "green", expected one of exclusive, mps, timeslice, hami, mig, green-context, cpu-quota
= 2
$ slicewise validate mixes.csv | head -n 1; slicewise validate mixes.csv | tail -n 2
> mixes.csv: 6 mix rows, 3 not compared
> llama-13b does not fit on l4: weights and workspace take 25.59 GiB of 19.94 (22.16 GiB x 0.9); 1 row not compared
> green-context: no prediction; 2 rows not compared
$ slicewise validate mixes.csv --format json | keys
> kind string
> rows number
> skipped number
> reasons[].why string
> reasons[].rows number
> groups[].name string
> groups[].rows number
> groups[].mape number
> groups[].median_ape number
> groups[].p95_ape number
> groups[].bias number
> groups[].r2 null|number
> groups[].covered number
$ cut -d , -f 1-13 mixes.csv > bare.csv; slicewise validate bare.csv
! slicewise: bare.csv:1: found no measured column, expected one of ttft_mean_ms, ttft_p50_ms, ttft_p95_ms, ttft_p99_ms, tpot_mean_ms, tpot_p50_ms, tpot_p95_ms, tpot_p99_ms, output_tok_s
= 2

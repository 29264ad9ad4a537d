# Wrong use: exit status 1, one line that names the nearest right thing.
$ slicewise
! Usage: slicewise COMMAND [OPTION]...
!
! The cheapest GPU slices for many language models, with every latency limit held.
!
! Commands
!   plan        the cheapest GPUs and slices that hold every latency limit
!   apply       a plan as manifests for a cluster with HAMi
!   compare     every strategy of planning side by side: planned, simulated, scored
!   predict     latencies of several engines that share one GPU, under load
!   simulate    engines on their GPUs token by token, in simulated time
!   emulate     the engines of a mix as HTTP endpoints, paced by the simulator
!   load        open- or closed-loop load on an inference server; TTFT and TPOT
!   step        the time of one engine step alone on a slice of a GPU
!   profile     experiments with engines that share a GPU, into a data set
!   dataset     experiments and what was measured in them: look, import, export, ask
!   fit         what measured mixes say of GPUs, mechanisms and models, with bounds that hold
!   validate    predicted beside measured, for rows of your own
!   catalog     the GPUs and models it knows, and what memory an engine takes
!
! slicewise help COMMAND explains one; slicewise --version prints the version.
! Exit status: 0 done, 1 usage, 2 bad input, 3 no plan holds every limit,
! 4 a file, the network or a device failed.
= 1
$ slicewise paln
! slicewise: unknown command paln; did you mean plan?
= 1
$ slicewise divine x.yaml
! slicewise: unknown command divine; slicewise help lists them
= 1
$ slicewise help stpe
! slicewise: unknown command stpe; did you mean step?
= 1
$ slicewise --verbose
! slicewise: unknown command --verbose; slicewise help lists them
= 1
$ slicewise catalog l4 a10
! slicewise: catalog: unexpected argument a10 (slicewise help catalog)
= 1
$ slicewise catalog --format xml
! slicewise: catalog: --format: found xml, expected table|json|csv (slicewise help catalog)
= 1
$ slicewise catalog --fromat json
! slicewise: catalog: unknown option --fromat; did you mean --format? (slicewise help catalog)
= 1
$ slicewise catalog --format
! slicewise: catalog: --format needs an argument (slicewise help catalog)
= 1
$ slicewise catalog --format csv
! slicewise: catalog: CSV is one table: say gpus or models (slicewise help catalog)
= 1
$ slicewise catalog --memory l4
! slicewise: catalog: unexpected argument l4 beside --memory (slicewise help catalog)
= 1
$ slicewise catalog --memory --gpu l4
! slicewise: catalog: --memory needs --gpu and --model (slicewise help catalog)
= 1
$ slicewise catalog --gpu l4
! slicewise: catalog: options of a slice need --memory (slicewise help catalog)
= 1
$ slicewise step
! slicewise: step: --gpu is missing (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode
! slicewise: step: --seq-len is missing (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase training --seq-len 10
! slicewise: step: --phase: found training, expected prefill|decode|mixed (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 extra
! slicewise: step: unexpected argument extra (slicewise help step)
= 1
$ slicewise predict
! slicewise: predict: MIX.yaml is missing (slicewise help predict)
= 1
$ slicewise predict a.yaml b.yaml
! slicewise: predict: unexpected argument b.yaml (slicewise help predict)
= 1
$ slicewise plan
! slicewise: plan: WORKLOADS.yaml is missing (slicewise help plan)
= 1
$ slicewise plan --strategy sliceways examples.yaml
! slicewise: plan: --strategy: found sliceways, expected one of cheapest-exclusive, constant-slowdown, even-split, exact, exclusive, ffd, ffd-predicted, gpu-lets, gslice, igniter, muxserve, no-bounds, packed, paper, parvagpu, slicewise (slicewise help plan)
= 1
$ slicewise plan examples/six-models.yaml --strategy packed:x
! slicewise: examples/six-models.yaml: cannot open: No such file or directory
= 4
$ slicewise plan examples/six-models.yaml --strategy ffd:1
! slicewise: examples/six-models.yaml: cannot open: No such file or directory
= 4
$ slicewise plan x.yaml --commands --format json
! slicewise: plan: --commands goes with --format table (slicewise help plan)
= 1
$ slicewise validate
! slicewise: validate: MEASURED.csv is missing (slicewise help validate)
= 1
$ slicewise load
! slicewise: load: ENDPOINT is missing (slicewise help load)
= 1
$ slicewise load host:1
! slicewise: load: one of --rate, --concurrency and --trace is missing (slicewise help load)
= 1
$ slicewise load host:1 --rate 4
! slicewise: load: --prompt-tokens is missing (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100
! slicewise: load: --output-tokens is missing (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --concurrency 2 --prompt-tokens 100 --output-tokens 5
! slicewise: load: --rate and --concurrency exclude each other (slicewise help load)
= 1
$ slicewise load host:1 --trace t.csv --concurrency 2
! slicewise: load: --trace and --concurrency exclude each other (slicewise help load)
= 1
$ slicewise load host:1 --trace t.csv --prompt-tokens 100
! slicewise: load: --trace has its own lengths: no --prompt-tokens, no --output-tokens (slicewise help load)
= 1
$ slicewise load host:1 --scale 2 --rate 1 --trace t.csv
! slicewise: load: --rate and --scale exclude each other (slicewise help load)
= 1
$ slicewise load host:1 --concurrency 2 --burstiness 2 --prompt-tokens 100 --output-tokens 5
! slicewise: load: --burstiness needs --rate, and no --trace (slicewise help load)
= 1
$ slicewise load host:1 --concurrency 2 --prompt-tokens 100 --output-tokens 5 --chat --token-ids 1:9
! slicewise: load: --chat takes no --token-ids (slicewise help load)
= 1

# Numbers that cannot be meant.
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --batch 0
! slicewise: step: --batch: found 0, expected a whole number from 1 to 1048576 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --batch -4
! slicewise: step: --batch: found -4, expected a whole number from 1 to 1048576 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --batch 2.5
! slicewise: step: --batch: found 2.5, expected a whole number from 1 to 1048576 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --batch 1e12
! slicewise: step: --batch: found 1e12, expected a whole number from 1 to 1048576 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10ms
! slicewise: step: --seq-len: found 10ms, expected a whole number from 1 to 16777216 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mps --share 0
! slicewise: step: --share: found 0, expected a number above 0 and at most 1 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mps --share 1.5
! slicewise: step: --share: found 1.5, expected a number above 0 and at most 1 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mps --share nan
! slicewise: step: --share: found nan, expected a number above 0 and at most 1 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mps --share inf
! slicewise: step: --share: found inf, expected a number above 0 and at most 1 (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --mechanism mps
! slicewise: step: --share is missing: mps divides the GPU (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --share 0.5
! slicewise: step: --share: found 0.5, expected 1 under exclusive; --mechanism says who enforces a smaller one (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase mixed --seq-len 10
! slicewise: step: --prefill-tokens is missing: mixed has a chunk of a prompt (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --prefill-tokens 5
! slicewise: step: --prefill-tokens and --prefill-context need --phase mixed (slicewise help step)
= 1
$ slicewise step --gpu l4 --model qwen3-4b --phase decode --seq-len 10 --cuda-graphs yes
! slicewise: step: --cuda-graphs: found yes, expected off|on (slicewise help step)
= 1
$ slicewise --version please
! slicewise: unexpected argument please
= 1
$ slicewise help plan predict
! slicewise: unexpected argument predict
= 1
$ slicewise load host:1 --rate 0 --prompt-tokens 100 --output-tokens 5
! slicewise: load: --rate: found 0, expected a number above 0 and at most 1000000 (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100.5 --output-tokens 5
! slicewise: load: --prompt-tokens: found 100.5, expected a whole number of tokens, or MEAN:P95 (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100:x --output-tokens 5
! slicewise: load: --prompt-tokens: found 100:x, expected a whole number of tokens, or MEAN:P95 (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100:50 --output-tokens 5
! slicewise: prompt_tokens: p95 50 with mean 100: expected a p95 above the mean and at most 3.86 times it
= 2
$ slicewise load host:1 --rate 4 --prompt-tokens 100:500 --output-tokens 5
! slicewise: prompt_tokens: p95 500 with mean 100: expected a p95 above the mean and at most 3.86 times it
= 2
$ slicewise load host:1 --rate 4 --prompt-tokens 100 --output-tokens 0
! slicewise: load: --output-tokens: found 0, expected a whole number of tokens, or MEAN:P95 (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100 --output-tokens 5 --token-ids 9:1
! slicewise: load: --token-ids: found 9:1, expected two whole numbers FIRST:LAST (slicewise help load)
= 1
$ slicewise load host:1 --rate 4 --prompt-tokens 100 --output-tokens 5 --timeout -1
! slicewise: load: --timeout: found -1, expected a number from 0.001 to 10000000 (slicewise help load)
= 1
$ slicewise load ftp://host --rate 4 --prompt-tokens 100 --output-tokens 5
! slicewise: endpoint: found ftp://host, expected http or https
= 2
$ slicewise load host:1 --trace missing.csv
! slicewise: missing.csv: cannot open: No such file or directory
= 4

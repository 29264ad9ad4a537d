# The program's own words.
$ slicewise help
> Usage: slicewise COMMAND [OPTION]...
>
> The cheapest GPU slices for many language models, with every latency limit held.
>
> Commands
>   plan        the cheapest GPUs and slices that hold every latency limit
>   apply       a plan as manifests for a cluster with HAMi
>   compare     every strategy of planning side by side: planned, simulated, scored
>   predict     latencies of several engines that share one GPU, under load
>   simulate    engines on their GPUs token by token, in simulated time
>   emulate     the engines of a mix as HTTP endpoints, paced by the simulator
>   load        open- or closed-loop load on an inference server; TTFT and TPOT
>   step        the time of one engine step alone on a slice of a GPU
>   profile     experiments with engines that share a GPU, into a data set
>   dataset     experiments and what was measured in them: look, import, export, ask
>   fit         what measured mixes say of GPUs, mechanisms and models, with bounds that hold
>   validate    predicted beside measured, for rows of your own
>   catalog     the GPUs and models it knows, and what memory an engine takes
>
> slicewise help COMMAND explains one; slicewise --version prints the version.
> Exit status: 0 done, 1 usage, 2 bad input, 3 no plan holds every limit,
> 4 a file, the network or a device failed.
$ slicewise --help | sed -n 1,1p
> Usage: slicewise COMMAND [OPTION]...
$ slicewise --version
> slicewise 0.1.0
$ slicewise help load
> Usage: slicewise load ENDPOINT [OPTION]...
>
> Sends requests to an OpenAI-compatible server, reads the streamed answers, and
> reports time to first token (TTFT), time per output token (TPOT), gaps between
> tokens (ITL), end-to-end time (E2E), throughput, and how requests failed.
>
> Traffic
>   -r, --rate R                requests per second, whether answers come or not
>       --burstiness CV         coefficient of variation of the gaps between
>                               requests; 1, a Poisson process, unless given
>       --trace FILE            arrivals and lengths from a trace; played once as
>                               it is, or rescaled by --rate or --scale
>       --scale X               times the trace's own rate
>   -c, --concurrency N         clients that each send their next request when
>                               they have their answer
>       --prompt-tokens N|MEAN:P95
>                               length of the prompts: the same for all, or
>                               lognormal by mean and 95th percentile
>       --output-tokens N|MEAN:P95
>                               length of the answers, likewise
>       --prefix-hit-ratio F    fraction of every prompt that all prompts share;
>                               else none is like another
>       --max-model-len TOKENS  longest prompt and answer together; longer ones
>                               are cut
>       --seed N                of arrivals and lengths; 1 unless given
>
> Run
>   -d, --duration S            seconds during which requests are sent; 60 unless
>                               --requests or --trace is given
>   -n, --requests N            requests at most
>       --warm-up S             seconds before that, whose requests are sent and
>                               not counted
>       --timeout S             seconds that a request may take in all; 300
>                               unless given
>       --max-in-flight N       requests under way at most; more are not sent;
>                               4096 unless given
>
> Requests
>       --model NAME            the model's name; the one that the server lists
>                               unless given
>       --chat                  /v1/chat/completions in place of /v1/completions
>       --token-ids FIRST:LAST  prompts as arrays of token ids of this range in
>                               place of words, so that their length is exact
>       --ignore-eos off|on     ask the server not to end answers early; on
>                               unless given
>       --api-key KEY           sent as bearer token; others on this machine may
>                               see it in the list of processes
>
> Limits
>       --ttft-limit-ms MS      a request with a longer time to first token is
>                               late
>       --tpot-limit-ms MS      a request with a longer time per output token is
>                               late
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>       --requests-out FILE     also write every request to FILE as CSV
>       --tenant NAME           what stands in that file's column tenant; load
>                               unless given
>   -h, --help                  print this help
>
> The manual: man slicewise-load
$ slicewise help catalog
> Usage: slicewise catalog [gpus|models|ID] [OPTION]...
>
> Lists the GPUs and models of the catalogue, shows one entry with the source of
> every figure, or follows the memory of an engine addend by addend.
>
> Memory
>   -m, --memory                show every addend of the memory of an engine:
>                               --model on a slice of --gpu
>
> Slice
>       --gpu GPU               catalogue id, or the path of a GPU file
>       --model MODEL           catalogue id, or the path of a config.json
>       --mechanism exclusive|mps|timeslice|hami|mig
>                               who enforces the slice; exclusive unless given
>       --share S               fraction of the GPU's compute; needed under mps,
>                               hami and mig
>       --memory-gib GIB        memory the engine may see; all that the mechanism
>                               shows it unless given
>
> Engine
>       --engine vllm|sglang|tensorrt-llm|llama.cpp
>                               the inference server; vllm unless given
>       --max-model-len TOKENS  longest context
>       --max-num-seqs N        sequences in a batch at most
>       --max-num-batched-tokens TOKENS
>                               tokens in one step at most
>       --cuda-graphs off|on    launch captured graphs instead of single kernels
>       --dtype float32|float16|bfloat16|fp8|int8|int4
>                               of weights and activations
>       --quantization none|fp8|int8|int4
>                               how the weights of linear layers are stored
>       --kv-cache-dtype float32|float16|bfloat16|fp8|int8|int4
>                               of keys and values
>       --prefix-caching off|on
>                               keep the KV cache of finished prompts
>       --gpu-memory-utilization F
>                               fraction of the slice's memory that the engine
>                               takes
>       --kv-cache-tokens TOKENS
>                               size of the KV cache, instead of what memory
>                               gives
>       --cores N               host cores it may use; as many as it wants unless
>                               given
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-catalog
$ slicewise step --help
> Usage: slicewise step --gpu GPU --model MODEL --phase prefill|decode|mixed
>        --seq-len TOKENS [OPTION]...
>
> Predicts one step of an inference engine that has the slice to itself: prompts
> being read (prefill), one more token for each sequence (decode), or both
> (mixed), and says where the time goes.
>
> Slice
>       --gpu GPU               catalogue id, or the path of a GPU file
>       --model MODEL           catalogue id, or the path of a config.json
>       --mechanism exclusive|mps|timeslice|hami|mig
>                               who enforces the slice; exclusive unless given
>       --share S               fraction of the GPU's compute; needed under mps,
>                               hami and mig
>       --memory-gib GIB        memory the engine may see; all that the mechanism
>                               shows it unless given
>
> Step
>       --phase prefill|decode|mixed
>                               whole prompts, one token for each sequence, or
>                               both in one step
>       --batch N               prompts in prefill, sequences in decode and
>                               mixed; 1 unless given
>       --seq-len TOKENS        length of each prompt in prefill, context of each
>                               sequence in decode and mixed
>       --prefill-tokens TOKENS
>                               mixed: tokens of the prompt's chunk in this step
>       --prefill-context TOKENS
>                               mixed: tokens of the prompt before the chunk; 0
>                               unless given
>       --engine-version VERSION
>                               such as 0.2 or 0.19; unless given, the one that
>                               whole steps were measured with on this GPU, else
>                               the current one
>       --calibration FILE      a calibration file instead of the shipped ones
>
> Engine
>       --engine vllm|sglang|tensorrt-llm|llama.cpp
>                               the inference server; vllm unless given
>       --max-model-len TOKENS  longest context
>       --max-num-seqs N        sequences in a batch at most
>       --max-num-batched-tokens TOKENS
>                               tokens in one step at most
>       --cuda-graphs off|on    launch captured graphs instead of single kernels
>       --dtype float32|float16|bfloat16|fp8|int8|int4
>                               of weights and activations
>       --quantization none|fp8|int8|int4
>                               how the weights of linear layers are stored
>       --kv-cache-dtype float32|float16|bfloat16|fp8|int8|int4
>                               of keys and values
>       --prefix-caching off|on
>                               keep the KV cache of finished prompts
>       --gpu-memory-utilization F
>                               fraction of the slice's memory that the engine
>                               takes
>       --kv-cache-tokens TOKENS
>                               size of the KV cache, instead of what memory
>                               gives
>       --cores N               host cores it may use; as many as it wants unless
>                               given
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-step
$ slicewise help plan
> Usage: slicewise plan WORKLOADS.yaml [OPTION]...
>
> Chooses a GPU, a slice, a batch limit and the number of replicas for every
> workload, so that every latency limit holds although neighbours slow each other
> down, and says what binds.
>
> Planning
>       --strategy NAME         how to plan, see STRATEGIES; slicewise unless
>                               given
>       --fit FILE              a fit of measured mixes instead of the shipped
>                               one: its bounds are what limits are held by
>       --play                  play every GPU of a plan of at most 12 engines
>                               and plan again, until its limits hold by the
>                               bounds of plays in place of the closed form's;
>                               ten seconds or two
>       --explain               also say of every engine and GPU what the next
>                               cheaper way would have broken; of plans of any
>                               size
>       --commands              also print the whole command line that starts
>                               each engine
>
> A plan that runs
>       --running PLAN.json     the plan that runs: keep what holds, and list
>                               what must change or pays for it
>       --horizon HOURS         a change that nothing forces must have paid for
>                               itself by then; 1 unless given
>       --restart-seconds SECONDS
>                               an engine started anew where it ran, which costs
>                               its part of the GPU for so long; 60 unless given
>       --start-seconds SECONDS
>                               the same on another GPU; 240 unless given
>       --open-seconds SECONDS  a GPU before its first engine can start; 300
>                               unless given
>       --no-gateway            nothing in front of engines can hold requests
>                               back: no limits on requests in flight, which
>                               would cost nothing
>       --least-saving PERCENT  of the price of the GPUs that a change is about:
>                               what saves less is left; 1 unless given
>       --noise PERCENT         traffic so near to what the running plan was made
>                               for counts as the same; 5 unless given
>
> Output
>       --format table|json|csv
>                               how the plan is printed; table unless given
>   -o, --output FILE           also write the plan to FILE as JSON, whole or not
>                               at all; only where every limit is held
>   -h, --help                  print this help
>
> The manual: man slicewise-plan
$ slicewise help predict
> Usage: slicewise predict MIX.yaml [OPTION]...
>
> Predicts time to first token (TTFT) and time per output token (TPOT) of every
> engine of a mix: means and percentiles with bounds, throughput, the slowdown
> that its neighbours cause, and what binds.
>
> Prediction
>       --fit FILE              a fit of measured mixes instead of the shipped
>                               one
>       --quick                 by the closed form alone: microseconds instead of
>                               a second, and further off
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-predict
$ slicewise help simulate
> Usage: slicewise simulate [MIX.yaml|PLAN.json] [OPTION]...
>
> Plays the requests of every engine of a mix, or of a whole plan, through a
> simulated GPU: continuous batching step by step, neighbours that compete,
> turns, limiters, clocks. Says what predict says, by counting, and how many
> requests came later than their limits.
>
> Simulation
>       --duration SECONDS      simulated time of a repetition; unless given,
>                               long enough for some hundred requests of every
>                               engine, and for a trace to its end
>       --repetitions N         how often; unless given, until every mean is
>                               known to --precision or half a minute of work is
>                               done
>       --precision P           half of the 95 % interval around a mean, relative
>                               to it; 0.02 unless given
>       --seed N                of arrivals, lengths and jitter; 1 unless given;
>                               the second GPU of a plan takes the next one, and
>                               so on
>       --world N               draw all of the simulator's constants within
>                               their ranges by this seed; 0, the constants as
>                               they are, unless given
>       --cores N               host cores that all engines of a GPU share; as
>                               many as they want unless given
>       --no-slowdown           do not simulate every engine alone as well, which
>                               the slowdown needs
>       --list-constants        print what the simulator assumes, with ranges and
>                               origins, instead
>
> Files
>       --requests FILE         write every request of the first repetition to
>                               FILE as CSV
>       --timeline FILE         write 400 moments of the first repetition, of
>                               every engine and the GPU, to FILE as CSV
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-simulate
$ slicewise help validate
> Usage: slicewise validate MEASURED.csv [OPTION]...
>
> Reads measured engine steps, operators, mixes or pairs of engines, predicts
> every row and says how far the predictions are off. With --format csv every
> input row is repeated in order, with predicted_ms behind it.
>
> Rows
>       --gpu GPU               the GPU of rows that do not name theirs: single
>                               operators, pairs
>       --model MODEL           the model of rows that do not name theirs: pairs
>       --prompt-tokens TOKENS  length of every prompt, where rows of pairs do
>                               not say it
>       --output-tokens TOKENS  length of every answer, likewise
>       --calibration FILE      a calibration file instead of the shipped ones
>       --fit FILE              a fit of measured mixes instead of the shipped
>                               one; of mixes and pairs
>       --worst N               how many of the worst rows the table shows; 5
>                               unless given
>
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-validate

# The program's own words.
$ slicewise help
> Usage: slicewise COMMAND [OPTION]...
>
> The cheapest GPU slices for many language models, with every latency limit held.
>
> Commands
>   plan        the cheapest GPUs and slices that hold every latency limit
>   predict     latencies of several engines that share one GPU, under load
>   step        the time of one engine step alone on a slice of a GPU
>   validate    predicted beside measured, for rows of your own
>   catalog     the GPUs and models it knows, and what memory an engine takes
>
> slicewise help COMMAND explains one; slicewise --version prints the version.
> Exit status: 0 done, 1 usage, 2 bad input, 3 no plan holds every limit,
> 4 a file or a device failed.
$ slicewise --help | sed -n 1,1p
> Usage: slicewise COMMAND [OPTION]...
$ slicewise --version
> slicewise 0.1.0
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
>       --strategy NAME         how to plan; slicewise unless given
>       --commands              also print the whole command line that starts
>                               each engine
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
> Output
>       --format table|json|csv
>                               how results are printed; table unless given
>   -o, --output FILE           write the results to FILE, whole or not at all
>   -h, --help                  print this help
>
> The manual: man slicewise-predict
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

# What it knows.
$ slicewise catalog
> GPU                  architecture  SMs  16-bit TFLOPS   fp8  GiB  GB/s  L2 MiB    W  MIG  step times
> -------------------  ------------  ---  -------------  ----  ---  ----  ------  ---  ---  -------------------
> a10                  ampere         72            125     -   22   600       6  150  no   from l40s
> a100-pcie-40gb       ampere        108            312     -   40  1555      40  250  yes  from a100-sxm4-80gb
> a100-pcie-80gb       ampere        108            312     -   80  1935      40  300  yes  from a100-sxm4-80gb
> a100-sxm4-40gb       ampere        108            312     -   40  1555      40  400  yes  from a100-sxm4-80gb
> a100-sxm4-80gb       ampere        108            312     -   80  2039      40  400  yes  measured
> h100-pcie            hopper        114            756  1513   80  2039      50  350  yes  from h100-sxm
> h100-sxm             hopper        132            989  1979   80  3352      50  700  yes  measured
> h200-sxm             hopper        132            989  1979  140  4800      60  700  yes  from h100-sxm
> l4                   ada            58            121   242   22   300      48   72  no   from l40s
> l40s                 ada           142            362   733   45   864      96  350  no   measured
> quadro-rtx-6000      turing         72            130     -   24   672       6  260  no   from l40s
> rtx-4090             ada           128            165   330   24  1008      72  450  no   from l40s
> rtx-6000-ada         ada           142            364   728   48   960      96  300  no   from l40s
> rtx-pro-6000-server  blackwell     188            480   960   96  1597     128  600  yes  measured
> v100-sxm2-16gb       volta          80            125     -   16   900       6  300  no   from a100-sxm4-80gb
> v100-sxm2-32gb       volta          80            125     -   32   900       6  300  no   from a100-sxm4-80gb
>
> model                          family   billion  layers  hidden  heads  context  dtype     KiB/token
> -----------------------------  -------  -------  ------  ------  -----  -------  --------  ---------
> deepseek-r1-distill-llama-8b   llama       8.03      32    4096  32/8    131072  bfloat16        128
> deepseek-r1-distill-qwen-1.5b  qwen2       1.78      28    1536  12/2    131072  bfloat16         28
> deepseek-r1-distill-qwen-7b    qwen2       7.62      28    3584  28/4    131072  bfloat16         56
> llama-13b                      llama      13.02      40    5120  40/40     2048  float16         800
> llama-2-13b                    llama      13.02      40    5120  40/40     4096  float16         800
> llama-2-7b                     llama       6.74      32    4096  32/32     4096  float16         512
> llama-3.1-8b                   llama       8.03      32    4096  32/8    131072  bfloat16        128
> llama-3.2-1b                   llama       1.24      16    2048  32/8    131072  bfloat16         32
> llama-3.2-3b                   llama       3.21      28    3072  24/8    131072  bfloat16        112
> llama-7b                       llama       6.74      32    4096  32/32     2048  float16         512
> mistral-7b                     mistral     7.24      32    4096  32/8     32768  bfloat16        128
> phi-2                          phi         2.78      32    2560  32/32     2048  float16         320
> phi-3-mini-4k                  phi3        3.82      32    3072  32/32     4096  bfloat16        384
> phi-4                          phi3       14.66      40    5120  40/10    16384  bfloat16        200
> qwen2.5-0.5b                   qwen2       0.49      24     896  14/2     32768  bfloat16         12
> qwen2.5-1.5b                   qwen2       1.54      28    1536  12/2    131072  bfloat16         28
> qwen2.5-14b                    qwen2      14.77      48    5120  40/8    131072  bfloat16        192
> qwen2.5-3b                     qwen2       3.09      36    2048  16/2     32768  bfloat16         36
> qwen2.5-7b                     qwen2       7.62      28    3584  28/4    131072  bfloat16         56
> qwen3-0.6b                     qwen3       0.60      28    1024  16/8     40960  bfloat16        112
> qwen3-1.7b                     qwen3       1.72      28    2048  16/8     40960  bfloat16        112
> qwen3-14b                      qwen3      14.77      40    5120  40/8     40960  bfloat16        160
> qwen3-32b                      qwen3      32.76      64    5120  64/8     40960  bfloat16        256
> qwen3-4b                       qwen3       4.02      36    2560  32/8     40960  bfloat16        144
> qwen3-8b                       qwen3       8.19      36    4096  32/8     40960  bfloat16        144
$ slicewise catalog gpus --format csv | sed -n 1,3p
> id,name,architecture,compute_capability,sms,boost_clock_mhz,float16_tflops,fp8_tflops,dram_gib,dram_gb_s,l2_mib,power_w,mig,calibration
> a10,NVIDIA A10,ampere,8.6,72,1695,125,,22.4882812,600,6,150,0,from l40s
> a100-pcie-40gb,NVIDIA A100-PCIE-40GB,ampere,8.0,108,1410,312,,40,1555,40,250,1,from a100-sxm4-80gb
$ slicewise catalog models --format csv | sed -n 1,3p
> id,family,parameters,parameters_published,layers,hidden,heads,kv_heads,head_dim,intermediate,vocab,max_position,dtype,kv_bytes_per_token
> deepseek-r1-distill-llama-8b,llama,8.03026125e+09,8.03026125e+09,32,4096,32,8,128,14336,128256,131072,bfloat16,131072
> deepseek-r1-distill-qwen-1.5b,qwen2,1.777088e+09,1.777088e+09,28,1536,12,2,128,8960,151936,131072,bfloat16,28672
$ slicewise catalog --format json | keys
> gpus[].id string
> gpus[].name string
> gpus[].architecture string
> gpus[].compute_capability string
> gpus[].sms number
> gpus[].boost_clock_mhz number
> gpus[].float16_tflops number
> gpus[].fp8_tflops null|number
> gpus[].dram_gib number
> gpus[].dram_gb_s number
> gpus[].l2_mib number
> gpus[].power_w number
> gpus[].mig bool
> gpus[].calibration string
> models[].id string
> models[].family string
> models[].parameters number
> models[].parameters_published number
> models[].layers number
> models[].hidden number
> models[].heads number
> models[].kv_heads number
> models[].head_dim number
> models[].intermediate number
> models[].vocab number
> models[].max_position number
> models[].dtype string
> models[].kv_bytes_per_token number
$ slicewise catalog gpus --format json | keys | grep -c .
> 14
$ slicewise catalog a100-sxm4-80gb
> NVIDIA A100-SXM4-80GB  a100-sxm4-80gb, ampere, compute capability 8.0
>
> figure                 value  unit    source
> ---------------------  -----  ------  ------
> SMs                    108            [1]
> threads per SM         2048           [2]
> shared memory per SM   164    KiB     [2]
> boost clock            1410   MHz     [3]
> peak, float32          19.5   TFLOPS  [1]
> peak, float16          312    TFLOPS  [1]
> peak, bfloat16         312    TFLOPS  [1]
> peak, int8             624    TOPS    [1]
> peak, int4             1248   TOPS    [1]
> memory                 80     GiB     [4]
> memory a process sees  79.25  GiB     [5]
> memory bandwidth       2039   GB/s    [3]
> L2 cache               40     MiB     [3]
> power limit            400    W       [3]
> PCIe, one way          31.5   GB/s    [6]
>
> MIG profile  compute slices  memory slices  SMs    GiB  at most  may begin at
> -----------  --------------  -------------  ---  -----  -------  -------------
> 1g.10gb                   1              1   14   9.50        7  0 1 2 3 4 5 6
> 1g.20gb                   1              2   14  19.50        4  0 2 4 6
> 2g.20gb                   2              2   28  19.50        3  0 2 4
> 3g.40gb                   3              4   42  39.25        2  0 4
> 4g.40gb                   4              4   56  39.25        1  0
> 7g.80gb                   7              8   98  79.00        1  0
>
> Only 98 of the 108 SMs are usable under MIG. Drivers differ by up to 0.2 GiB in the memory they
> show.
>
> Step times: measured; doubt (one standard deviation) 5 % in prefill, 5 % in decode.
> fitted on measured products and attention of this GPU, and on whole steps against the share under
> MPS
>
> [1] A100, glennklockwood.com, after NVIDIA's white paper and datasheet
>     https://glennklockwood.com/garden/processors/A100
> [2] NVIDIA CCCL, limits per compute capability
>     https://github.com/NVIDIA/cccl/blob/main/libcudacxx/include/cuda/__device/arch_traits.h
> [3] A100 in its four forms, thundercompute.com
>     https://www.thundercompute.com/blog/nvidia-a100-specs-full-guide
> [4] totals of nvidia-smi per type of GPU, modal-client pull request 2797
>     https://github.com/modal-labs/modal-client/pull/2797
> [5] total in a CUDA message of OOTDiffusion issue 235
>     https://github.com/levihsu/OOTDiffusion/issues/235
> [6] PCI Express base specification: 16 lanes, transfer rate x 128/130 / 8 bits
>     https://pcisig.com/specifications
> [7] NVIDIA Multi-Instance GPU User Guide, supported profiles; memory and SMs from listings of nvidia-smi mig -lgip
>     https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
$ slicewise catalog l4 --format json | keys | sed -n 1,30p
> gpu.id string
> gpu.name string
> gpu.architecture string
> gpu.compute_capability string
> gpu.sms number
> gpu.max_threads_per_sm number
> gpu.shared_kib_per_sm number
> gpu.base_clock_mhz number
> gpu.boost_clock_mhz number
> gpu.float32_tflops number
> gpu.float16_tflops number
> gpu.bfloat16_tflops number
> gpu.fp8_tflops number
> gpu.int8_tflops number
> gpu.int4_tflops null
> gpu.dram_gib number
> gpu.visible_gib null
> gpu.dram_gb_s number
> gpu.l2_mib number
> gpu.power_w number
> gpu.pcie_gb_s number
> gpu.mig[] empty
> gpu.calibration.id string
> gpu.calibration.measured bool
> gpu.calibration.prefill_doubt number
> gpu.calibration.decode_doubt number
> gpu.calibration.basis string
> gpu.notes[] string
> gpu.sources.sms string
> gpu.sources.max_threads_per_sm string
$ slicewise catalog l4 --format csv | sed -n 1,3p
> figure,value,unit,source
> sms,58,,"specifications of the L4 (7424 cores: 58 SMs), fpsbench.com"
> max_threads_per_sm,1536,,"NVIDIA CCCL, limits per compute capability"
$ slicewise catalog qwen3-4b
> qwen3-4b
>
> what                             value       unit
> -------------------------------  ----------  ---------------
> family                           qwen3
> layers                           36
> hidden size                      2560
> MLP size                         9728
> query heads                      32
> key and value heads              8
> size of a head                   128
> vocabulary                       151936      tokens
> longest context                  40960       tokens
> output tied to embedding         yes
> gated MLP                        yes
> query and key norms              yes
> dtype                            bfloat16
> quantisation                     none
> parameters                       4022468096  from the shapes
> parameters, published            4022468096
>   embedding                      388956160
>   linear layers                  3633315840
>   norms and biases               196096
>   output matrix                  0
> weights                          7.49243     GiB
> KV cache per token               147456      bytes
> KV cache of the longest context  5.625       GiB
>
> From config.json of Qwen/Qwen3-4B
> https://huggingface.co/Qwen/Qwen3-4B
$ slicewise catalog qwen3-4b --format json
> {
>   "model": {
>     "id": "qwen3-4b",
>     "family": "qwen3",
>     "layers": 36,
>     "hidden": 2560,
>     "intermediate": 9728,
>     "heads": 32,
>     "kv_heads": 8,
>     "head_dim": 128,
>     "vocab": 151936,
>     "max_position": 40960,
>     "tied_embeddings": true,
>     "gated_mlp": true,
>     "qk_norm": true,
>     "dtype": "bfloat16",
>     "quantization": "none",
>     "parameters": 4022468096,
>     "parameters_published": 4022468096,
>     "parameters_embedding": 388956160,
>     "parameters_linear": 3633315840,
>     "parameters_vector": 196096,
>     "parameters_lm_head": 0,
>     "weight_gib": 7.49243069,
>     "kv_bytes_per_token": 147456,
>     "kv_longest_gib": 5.625,
>     "source": {
>       "document": "config.json of Qwen/Qwen3-4B",
>       "address": "https://huggingface.co/Qwen/Qwen3-4B"
>     }
>   }
> }
$ slicewise catalog mistral-7b --format csv | sed -n 1,3p
> key,value,unit
> family,mistral,
> layers,32,

# Files of one's own.
@ config.json
| {"model_type": "llama", "hidden_size": 2048, "intermediate_size": 5632, "num_hidden_layers": 22,
|  "num_attention_heads": 32, "num_key_value_heads": 4, "vocab_size": 32000, "max_position_embeddings": 2048,
|  "tie_word_embeddings": false, "torch_dtype": "bfloat16"}
$ slicewise catalog ./config.json
> config
>
> what                             value       unit
> -------------------------------  ----------  ---------------
> family                           llama
> layers                           22
> hidden size                      2048
> MLP size                         5632
> query heads                      32
> key and value heads              4
> size of a head                   64
> vocabulary                       32000       tokens
> longest context                  2048        tokens
> output tied to embedding         no
> gated MLP                        yes
> query and key norms              no
> dtype                            bfloat16
> quantisation                     none
> parameters                       1100048384  from the shapes
>   embedding                      65536000
>   linear layers                  968884224
>   norms and biases               92160
>   output matrix                  65536000
> weights                          2.049       GiB
> KV cache per token               22528       bytes
> KV cache of the longest context  0.0429688   GiB

# What does not exist, and what cannot be read.
$ slicewise catalog l44
! slicewise: unknown id l44; did you mean l4?
= 2
$ slicewise catalog a100
! slicewise: unknown id a100; did you mean a100-pcie-40gb, a100-pcie-80gb, a100-sxm4-40gb, a100-sxm4-80gb?
= 2
$ slicewise catalog something-else
! slicewise: unknown id something-else; slicewise catalog lists them
= 2
$ slicewise catalog missing/config.json
! slicewise: missing/config.json: cannot open: No such file or directory
= 4
@ broken.json
| {"model_type": "llama", "hidden_size": "wide"}
$ slicewise catalog broken.json
! slicewise: broken.json:1: hidden_size: found "wide", expected a whole number from 1 and at most 1048576
= 2
@ mixture.json
| {"model_type": "mixtral", "architectures": ["MixtralForCausalLM"], "hidden_size": 4096, "num_local_experts": 8}
$ slicewise catalog mixture.json
! slicewise: mixture.json:1: num_local_experts: found 8, expected a dense model; mixture-of-experts models are not supported yet
= 2

# Notes and sources of a GPU file are shown as they stand, so they must be texts.
@ noted.json
| {"format": "slicewise-gpu-1", "id": "my", "name": "My", "architecture": "ada", "compute_capability": "8.9", "sms": 100,
|  "max_threads_per_sm": 1536, "boost_clock_mhz": 2400, "peak_tflops": {"float16": 245.8}, "dram_mib": 32768,
|  "dram_gb_s": 800, "l2_mib": 64,
|  "notes": [null]}
$ slicewise catalog ./noted.json
! slicewise: ./noted.json:4: notes[0]: found nothing, expected a text
= 2
$ sed 's/.null./["a note"]/' noted.json > fine.json; slicewise catalog ./fine.json | grep note
> a note
$ printf '\357\273\277' | cat - fine.json > marked.json; slicewise catalog ./marked.json | head -n 1
> My  my, ada, compute capability 8.9

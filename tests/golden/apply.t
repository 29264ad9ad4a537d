# A plan as manifests for a cluster with HAMi.
$ slicewise plan $SOURCE/examples/cluster/workloads.yaml -o plan.json > /dev/null; cp $SOURCE/examples/cluster/nodes.json .
$ slicewise apply plan.json --nodes nodes.json
> workload   replica  GPU of the plan   node   GPU                                       gpumem MiB  gpucores %
> ---------  -------  ----------------  -----  ----------------------------------------  ----------  ----------
> chat             0  a100-sxm4-80gb/0  gpu-0  GPU-6c1e0000-0000-4000-8000-000000000000       21824          39
> complete         0  a100-sxm4-80gb/0  gpu-0  GPU-6c1e0000-0000-4000-8000-000000000000        4352          15
> summarise        0  a100-sxm4-80gb/0  gpu-0  GPU-6c1e0000-0000-4000-8000-000000000000       35776          40
>
> nothing was written or changed; --manifests DIR writes 3 files
$ slicewise apply plan.json --nodes nodes.json --format csv
> workload,replica,plan_gpu,node,uuid,gpumem,gpucores
> chat,0,a100-sxm4-80gb/0,gpu-0,GPU-6c1e0000-0000-4000-8000-000000000000,21824,39
> complete,0,a100-sxm4-80gb/0,gpu-0,GPU-6c1e0000-0000-4000-8000-000000000000,4352,15
> summarise,0,a100-sxm4-80gb/0,gpu-0,GPU-6c1e0000-0000-4000-8000-000000000000,35776,40
$ slicewise apply plan.json --nodes nodes.json --manifests out --namespace llm --format json | python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["files"], len(d["engines"]))'
> ['chat.yaml', 'complete.yaml', 'summarise.yaml'] 3
$ ls out; cat out/complete.yaml
> chat.yaml
> complete.yaml
> summarise.yaml
> ---
> apiVersion: v1
> kind: Service
> metadata:
>   name: complete
>   namespace: llm
> spec:
>   selector:
>     app.kubernetes.io/name: complete
>   ports:
>   - name: http
>     port: 80
>     targetPort: http
> ---
> apiVersion: apps/v1
> kind: Deployment
> metadata:
>   name: complete-0
>   namespace: llm
>   labels:
>     app.kubernetes.io/name: complete
>     app.kubernetes.io/instance: complete-0
>     app.kubernetes.io/managed-by: slicewise
>     slicewise.io/engine: vllm
> spec:
>   replicas: 1
>   strategy:
>     type: Recreate
>   selector:
>     matchLabels:
>       app.kubernetes.io/name: complete
>       app.kubernetes.io/instance: complete-0
>   template:
>     metadata:
>       labels:
>         app.kubernetes.io/name: complete
>         app.kubernetes.io/instance: complete-0
>         app.kubernetes.io/managed-by: slicewise
>         slicewise.io/engine: vllm
>       annotations:
>         nvidia.com/use-gpuuuid: GPU-6c1e0000-0000-4000-8000-000000000000
>         nvidia.com/vgpu-mode: hami-core
>         slicewise.io/gpu: a100-sxm4-80gb/0
>         prometheus.io/scrape: "true"
>         prometheus.io/port: "8000"
>         prometheus.io/path: /metrics
>     spec:
>       nodeSelector:
>         kubernetes.io/hostname: gpu-0
>       containers:
>       - name: engine
>         image: "vllm/vllm-openai:v0.14.0"
>         command:
>         - vllm
>         - serve
>         - Qwen/Qwen3-0.6B
>         - "--served-model-name"
>         - complete
>         - "--port"
>         - "8000"
>         - "--dtype"
>         - bfloat16
>         - "--kv-cache-dtype"
>         - auto
>         - "--max-model-len"
>         - "9216"
>         - "--max-num-seqs"
>         - "8"
>         - "--max-num-batched-tokens"
>         - "1024"
>         - "--gpu-memory-utilization"
>         - "0.9000"
>         - "--kv-cache-memory-bytes"
>         - "2344393932"
>         - "--enable-chunked-prefill"
>         - "--enable-prefix-caching"
>         - "--enforce-eager"
>         env:
>         - name: GPU_CORE_UTILIZATION_POLICY
>           value: force
>         ports:
>         - name: http
>           containerPort: 8000
>         resources:
>           limits:
>             nvidia.com/gpu: 1
>             nvidia.com/gpumem: 4352
>             nvidia.com/gpucores: 15
>         startupProbe:
>           httpGet:
>             path: /health
>             port: 8000
>           periodSeconds: 5
>           failureThreshold: 180
>         readinessProbe:
>           httpGet:
>             path: /health
>             port: 8000
>           periodSeconds: 5
>           failureThreshold: 3
# Again: the same bytes.
$ slicewise apply plan.json --nodes nodes.json --manifests again --namespace llm > /dev/null; diff -r out again
# What is missing or is none of it.
$ slicewise apply plan.json
! slicewise: apply: --nodes NODES.json is missing: `kubectl get nodes -o json` prints it (slicewise help apply)
= 1
$ slicewise apply plan.json --nodes nowhere.json
! slicewise: nowhere.json: cannot open: No such file or directory
= 4
$ slicewise apply plan.json --nodes plan.json
! slicewise: plan.json: found no list of nodes, expected what `kubectl get nodes -o json` prints
= 2
$ slicewise apply $SOURCE/examples/cluster/workloads.yaml --nodes nodes.json 2>&1 | sed 's|[^ ]*/workloads|workloads|'
> slicewise: workloads.yaml:3: fleet: unknown key; expected one of gpu, mechanism, tenants
= 2
$ sed 's/"gpu": "a100-sxm4-80gb"/"gpu": "l40s"/' plan.json > l40s.json; slicewise apply l40s.json --nodes nodes.json --manifests none; ls none
! slicewise: l40s.json:14: gpus[0].tenants: found 60.5 GiB of memory in all, expected at most the 44.9883 GiB of l40s
! ls: cannot access 'none': No such file or directory
= 2
$ sed 's/,."health.":true//g' nodes.json > sick.json; slicewise apply plan.json --nodes sick.json
! slicewise: the plan has 1 GPUs a100-sxm4-80gb; the nodes have 0 healthy ones, 4 others
= 3

# What simulate refuses.
$ slicewise simulate
! slicewise: simulate: MIX.yaml|PLAN.json is missing (slicewise help simulate)
= 1
$ slicewise simulate missing.yaml
! slicewise: missing.yaml: cannot open: No such file or directory
= 4
$ slicewise simulate .
! slicewise: .: is a folder, expected a file
= 4
@ good.yaml
| gpu: l4
| mechanism: exclusive
| tenants:
|   - model: qwen3-0.6b
|     load: {rate: 0.5, prompt_tokens: 100, output_tokens: 20}
$ slicewise simulate good.yaml good.yaml
! slicewise: simulate: unexpected argument good.yaml (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --duration 0
! slicewise: simulate: --duration: found 0, expected a number above 0 and at most 1000000 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --duration 1e7
! slicewise: simulate: --duration: found 1e7, expected a number above 0 and at most 1000000 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --repetitions 0
! slicewise: simulate: --repetitions: found 0, expected a whole number from 1 to 10000 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --repetitions 1.5
! slicewise: simulate: --repetitions: found 1.5, expected a whole number from 1 to 10000 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --precision 0
! slicewise: simulate: --precision: found 0, expected a number above 0 and at most 0.5 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --precision 1
! slicewise: simulate: --precision: found 1, expected a number above 0 and at most 0.5 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --seed -1
! slicewise: simulate: --seed: found -1, expected a whole number from 0 to 4294967295 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --world x
! slicewise: simulate: --world: found x, expected a whole number from 0 to 4294967295 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --cores 0
! slicewise: simulate: --cores: found 0, expected a number above 0 and at most 100000 (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --list-constants
! slicewise: simulate: --list-constants goes without a file (slicewise help simulate)
= 1
$ slicewise simulate good.yaml --durations 3
! slicewise: simulate: unknown option --durations; did you mean --duration? (slicewise help simulate)
= 1

# Nothing is printed where a file cannot be written.
$ slicewise simulate good.yaml --duration 10 --repetitions 1 --requests missing/requests.csv
! slicewise: missing/requests.csv: cannot create: No such file or directory
= 4
$ slicewise simulate good.yaml --duration 10 --repetitions 1 --timeline /
! slicewise: /: is a folder, expected a file
= 4
$ slicewise simulate good.yaml --duration 10 --repetitions 1 -o missing/out
! slicewise: missing/out: cannot create: No such file or directory
= 4

# A mix as predict would refuse it, and what is neither mix nor plan.
$ sed 's|rate: 0.5|rate: fast|' good.yaml > bad.yaml; slicewise simulate bad.yaml
! slicewise: bad.yaml:5: tenants[0].load.rate: found "fast", expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's|qwen3-0.6b|llama-13b|' good.yaml > bad.yaml; slicewise simulate bad.yaml
! slicewise: bad.yaml:4: tenants[0]: llama-13b does not fit on l4: weights and workspace take 25.59 GiB of 19.94 (22.16 GiB x 0.9)
= 3
$ echo '[1, 2]' > bad.json; slicewise simulate bad.json
! slicewise: bad.json:1: found a list, expected a map of keys
= 2
$ printf '' > empty.json; slicewise simulate empty.json
! slicewise: empty.json:1: not valid JSON: unexpected token near end of file
= 2

# Plans that cannot be used.
$ echo '{"format": "slicewise-plan-2", "gpus": [], "workloads": []}' > bad.json; slicewise simulate bad.json
! slicewise: bad.json:1: format: found "slicewise-plan-2", expected one of slicewise-plan-1
= 2
$ echo '{"format": "slicewise-plan-1", "workloads": []}' > bad.json; slicewise simulate bad.json
! slicewise: bad.json:1: key gpus is missing
= 2
@ workloads.yaml
| fleet:
|   - {gpu: l4, mechanism: mps}
| workloads:
|   - {name: a, model: qwen3-0.6b, load: {rate: 2, prompt_tokens: 100, output_tokens: 20}}
$ slicewise plan workloads.yaml -o plan.json > table
$ sed 's|"model": "qwen3-0.6b"|"model": "mine"|' plan.json > bad.json; slicewise simulate bad.json
! slicewise: bad.json:18: gpus[0].tenants[0].model: unknown model "mine"; nearest ids: phi-2, phi-4, llama-7b (or the path of a .json file)
= 2
$ sed 's|"workload": "a"|"workload": "b"|' plan.json > bad.json; slicewise simulate bad.json
! slicewise: bad.json:16: gpus[0].tenants[0].workload: found "b", expected the name of a workload of this plan
= 2
$ sed 's|"share": [0-9.]*|"share": 1.5|' plan.json > bad.json; slicewise simulate bad.json
! slicewise: bad.json:19: gpus[0].tenants[0].share: found 1.5, expected a number (fraction of the GPU's compute) above 0 and at most 1
= 2
$ sed 's|"max_num_seqs": [0-9]*|"max_num_seqs": 0|' plan.json > bad.json; slicewise simulate bad.json
! slicewise: bad.json:28: gpus[0].tenants[0].engine.max_num_seqs: found 0, expected a whole number (sequences) from 1 and at most 65536
= 2
$ sed 's|"rate": 2,|"rate": 3,|' plan.json > bad.json; slicewise simulate bad.json --duration 10 --repetitions 1 --format csv | cut -d , -f 1-4
> id,gpu,mechanism,name
> l4/0,l4,mps,a/0
$ sed '0,/"rate": 2,/s//"rate": 3,/' plan.json > bad.json; slicewise simulate bad.json
! slicewise: bad.json:22: gpus[0].tenants[0].rate: found 3, expected at most the workload's 2 requests per second
= 2

# What profile refuses.
$ slicewise profile
! slicewise: profile: CAMPAIGN.yaml is missing (slicewise help profile)
= 1
$ slicewise profile missing.yaml
! slicewise: profile: -o DATA.db is missing, or --dry-run (slicewise help profile)
= 1
$ slicewise profile missing.yaml -n
! slicewise: missing.yaml: cannot open: No such file or directory
= 4
@ good.yaml
| gpu: l4
| mechanism: hami
| engine: {max_model_len: 2048, cuda_graphs: false}
| prompt_tokens: 100
| output_tokens: 20
| models: [qwen3-0.6b]
| alone: {shares: [0.5, 1], concurrency: [1]}
$ slicewise profile good.yaml -o good.yaml
! slicewise: good.yaml: found something else, expected a data set (an SQLite file)
= 2
$ slicewise profile good.yaml -n -j 0
! slicewise: profile: --jobs: found 0, expected a whole number from 1 to 256 (slicewise help profile)
= 1
$ slicewise profile good.yaml -n --dry
! slicewise: profile: unknown option --dry (slicewise help profile)
= 1
$ sed 's/l4/l5/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:1: gpu: unknown GPU "l5"; nearest ids: l4, a10, l40s (or the path of a .json file)
= 2
$ sed 's/hami/mbs/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:2: mechanism: found "mbs", expected one of exclusive, mps, timeslice, hami, mig, cpu-quota
= 2
$ sed 's/0.6b/0.7b/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:6: models[0]: unknown model "qwen3-0.7b"; nearest ids: qwen3-0.6b, qwen3-1.7b, qwen3-14b (or the path of a .json file)
= 2
$ sed 's/0.5, 1/0.5, 1.1/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.shares[1]: found 1.1, expected a number (fraction of the compute) above 0 and at most 1
= 2
$ sed 's/0.5, 1/0.5, 0.5/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.shares[1]: found 0.5, expected a level that no other is
= 2
$ sed 's/shares/share/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.share: unknown key; did you mean shares?
= 2
$ sed 's/concurrency: .1./concurrency: [0]/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.concurrency[0]: found 0, expected a number (requests in flight) above 0 and at most 100000
= 2
$ sed 's/concurrency: .1./rates: [-1]/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.rates[0]: found -1, expected a number (requests per second) above 0 and at most 1000000
= 2
$ sed 's/concurrency: .1./load: [2]/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:7: alone.load[0]: found 2, expected a number (part of what the engine sustains alone) above 0 and at most 1
= 2
$ sed 's/100/3000/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:6: models: qwen3-0.6b: the mean request has 3020 tokens, expected at most the engine's max_model_len of 2048
= 2
$ sed '/^prompt/d' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:5: models[0]: key prompt_tokens is missing, here and for all
= 2
$ sed '/^alone/d' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:1: found no experiments, expected alone, together or both
= 2
$ (cat good.yaml; echo 'together: {pairs: 2.5, concurrency: 1}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: together.pairs: found 2.5, expected a whole number (sets of models) from 0 and at most 100000
= 2
$ (cat good.yaml; echo 'together: {pairs: all, shares: 2, concurrency: 1}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: together.shares: found 2, expected a number (fraction of the compute) above 0 and at most 1
= 2
$ (cat good.yaml; echo 'repeats: 1.5') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: repeats: found 1.5, expected a whole number (runs of each experiment) from 1 and at most 1000
= 2
$ (cat good.yaml; echo 'budget: {}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: budget: found an empty map, expected either runs or runs_per_model
= 2
$ (cat good.yaml; echo 'duration: {least_s: 5, most_s: 4}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: duration: found most_s 4, expected at least least_s, 5
= 2
$ (cat good.yaml; echo 'processes: {ready: /health}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: processes: key command is missing
= 2
$ (cat good.yaml; echo 'processes: {command: "serve --port {prot}"}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: processes.command: {prot}: no such word; docs/formats/campaign.md lists them
= 2
$ (cat good.yaml; echo 'processes: {command: serve, cpu_quota: true}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: processes: found cpu_quota under hami, expected mechanism: cpu-quota
= 2
$ (cat good.yaml; echo 'endpoints: {}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:6: models[0]: key url is missing: endpoints need one
= 2
$ (cat good.yaml; echo 'replay: {command: []}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: replay.command: found an empty list, expected a list of at least one word
= 2
$ (cat good.yaml; echo 'simulator: {}'; echo 'endpoints: {}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:9: endpoints: experiments run in one place: line 8 has simulator too
= 2
$ (cat good.yaml; echo 'metrics: {interval_s: fast}') > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:8: metrics.interval_s: found "fast", expected a number (seconds) from 0.05 and at most 3600
= 2
$ sed 's/gpu: l4/gpu: host/; s/hami/cpu-quota/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml:2: mechanism: found cpu-quota, expected endpoints or processes with it: nothing simulates a host
= 2
$ sed 's/qwen3-0.6b/qwen3-32b/' good.yaml > bad.yaml; slicewise profile bad.yaml -n
! slicewise: bad.yaml: no experiment fits the memory of l4
= 2

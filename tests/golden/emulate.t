# What `emulate` refuses before it listens. How it serves: tests/emulate.
@ mix.yaml
| gpu: a100-sxm4-40gb
| mechanism: mps
| tenants:
|   - {name: a, model: qwen3-0.6b, share: 0.5, memory_gib: 10, load: {rate: 1, prompt_tokens: 100, output_tokens: 20}}
|   - {name: b, model: qwen3-0.6b, share: 0.5, memory_gib: 10, load: {rate: 1, prompt_tokens: 100, output_tokens: 20}}
$ slicewise emulate
! slicewise: emulate: MIX.yaml is missing (slicewise help emulate)
= 1
$ slicewise emulate none.yaml
! slicewise: none.yaml: cannot open: No such file or directory
= 4
$ slicewise emulate mix.yaml --speed 0
! slicewise: emulate: --speed: found 0, expected a number from 0.001 to 10000 (slicewise help emulate)
= 1
$ slicewise emulate mix.yaml --port 65536
! slicewise: emulate: --port: found 65536, expected a whole number from 0 to 65535 (slicewise help emulate)
= 1
$ slicewise emulate mix.yaml --port 65535
! slicewise: port: found 65535, expected at most 65534 for 2 engines
= 2
$ slicewise emulate mix.yaml --duration 0
! slicewise: emulate: --duration: found 0, expected a number above 0 and at most 1000000000 (slicewise help emulate)
= 1
$ slicewise emulate mix.yaml --seed 1.5
! slicewise: emulate: --seed: found 1.5, expected a whole number from 0 to 4294967295 (slicewise help emulate)
= 1
$ slicewise emulate mix.yaml --live
! slicewise: emulate: --live needs --regions (slicewise help emulate)
= 1
$ slicewise emulate mix.yaml --regions regions --live; ls
> mix.yaml
! slicewise: regions belong to mechanism hami; the mix has mps
$ sed 's|qwen3-0.6b|qwen3-9b|' mix.yaml > bad.yaml; slicewise emulate bad.yaml
! slicewise: bad.yaml:4: tenants[0].model: unknown model "qwen3-9b"; nearest ids: qwen3-4b, qwen3-8b, qwen3-14b (or the path of a .json file)
= 2

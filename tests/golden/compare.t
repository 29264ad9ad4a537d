# Strategies side by side: what is printed, and that the numbers are those of every compiler.
@ two.yaml
| fleet:
|   - {gpu: l40s, count: 4, mechanism: mps, price_per_hour: 0.86, gpus_per_node: 2}
| workloads:
|   - name: chat
|     model: qwen3-0.6b
|     load: {rate: 2, prompt_tokens: {mean: 400, p95: 1200}, output_tokens: {mean: 60, p95: 150}}
|     slo: {ttft_p95_ms: 300, tpot_p95_ms: 30}
|   - name: tag
|     model: qwen2.5-0.5b
|     load: {rate: 3, prompt_tokens: {mean: 300, p95: 900}, output_tokens: {mean: 10, p95: 30}}
|     slo: {ttft_p95_ms: 300}
$ slicewise compare two.yaml --worlds 5 --seeds 1 --duration 30 --no-times --strategies slicewise,exclusive,even-split,oracle
> 2 workloads in 5 worlds of the simulator, each 1 time 30 s
>
> strategy    margin  GPUs  nodes  share  per hour  GPUs %  share %  cost %  later
> ----------  ------  ----  -----  -----  --------  ------  -------  ------  -----
> slicewise     1.00     1      1   0.09      0.86       -        -       -  -
> exclusive     1.00     2      1   2.00      1.72      50       96      50  -
> even-split    1.00     1      1   0.16      0.86       0       44       0  -
> oracle           -     1      -      -      0.86       -        -       -  -
> margin: limits were multiplied by it for planning, the best of those tried for each strategy;
> share: where it binds, else the whole GPU; GPUs %, share %, cost %: how much less slicewise takes;
> later: who has more excess late, in the median world or the worst tenth: only where it is neither,
> savings are at equal lateness. oracle: no plan takes less, it is proved.
>
> Load as it is in the file
> strategy    late %  excess %  from    to  worst tenth %  from    to  held %  worst workload
> ----------  ------  --------  ----  ----  -------------  ----  ----  ------  --------------
> slicewise     0.00      0.00  0.00  0.00           0.00  0.00  0.00     100  -
> exclusive     0.00      0.00  0.00  0.00           0.00  0.00  0.00     100  -
> even-split    0.00      0.00  0.00  0.00           0.00  0.00  0.00     100  -
> late, excess (beyond what limits allow): the worst workload in the median world, and in the worst
> tenth of the worlds; from, to: 95 %; held: worlds without excess; worst workload: in the worst
> tenth
# Threads change nothing.
$ slicewise compare two.yaml --worlds 3 --duration 10 --no-times --strategies slicewise,ffd --format csv --threads 1 > one.csv && slicewise compare two.yaml --worlds 3 --duration 10 --no-times --strategies slicewise,ffd --format csv --threads 5 | cmp - one.csv && cat one.csv
> strategy,gpus,nodes,share,cost_per_hour,margin,planning_ms,saved_gpus,saved_share,saved_cost,later,late_fraction,late_fraction_low,late_fraction_high,excess_late,excess_late_low,excess_late_high,excess_late_worst_decile,excess_late_worst_decile_low,excess_late_worst_decile_high,excess_late_nominal,worlds_held,other_late_fraction,other_late_fraction_low,other_late_fraction_high,other_excess_late,other_excess_late_low,other_excess_late_high,other_excess_late_worst_decile,other_excess_late_worst_decile_low,other_excess_late_worst_decile_high,other_excess_late_nominal,other_worlds_held,why
> slicewise,1,1,0.09,0.86,1,,,,,,0,,,0,,,0,,,0,1,,,,,,,,,,,,
> ffd,1,1,0.09,0.86,1,,0,0,0,,0,,,0,,,0,,,0,1,,,,,,,,,,,,

# Keys: those of every comparison, and more.
$ slicewise compare two.yaml --worlds 1 --seeds 1 --duration 10 --strategies exclusive,oracle,slicewise --burstiness 2 --format json | keys
> strategies[].strategy string
> strategies[].gpus number
> strategies[].nodes null|number
> strategies[].share null|number
> strategies[].cost_per_hour number
> strategies[].late_fraction null|number
> strategies[].late_fraction_interval[] null
> strategies[].excess_late null|number
> strategies[].excess_late_interval[] null
> strategies[].excess_late_worst_decile null|number
> strategies[].excess_late_worst_decile_interval[] null
> strategies[].excess_late_nominal null|number
> strategies[].worlds_held null|number
> strategies[].margin null|number
> strategies[].planning_ms null|number
> strategies[].saved_by_slicewise.gpus null|number
> strategies[].saved_by_slicewise.share null|number
> strategies[].saved_by_slicewise.cost_per_hour null|number
> strategies[].later null
> strategies[].why null
> strategies[].workloads[].name string
> strategies[].workloads[].replicas number
> strategies[].workloads[].late_fraction number
> strategies[].workloads[].excess_late number
> strategies[].workloads[].excess_late_worst_decile number
> strategies[].other_load.late_fraction null|number
> strategies[].other_load.late_fraction_interval[] null
> strategies[].other_load.excess_late null|number
> strategies[].other_load.excess_late_interval[] null
> strategies[].other_load.excess_late_worst_decile null|number
> strategies[].other_load.excess_late_worst_decile_interval[] null
> strategies[].other_load.excess_late_nominal null|number
> strategies[].other_load.worlds_held null|number
> strategies[].other_load.workloads[].name string
> strategies[].other_load.workloads[].replicas number
> strategies[].other_load.workloads[].late_fraction number
> strategies[].other_load.workloads[].excess_late number
> strategies[].other_load.workloads[].excess_late_worst_decile number
> strategies[].workloads[] empty
> strategies[].other_load.workloads[] empty
> worlds number
> seeds number
> shortest_s number
> longest_s number

# A strategy without a plan keeps its row.
@ late.yaml
| fleet:
|   - {gpu: l40s, count: 1, mechanism: mps}
| workloads:
|   - name: chat
|     model: qwen3-0.6b
|     load: {rate: 2, prompt_tokens: 400, output_tokens: 60}
|     slo: {ttft_p95_ms: 300, tpot_p95_ms: 30}
|   - name: tag
|     model: qwen2.5-0.5b
|     load: {rate: 3, prompt_tokens: 300, output_tokens: 10}
|     slo: {ttft_p95_ms: 300}
$ slicewise compare late.yaml --worlds 1 --seeds 1 --duration 10 --strategies exclusive,slicewise --no-times
> 2 workloads in 1 world of the simulator, each 1 time 10 s
>
> strategy   margin  GPUs  nodes  share  per hour  GPUs %  share %  cost %  later
> ---------  ------  ----  -----  -----  --------  ------  -------  ------  -----
> slicewise    1.00     1      -   0.08      1.00       -        -       -  -
> exclusive       -     -      -      -         -       -        -       -  -
> margin: limits were multiplied by it for planning, the best of those tried for each strategy;
> share: where it binds, else the whole GPU; GPUs %, share %, cost %: how much less slicewise takes;
> later: who has more excess late, in the median world or the worst tenth: only where it is neither,
> savings are at equal lateness. oracle: no plan takes less, it is proved.
>
> Load as it is in the file
> strategy   late %  excess %  from  to  worst tenth %  from  to  held %  worst workload
> ---------  ------  --------  ----  --  -------------  ----  --  ------  --------------
> slicewise    0.00      0.00     -   -           0.00     -   -     100  -
> late, excess (beyond what limits allow): the worst workload in the median world, and in the worst
> tenth of the worlds; from, to: 95 %; held: worlds without excess; worst workload: in the worst
> tenth
>
> exclusive: tag: the fleet has no room left: of 1 engine (each share 0.03 and 2.438 GiB on l40s), 0
>     found a place
# Savings against load.
$ slicewise compare two.yaml --load-curve 90,10 --seeds 1 --duration 10 --margins 1,0.5
> 100 % of load: what one engine with a GPU to itself sustains within the limits
>   chat: 90.02 requests per second on l40s
>   tag: 384.5 requests per second on l40s
>
> load %  strategy    margin  GPUs  share  per hour  GPUs %  share %  cost %  later      late %  excess %  worst tenth %
> ------  ----------  ------  ----  -----  --------  ------  -------  ------  ---------  ------  --------  -------------
>     10  slicewise     1.00     1   0.18      0.86       -        -       -  -           15.38     10.38          10.38
>         exclusive     1.00     2   2.00      1.72      50       91      50  slicewise    0.00      0.00           0.00
>         even-split    1.00     1   0.20      0.86       0       10       0  slicewise    0.00      0.00           0.00
>     90  slicewise     1.00     2   1.40      1.72       -        -       -  -            0.00      0.00           0.00
>         exclusive     1.00     2   2.00      1.72       0       30       0  -            0.00      0.00           0.00
>         even-split    1.00     2   2.00      1.72       0       30       0  -            0.00      0.00           0.00
> GPUs %, share %, cost %: how much less slicewise takes; later: who has more excess late. late,
> excess: the worst workload in the median world; worst tenth: of the worlds. break-even: from there
> on slicewise costs less than 1 % less.
>
> exclusive: break-even at 88 % of load
> even-split: slicewise costs no less at any load
$ slicewise compare two.yaml --load-curve 10 --seeds 1 --duration 10 --strategies slicewise,exclusive --format csv
> load,strategy,margin,gpus,share,cost_per_hour,saved_gpus,saved_share,saved_cost,later,late_fraction,excess_late,excess_late_worst_decile,why
> 0.1,slicewise,1,1,0.18,0.86,,,,,0.153846154,0.103846154,0.103846154,
> 0.1,exclusive,1,2,2,1.72,0.5,0.91,0.5,slicewise,0,0,0,
$ slicewise compare two.yaml --load-curve 10,60 --seeds 1 --duration 10 --strategies slicewise,exclusive --format json | keys
> points[].load number
> points[].strategy string
> points[].margin number
> points[].gpus number
> points[].share number
> points[].cost_per_hour number
> points[].saved_gpus null|number
> points[].saved_share null|number
> points[].saved_cost null|number
> points[].later null|string
> points[].late_fraction number
> points[].excess_late number
> points[].excess_late_worst_decile number
> points[].why null
> break_even.exclusive null
> capacities[].name string
> capacities[].gpu string
> capacities[].rate number
# Figures.
$ slicewise compare two.yaml --load-curve 10,60 --seeds 1 --duration 10 --strategies slicewise,exclusive --svg curve.svg > /dev/null && slicewise compare two.yaml --worlds 1 --duration 10 --strategies slicewise,exclusive,oracle --svg bars.svg > /dev/null && python3 -c 'import sys, xml.dom.minidom as m; [print(len(m.parse(f).getElementsByTagName("text")) > 20) for f in sys.argv[1:]]' curve.svg bars.svg
> True
> True
# One page by itself: well-formed, with the figure and the tables, and nothing is fetched.
$ slicewise compare two.yaml --worlds 1 --seeds 1 --duration 10 --strategies slicewise,exclusive,parvagpu --burstiness 2 --html page.html > /dev/null && slicewise compare two.yaml --load-curve 10,60 --seeds 1 --duration 10 --strategies slicewise,exclusive --html curve.html > /dev/null && python3 -c 'import re, sys, xml.dom.minidom as m; [print(*[len(m.parse(f).getElementsByTagName(t)) for t in ("svg", "table", "caption", "script", "link", "img")], re.findall(r"(?:src|href|url)\W", open(f).read())) for f in sys.argv[1:]]' page.html curve.html
> 1 3 3 0 0 0 []
> 1 1 1 0 0 0 []
$ slicewise compare two.yaml --worlds 1 --seeds 1 --duration 10 --strategies slicewise --html no/where.html
! slicewise: no/where.html: cannot create: No such file or directory
= 4
$ slicewise compare two.yaml --worlds 1 --seeds 1 --duration 10 --strategies slicewise --svg no/where.svg
! slicewise: no/where.svg: cannot create: No such file or directory
= 4
# What is refused.
$ slicewise compare two.yaml --load-curve 10,1001
! slicewise: compare: --load-curve: found "1001", expected numbers above 0 and at most 1000 with commas between them (slicewise help compare)
= 1
$ slicewise compare two.yaml --load-curve half
! slicewise: compare: --load-curve: found "half", expected numbers above 0 and at most 1000 with commas between them (slicewise help compare)
= 1
$ slicewise compare two.yaml --strategies slicewise,best-fit 2>&1 | cut -c 1-70
> slicewise: compare: --strategies: found best-fit, expected some of che
= 1
$ slicewise compare two.yaml --strategies slicewise,slicewise
! slicewise: compare: --strategies: found slicewise twice, expected once (slicewise help compare)
= 1
$ slicewise compare two.yaml --strategies slicewise,,ffd
! slicewise: compare: --strategies: found an empty name in "slicewise,,ffd" (slicewise help compare)
= 1
$ slicewise compare two.yaml --margins 1,0
! slicewise: compare: --margins: found "0", expected numbers above 0 and at most 4 with commas between them (slicewise help compare)
= 1
$ slicewise compare two.yaml --margins 1,half
! slicewise: compare: --margins: found "half", expected numbers above 0 and at most 4 with commas between them (slicewise help compare)
= 1
$ slicewise compare two.yaml --worlds 0
! slicewise: compare: --worlds: found 0, expected a whole number from 1 to 10000 (slicewise help compare)
= 1
$ slicewise compare two.yaml --trace day.csv --burstiness 2
! slicewise: compare: --trace and --burstiness exclude each other (slicewise help compare)
= 1
$ slicewise compare two.yaml --trace nowhere.csv
! slicewise: nowhere.csv: cannot open: No such file or directory
= 4
$ slicewise compare
! slicewise: compare: WORKLOADS.yaml is missing (slicewise help compare)
= 1
$ slicewise compare nowhere.yaml
! slicewise: nowhere.yaml: cannot open: No such file or directory
= 4

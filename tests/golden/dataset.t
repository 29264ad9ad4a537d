# Rows of mixes into a data set and out again.
@ rows.csv
| experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,rate,concurrency,prompt_tokens,output_tokens,ttft_mean_ms,tpot_mean_ms,output_tok_s
| alone,1,l4,mps,a,qwen3-0.6b,0.5,8,16,,4,500,100,60,9.5,300
| pair,1,l4,mps,a,qwen3-0.6b,0.5,8,16,,4,500,100,90,12.35,250
| pair,1,l4,mps,b,qwen3-4b,0.5,12,,0.5,,300,50,,,
| host,1,xeon-8480,cpu-quota,c,qwen3-0.6b,0.25,,,,1,100,20,900,80,
$ slicewise dataset import data.db rows.csv
> file      runs  added
> --------  ----  -----
> rows.csv     3      3
$ slicewise dataset import data.db rows.csv --format csv
> file,runs,added
> rows.csv,3,0
$ slicewise dataset data.db
> data.db: 3 runs
>
> Runs
>
> gpu        mechanism  source  runs  failed
> ---------  ---------  ------  ----  ------
> l4         mps        import     2       0
> xeon-8480  cpu-quota  import     1       0
>
> Engines together
>
> engines  runs  failed
> -------  ----  ------
>       1     2       0
>       2     1       0
>
> Models
>
> model       engines  runs
> ----------  -------  ----
> qwen3-0.6b        3     3
> qwen3-4b          1     1
>
> Hardware
>
> gpu        driver  cpu  cores  runs
> ---------  ------  ---  -----  ----
> l4         -       -    -         2
> xeon-8480  -       -    -         1
>
> Where from
>
> campaign  name      hash              runs  failed
> --------  --------  ----------------  ----  ------
>        1  rows.csv  72fddd49f2ec63dc     3       0
$ slicewise dataset info data.db --format json --experiment pair
> {
>   "counts": [
>     {
>       "gpu": "l4",
>       "mechanism": "mps",
>       "source": "import",
>       "runs": 1,
>       "failed": 0
>     }
>   ],
>   "sizes": [
>     {
>       "engines": 2,
>       "runs": 1,
>       "failed": 0
>     }
>   ],
>   "models": [
>     {
>       "model": "qwen3-0.6b",
>       "engines": 1,
>       "runs": 1
>     },
>     {
>       "model": "qwen3-4b",
>       "engines": 1,
>       "runs": 1
>     }
>   ],
>   "failures": [],
>   "hardware": [
>     {
>       "gpu": "l4",
>       "driver": null,
>       "cpu": null,
>       "cores": null,
>       "runs": 1
>     }
>   ],
>   "software": [],
>   "campaigns": [
>     {
>       "campaign": 1,
>       "name": "rows.csv",
>       "hash": "72fddd49f2ec63dc",
>       "runs": 1,
>       "failed": 0
>     }
>   ]
> }
$ slicewise dataset query data.db
> query                   answers
> ----------------------  ----------------------------------------------------------------------------------
> counts                  runs by GPU, mechanism and source, and how many failed
> sizes                   runs by the number of engines together
> models                  engines by model
> failures                runs that failed, and why
> hardware                machines, and their runs
> software                programs and versions, and their runs
> campaigns               campaign files and imports, and their runs
> runs                    every run
> latency-by-share        latencies of a model over its share, repeats together
> latency-by-concurrency  latencies of a model over the requests in flight
> latency-by-rate         latencies of a model over the requests that arrive a second
> throughput-by-engines   output tokens per second of a whole GPU over its engines
> slowdown-by-neighbours  latencies beside neighbours over those alone on the same slice under the same load
> samples                 the series beside runs; --experiment picks one
$ slicewise dataset query data.db slowdown-by-neighbours --format csv
> gpu,mechanism,source,model,share,neighbours,max_num_seqs,cuda_graphs,rate,concurrency,prompt_tokens,output_tokens,measured,ttft_slowdown,tpot_slowdown,tpot_slowdown_max
> l4,mps,import,qwen3-0.6b,0.5,1,16,1,,4,500,100,1,1.5,1.3,1.3
$ slicewise dataset query data.db throughput-by-engines
> gpu  mechanism  source  engines  measured  output_tok_s  output_tok_s_min  output_tok_s_max
> ---  ---------  ------  -------  --------  ------------  ----------------  ----------------
> l4   mps        import        1         1         300.0             300.0             300.0
$ slicewise dataset query data.db runs --format csv --mechanism cpu-quota
> experiment,repeat,campaign,gpu,mechanism,engines,source,duration_s,started_s,failure,origin
> host,1,1,xeon-8480,cpu-quota,1,import,,,,rows.csv
# What is exported is what was imported.
$ slicewise dataset export data.db -o out.csv && cut -d , -f 1-17 out.csv
> experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,max_num_batched_tokens,cuda_graphs,rate,concurrency,prompt_tokens,output_tokens,ttft_mean_ms,ttft_p50_ms
> alone,1,l4,mps,a,qwen3-0.6b,0.5,8,16,,,,4,500,100,60,
> host,1,xeon-8480,cpu-quota,c,qwen3-0.6b,0.25,,,,,,1,100,20,900,
> pair,1,l4,mps,a,qwen3-0.6b,0.5,8,16,,,,4,500,100,90,
> pair,1,l4,mps,b,qwen3-4b,0.5,12,,,,0.5,,300,50,,
$ slicewise dataset import again.db out.csv && slicewise dataset export again.db | cmp - out.csv
> file     runs  added
> -------  ----  -----
> out.csv     3      3
$ slicewise validate out.csv --worst 0 | head -1
> out.csv: 4 mix rows
# For programs: one type a column, and what the columns are.
$ slicewise dataset export data.db --flat --schema schema.csv | cut -d , -f 1-17 && head -4 schema.csv && wc -l < schema.csv
> experiment,repeat,gpu,mechanism,tenant,model,share,memory_gib,max_num_seqs,max_num_batched_tokens,cuda_graphs,rate,concurrency,prompt_tokens,output_tokens,ttft_mean_ms,ttft_p50_ms
> "alone",1,"l4","mps","a","qwen3-0.6b",0.5,8,16,2048,true,,4,500,100,60,
> "host",1,"xeon-8480","cpu-quota","c","qwen3-0.6b",0.25,,256,2048,true,,1,100,20,900,
> "pair",1,"l4","mps","a","qwen3-0.6b",0.5,8,16,2048,true,,4,500,100,90,
> "pair",1,"l4","mps","b","qwen3-4b",0.5,12,256,2048,true,0.5,,300,50,,
> column,type,unit,meaning
> experiment,text,,"engines that ran together have the same"
> repeat,integer,,"which time it was run, from 1"
> gpu,text,,"catalogue id; under cpu-quota a host"
> 65
$ ls
> again.db
> data.db
> out.csv
> rows.csv
> schema.csv
# What is refused stays as it is.
@ other.db
| no data set
$ slicewise dataset other.db
! slicewise: other.db: found something else, expected a data set (an SQLite file)
= 2
$ slicewise dataset import other.db rows.csv; cat other.db
> no data set
! slicewise: other.db: found something else, expected a data set (an SQLite file)
$ head -c 8192 data.db > cut.db; slicewise dataset cut.db 2>&1 | sed 's/expected [0-9]*/expected N/'
> slicewise: cut.db: found 8192 bytes, expected N: the data set was cut short
= 2
$ slicewise dataset none.db
! slicewise: none.db: cannot open: No such file or directory
= 4
$ sed 's/qwen3-4b/qwen9/' rows.csv > bad.csv; slicewise dataset import new.db rows.csv bad.csv; test -e new.db && echo made
! slicewise: bad.csv:4: model: unknown model "qwen9"; nearest ids: qwen3-4b, qwen3-8b, phi-2 (or the path of a .json file)
= 1
# Usage.
$ slicewise dataset
! slicewise: dataset: info|import|export|query DATA.db [ROWS.csv...|NAME] is missing (slicewise help dataset)
= 1
$ slicewise dataset show data.db
! slicewise: dataset: found show, expected info, import, export or query (slicewise help dataset)
= 1
$ slicewise dataset info
! slicewise: dataset: DATA.db is missing (slicewise help dataset)
= 1
$ slicewise dataset import data.db
! slicewise: dataset: ROWS.csv is missing (slicewise help dataset)
= 1
$ slicewise dataset export data.db rows.csv
! slicewise: dataset: unexpected argument rows.csv (slicewise help dataset)
= 1
$ slicewise dataset query data.db nonsense
! slicewise: dataset: query: found nonsense, expected one of counts, sizes, models, failures, hardware, software, campaigns, runs, latency-by-share, latency-by-concurrency, latency-by-rate, throughput-by-engines, slowdown-by-neighbours, samples (slicewise help dataset)
= 1
$ slicewise dataset query data.db runs --flat
! slicewise: dataset: --flat and --schema go with export (slicewise help dataset)
= 1
$ slicewise dataset export data.db --format json
! slicewise: dataset: export writes CSV (slicewise help dataset)
= 1
$ slicewise dataset info data.db --format csv
! slicewise: dataset: CSV is one table: ask query counts, or another (slicewise help dataset)
= 1
$ slicewise dataset import data.db rows.csv --experiment pair
! slicewise: dataset: import takes whole files: no --experiment, --mechanism, --source or --without-failed (slicewise help dataset)
= 1
$ slicewise dataset info data.db --model qwen3-4b
! slicewise: dataset: --model, --prompt-tokens and --output-tokens go with import (slicewise help dataset)
= 1
$ slicewise --complete dataset ex
> export
$ slicewise --complete dataset query data.db latency
> latency-by-share
> latency-by-concurrency
> latency-by-rate

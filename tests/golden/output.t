# Results go to a file whole or not at all; a terminal gets colour unless NO_COLOR is set.
$ slicewise catalog gpus -o gpus.txt && head -n 1 gpus.txt
> GPU                  architecture  SMs  16-bit TFLOPS   fp8  GiB  GB/s  L2 MiB    W  MIG  step times
$ slicewise catalog gpus --format csv --output=gpus.csv && head -n 1 gpus.csv
> id,name,architecture,compute_capability,sms,boost_clock_mhz,float16_tflops,fp8_tflops,dram_gib,dram_gb_s,l2_mib,power_w,mig,calibration
$ echo old > kept && slicewise catalog nothing -o kept; cat kept; ls
> old
> gpus.csv
> gpus.txt
> kept
! slicewise: unknown id nothing; slicewise catalog lists them
$ slicewise catalog -o missing/file
! slicewise: missing/file: cannot create: No such file or directory
= 4
$ mkdir folder && slicewise catalog -o folder
! slicewise: folder: cannot write: Is a directory
= 4
$ slicewise catalog > /dev/full
! slicewise: standard output: cannot write: No space left on device
= 4
$ slicewise help > /dev/full
! slicewise: standard output: cannot write: No space left on device
= 4
$ (sleep 0.3; slicewise catalog) | true; echo "${PIPESTATUS[0]}"
> 4
! slicewise: standard output: cannot write: Broken pipe
$ terminal slicewise catalog gpus | sed -n 1,3p
> ^[[1mGPU^[[0m                  ^[[1marchitecture^[[0m  ^[[1mSMs^[[0m  ^[[1m16-bit TFLOPS^[[0m   ^[[1mfp8^[[0m  ^[[1mGiB^[[0m  ^[[1mGB/s^[[0m  ^[[1mL2 MiB^[[0m    ^[[1mW^[[0m  ^[[1mMIG^[[0m  ^[[1mstep times^[[0m
> ───────────────────  ────────────  ───  ─────────────  ────  ───  ────  ──────  ───  ───  ──────────
> a10                  ampere         72            125     -   22   600       6  150  no   ^[[32mmeasured^[[0m
$ NO_COLOR=1 terminal slicewise catalog gpus | sed -n 1,3p
> GPU                  architecture  SMs  16-bit TFLOPS   fp8  GiB  GB/s  L2 MiB    W  MIG  step times
> ───────────────────  ────────────  ───  ─────────────  ────  ───  ────  ──────  ───  ───  ──────────
> a10                  ampere         72            125     -   22   600       6  150  no   measured
$ LC_ALL=C TERM=dumb terminal slicewise catalog gpus | sed -n 1,3p
> GPU                  architecture  SMs  16-bit TFLOPS   fp8  GiB  GB/s  L2 MiB    W  MIG  step times
> -------------------  ------------  ---  -------------  ----  ---  ----  ------  ---  ---  ----------
> a10                  ampere         72            125     -   22   600       6  150  no   measured

# A shell's completion.
$ slicewise --complete p
> plan
> predict
$ slicewise --complete step --gpu a100-s
> a100-sxm4-40gb
> a100-sxm4-80gb
$ slicewise --complete step --cu
> --cuda-graphs
$ slicewise --complete step --phase ''
> prefill
> decode
> mixed
$ slicewise --complete step --cuda-graphs o
> off
> on
$ slicewise --complete catalog rtx-6
> rtx-6000-ada

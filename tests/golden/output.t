# Results go to a file whole or not at all, and what cannot be written is said.
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
! slicewise: folder: is a folder, expected a file
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

# A shell's completion.
$ slicewise --complete p
> plan
> predict
> profile
$ slicewise --complete s
> simulate
> step
$ slicewise --complete simulate --re
> --repetitions
> --requests
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

# What a link points to is replaced, not the link.
$ echo old > real && ln -s real link && slicewise catalog gpus -o link && head -n 1 real | cut -c 1-3; readlink link
> GPU
> real
$ slicewise catalog gpus -o /dev/stdout > through && head -n 1 through | cut -c 1-3; test -L /dev/stdout
> GPU

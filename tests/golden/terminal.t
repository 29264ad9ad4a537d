# A terminal gets colour and drawing characters, unless it or NO_COLOR says otherwise.
? terminal true
$ terminal slicewise catalog gpus | sed -n 1,6p | cut -c 1-40
> ^[[1mGPU^[[0m                  ^[[1march
> ─────────────�
> a10                  ampere         72  
> a100-pcie-40gb       ampere        108  
> a100-pcie-80gb       ampere        108  
> a100-sxm4-40gb       ampere        108  
$ NO_COLOR=1 terminal slicewise catalog gpus | sed -n 1,6p | cut -c 1-40
> GPU                  architecture  SMs  
> ─────────────�
> a10                  ampere         72  
> a100-pcie-40gb       ampere        108  
> a100-pcie-80gb       ampere        108  
> a100-sxm4-40gb       ampere        108  
$ LC_ALL=C TERM=dumb terminal slicewise catalog gpus | sed -n 1,6p | cut -c 1-40
> GPU                  architecture  SMs  
> -------------------  ------------  ---  
> a10                  ampere         72  
> a100-pcie-40gb       ampere        108  
> a100-pcie-80gb       ampere        108  
> a100-sxm4-40gb       ampere        108  
$ terminal slicewise help | sed -n 5,6p
> Commands
>   ^[[1mplan      ^[[0m  the cheapest GPUs and slices that hold every latency limit

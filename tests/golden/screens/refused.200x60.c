---
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0 B (0.0%)   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory, 8.00 KiB guest_memfd, 4.00 KiB device or special mapping, 8.00 KiB mapping of the kernel,
        64.0 KiB no write permission, reads cannot be seen, 4.00 KiB shared memory that may never be written, 32.0 KiB owned by another userfaultfd, 64.0 KiB out of memory or vm.max_map_count reached,
        4.00 KiB refused by the kernel
swapped: 32.0 KiB
working set   # hot n/a  + within 1 m n/a  - 5 m n/a                                        memory          by mapping (b), sorted by hot (s), 10 of them
     1 B                                                                                           hot      cold  resident      idle p50  how  mapping
                                                                                                   n/a       n/a  64.0 KiB           n/a  -    /usr/lib/libsealed.so  (no write permission, reads cannot
                                                                                                   n/a       n/a  64.0 KiB           n/a  -    [anon:many]  (out of memory or vm.max_map_count reached)
                                                                                                   n/a       n/a  32.0 KiB           n/a  -    /SYSV00000000 (deleted)  (SysV shared memory)
                                                                                                   n/a       n/a  32.0 KiB           n/a  -    [anon:other]  (owned by another userfaultfd)
                                                                                                   n/a       n/a  16.0 KiB           n/a  -    /secretmem (deleted)  (secret memory)
       0                                                                                           n/a       n/a  8.00 KiB           n/a  -    [vdso]  (mapping of the kernel)
idle for                      size   share  within                                                 n/a       n/a  8.00 KiB           n/a  -    anon_inode:[kvm-gmem]  (guest_memfd)
nothing is observed (h: help, e: events)                                                           n/a       n/a  4.00 KiB           n/a  -    /dev/fb0  (device or special mapping)
                                                                                                   n/a       n/a  4.00 KiB           n/a  -    /memfd:sealed (deleted)  (shared memory that may never be
                                                                                                   n/a       n/a  4.00 KiB           n/a  -    [anon:odd]  (refused by the kernel)













address map   #hot  =recent  +warm  -cold  .since start  wp: written
1000000      9 mappings                     -   228 KiB not observed (u unfolds)
: 128 TiB with nothing resident
7ffc00100000 [vdso]                         -   mapping of the kernel






















h help  q quit  Tab pane  < > step  Space play  b by  w write                                                                                                                              recording 1/1

---
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0.0%   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory,
working set   # hot n/a  + within 1 m n/a  - 5 m n/a
     1 B


       0
idle for                      size   share  within
nothing is observed (h: help, e: events)











h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 1/1
--- Tab
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0.0%   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory,
working set   # hot n/a  + within 1 m n/a  - 5 m n/a
     1 B


       0
address map   #hot  =recent  +warm  -cold  .since start  wp: written
1000000      9 mappings         -   228 KiB not observed (u unfolds)
: 128 TiB with nothing resident
7ffc00100000 [vdso]             -   mapping of the kernel









h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 1/1
--- Tab
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0.0%   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory,
working set   # hot n/a  + within 1 m n/a  - 5 m n/a
     1 B


       0
memory          by mapping (b), sorted by hot (s), 10 of them
       hot      cold  resident      idle p50  how  mapping
       n/a       n/a  64.0 KiB           n/a  -    /usr/lib/libsealed.so  (no wr
       n/a       n/a  64.0 KiB           n/a  -    [anon:many]  (out of memory o
       n/a       n/a  32.0 KiB           n/a  -    /SYSV00000000 (deleted)  (Sys
       n/a       n/a  32.0 KiB           n/a  -    [anon:other]  (owned by anoth
       n/a       n/a  16.0 KiB           n/a  -    /secretmem (deleted)  (secret
       n/a       n/a  8.00 KiB           n/a  -    [vdso]  (mapping of the kerne
       n/a       n/a  8.00 KiB           n/a  -    anon_inode:[kvm-gmem]  (guest
       n/a       n/a  4.00 KiB           n/a  -    /dev/fb0  (device or special
       n/a       n/a  4.00 KiB           n/a  -    /memfd:sealed (deleted)  (sha
       n/a       n/a  4.00 KiB           n/a  -    [anon:odd]  (refused by the k

h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 1/1
--- Tab
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0.0%   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory,
working set   # hot n/a  + within 1 m n/a  - 5 m n/a
     1 B















       0
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 1/1
--- Tab Tab u
wsstat  sealed[9]  sample 1  2.00 s  window 2.00 s
resident 236 KiB   tracked 0.0%   hot n/a   cold n/a
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
untracked: 32.0 KiB SysV shared memory, 16.0 KiB secret memory,
working set   # hot n/a  + within 1 m n/a  - 5 m n/a
     1 B


       0
address map   #hot  =recent  +warm  -cold  .since start  wp: written
1000000      ...ib/libsealed.so -   no write permission, reads cannot be seen
2000000      ...00000 (deleted) -   SysV shared memory
3000000      ...etmem (deleted) -   secret memory
4000000      ...node:[kvm-gmem] -   guest_memfd
5000000      /dev/fb0           -   device or special mapping
7000000      ...ealed (deleted) -   shared memory that may never be written
8000000      [anon:other]       -   owned by another userfaultfd
9000000      [anon:many]        -   out of memory or vm.max_map_count reached
a000000      [anon:odd]         -   refused by the kernel
: 128 TiB with nothing resident
7ffc00100000 [vdso]             -   mapping of the kernel

h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 1/1

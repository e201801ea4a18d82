---
wsstat  interpreter[71]  sample 3  30.0 s  window 10.0 s  wp (writes, 4 KiB)
resident 9.13 MiB   tracked 78.1%   hot n/a   cold n/a
writes only: 7.13 MiB   written 512 KiB (5.5%)   unwritten 4.59 MiB (50.3%)
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 128   wsstat 0 s (0.00% of a CPU)
working set   # written 512 KiB  + within 1 m n/a  - 5 m n/a
1.53 MiB                                                                     #
                                                                             #
                                                                             #
       0                                                                     ###
idle for                             size   share  within
unwritten for
< 10 s               written      512 KiB    5.5%    5.5%  ##
10 s - 30 s                      2.03 MiB   22.3%   27.7%  #########
since start, >= 30 s unwritten   4.59 MiB   50.3%   78.1%  #####################
untracked                        2.00 MiB   21.9%  100.0%  #########







h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 3/3
--- Tab
wsstat  interpreter[71]  sample 3  30.0 s  window 10.0 s  wp (writes, 4 KiB)
resident 9.13 MiB   tracked 78.1%   hot n/a   cold n/a
writes only: 7.13 MiB   written 512 KiB (5.5%)   unwritten 4.59 MiB (50.3%)
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 128   wsstat 0 s (0.00% of a CPU)
working set   # written 512 KiB  + within 1 m n/a  - 5 m n/a
1.53 MiB                                                                     #
                                                                             #
                                                                             #
       0                                                                     ###
address map   #hot  =recent  +warm  -cold  .since start  wp: written
400000       ...bin/interpreter -   no write permission, reads cannot be seen
600000       ...bin/interpreter wp  ========........................
10000000     [heap]             wp  ===========.................................
20000000     [anon:arena]       wp  ###########===========








h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 3/3
--- Tab
wsstat  interpreter[71]  sample 3  30.0 s  window 10.0 s  wp (writes, 4 KiB)
resident 9.13 MiB   tracked 78.1%   hot n/a   cold n/a
writes only: 7.13 MiB   written 512 KiB (5.5%)   unwritten 4.59 MiB (50.3%)
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 128   wsstat 0 s (0.00% of a CPU)
working set   # written 512 KiB  + within 1 m n/a  - 5 m n/a
1.53 MiB                                                                     #
                                                                             #
                                                                             #
       0                                                                     ###
memory          by mapping (b), sorted by hot (s), 4 of them
   written unwritten  resident unwritten p50  how  mapping
   512 KiB       0 B  1.00 MiB           0 s  wp   [anon:arena]
       0 B  4.50 MiB  6.00 MiB       >= 30 s  wp   [heap]
       0 B  96.0 KiB   128 KiB       >= 30 s  wp   /usr/bin/interpreter
       n/a       n/a  2.00 MiB           n/a  -    /usr/bin/interpreter  (no wri







h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 3/3
--- Tab
wsstat  interpreter[71]  sample 3  30.0 s  window 10.0 s  wp (writes, 4 KiB)
resident 9.13 MiB   tracked 78.1%   hot n/a   cold n/a
writes only: 7.13 MiB   written 512 KiB (5.5%)   unwritten 4.59 MiB (50.3%)
n/a: no region whose reads and writes are seen
cost: ioctls 0 s   faults 128   wsstat 0 s (0.00% of a CPU)
working set   # written 512 KiB  + within 1 m n/a  - 5 m n/a
1.53 MiB                                                                     #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             #
                                                                             # #
                                                                             # #
                                                                             # #
                                                                             ###
                                                                             ###
       0                                                                     ###
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 3/3

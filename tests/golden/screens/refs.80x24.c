---
wsstat  old[26]  sample 2  10.0 s  window 5.00 s
        refs (reads+writes, by mapping)
resident 11.0 MiB   tracked 59.1%   hot 6.50 MiB (59.1%)   cold n/a
n/a: method refs knows no page ages
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
working set   # hot 6.50 MiB  + within 1 m n/a  - 5 m n/a
6.50 MiB                                                                       #
                                                                               #
                                                                               #
       0                                                                      ##
idle for                      size   share  within
< 5 s         hot         6.50 MiB   59.1%   59.1%  ############################
untracked                 4.50 MiB   40.9%  100.0%  ###################










h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 2/2
--- Tab
wsstat  old[26]  sample 2  10.0 s  window 5.00 s
        refs (reads+writes, by mapping)
resident 11.0 MiB   tracked 59.1%   hot 6.50 MiB (59.1%)   cold n/a
n/a: method refs knows no page ages
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
working set   # hot 6.50 MiB  + within 1 m n/a  - 5 m n/a
6.50 MiB                                                                       #
                                                                               #
                                                                               #
       0                                                                      ##
address map   #hot  =recent  +warm  -cold  .since start  wp: written
400000       /usr/bin/old       refspage ages are not known
10000000     [heap]             refspage ages are not known
: 127 TiB with nothing resident
7f0000000000 ...cache (deleted) refspage ages are not known
: 1008 GiB with nothing resident
7ffc00100000 [vdso]             -   mapping of the kernel






h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 2/2
--- Tab
wsstat  old[26]  sample 2  10.0 s  window 5.00 s
        refs (reads+writes, by mapping)
resident 11.0 MiB   tracked 59.1%   hot 6.50 MiB (59.1%)   cold n/a
n/a: method refs knows no page ages
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
working set   # hot 6.50 MiB  + within 1 m n/a  - 5 m n/a
6.50 MiB                                                                       #
                                                                               #
                                                                               #
       0                                                                      ##
memory          by mapping (b), sorted by hot (s), 4 of them
       hot      cold  resident      idle p50  how  mapping
  6.00 MiB       n/a  6.00 MiB           n/a  refs [heap]
   512 KiB       n/a  1.00 MiB           n/a  refs /usr/bin/old
  4.00 KiB       n/a  4.00 MiB           n/a  refs /memfd:cache (deleted)
       n/a       n/a  8.00 KiB           n/a  -    [vdso]  (mapping of the kerne







h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 2/2
--- Tab
wsstat  old[26]  sample 2  10.0 s  window 5.00 s
        refs (reads+writes, by mapping)
resident 11.0 MiB   tracked 59.1%   hot 6.50 MiB (59.1%)   cold n/a
n/a: method refs knows no page ages
cost: ioctls 0 s   faults 0   wsstat 0 s (0.00% of a CPU)
working set   # hot 6.50 MiB  + within 1 m n/a  - 5 m n/a
6.50 MiB                                                                       #
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
                                                                               #
                                                                              ##
                                                                              ##
                                                                              ##
                                                                              ##
       0                                                                      ##
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 2/2

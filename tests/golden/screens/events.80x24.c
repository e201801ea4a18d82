---
wsstat  sh[31]  sample 5  27.0 s  window 5.00 s  replay (reads+writes, 4 KiB)
resident 3.06 MiB   tracked 100.0%   hot 1.53 MiB (50.0%)   cold 0 B (0.0%)
cost: ioctls 0 s   faults 392   wsstat 0 s (0.00% of a CPU)
working set   # hot 1.53 MiB  + within 1 m n/a  - 5 m n/a
2.25 MiB                                                                    #
                                                                            #  #
                                                                           ##  #
       0                                                                   #####
idle for                             size   share  within
< 5 s                hot         1.53 MiB   50.0%   50.0%  #####################
5 s - 10 s           warm         288 KiB    9.2%   59.2%  ####
10 s - 30 s          warm        1.25 MiB   40.8%  100.0%  #################
since start, >= 27 s cold             0 B    0.0%  100.0%
touched within 1 m n/a   2 m n/a   5 m n/a   colder n/a
touched in n of the last 8 windows: 3: 512 KiB   2: 1.25 MiB   1: 800 KiB
        0: 544 KiB
touched again, idle before for < 5 s: 32.0 KiB   10 s - 30 s: 1.50 MiB






17.0 s  [31] late: sample 3 is late by 2 s                         recording 5/5
--- Tab
wsstat  sh[31]  sample 5  27.0 s  window 5.00 s  replay (reads+writes, 4 KiB)
resident 3.06 MiB   tracked 100.0%   hot 1.53 MiB (50.0%)   cold 0 B (0.0%)
cost: ioctls 0 s   faults 392   wsstat 0 s (0.00% of a CPU)
working set   # hot 1.53 MiB  + within 1 m n/a  - 5 m n/a
2.25 MiB                                                                    #
                                                                            #  #
                                                                           ##  #
       0                                                                   #####
address map   #hot  =recent  +warm  -cold  .since start  wp: written
10000000     [heap]             repl################################
20000000     [anon:pool]        repl================================
200c0000     [anon:pool]        repl================================
30000000     ...12b c (deleted) repl##=
60000000     [anon:new]         repl======================








10000000-1000c000  hot  [heap]  resident 48.0 KiB of 48.0 KiB  hot 48.0 KiB
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 5/5
--- Tab
wsstat  sh[31]  sample 5  27.0 s  window 5.00 s  replay (reads+writes, 4 KiB)
resident 3.06 MiB   tracked 100.0%   hot 1.53 MiB (50.0%)   cold 0 B (0.0%)
cost: ioctls 0 s   faults 392   wsstat 0 s (0.00% of a CPU)
working set   # hot 1.53 MiB  + within 1 m n/a  - 5 m n/a
2.25 MiB                                                                    #
                                                                            #  #
                                                                           ##  #
       0                                                                   #####
memory          by mapping (b), sorted by hot (s), 4 of them
       hot      cold  resident      idle p50  how  mapping
  1.50 MiB       0 B  1.50 MiB           0 s  repla[heap]
  32.0 KiB       0 B  64.0 KiB           0 s  repla/dev/shm/a\012b c (deleted)
       0 B       0 B  1.00 MiB          10 s  repla[anon:new]
       0 B       0 B   512 KiB        >= 5 s  repla[anon:pool]









h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 5/5
--- Tab
wsstat  sh[31]  sample 5  27.0 s  window 5.00 s  replay (reads+writes, 4 KiB)
resident 3.06 MiB   tracked 100.0%   hot 1.53 MiB (50.0%)   cold 0 B (0.0%)
cost: ioctls 0 s   faults 392   wsstat 0 s (0.00% of a CPU)
working set   # hot 1.53 MiB  + within 1 m n/a  - 5 m n/a
2.25 MiB                                                                    #
                                                                            #
                                                                            #
                                                                            #
                                                                            #
                                                                            #
                                                                            #  #
                                                                            #  #
                                                                           ##  #
                                                                           ##  #
                                                                           ##  #
                                                                           ##  #
                                                                           ##  #
                                                                           ##  #
                                                                           ##  #
                                                                           ### #
                                                                           ### #
                                                                           #####
       0                                                                   #####
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 5/5

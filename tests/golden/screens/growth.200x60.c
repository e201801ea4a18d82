---
wsstat  redis-server[4242]  sample 6  180.0 s  window 30.0 s  replay (reads+writes, 4 KiB)
resident 12.4 MiB   tracked 12.0 MiB (96.9%)   hot 256 KiB (2.0%)   cold 9.01 MiB (72.7%)
cost: ioctls 0 s   faults 64   wsstat 0 s (0.00% of a CPU)
untracked: 8.00 KiB mapping of the kernel, 384 KiB no write permission, reads cannot be seen
working set   # hot 256 KiB  + within 1 m 2.00 MiB  - 5 m n/a                               memory          by mapping (b), sorted by hot (s), 5 of them
6.01 MiB                                                                             +             hot      cold  resident      idle p50  how  mapping
                                                                                     ++        256 KiB  4.00 MiB  6.00 MiB           2 m  repla[heap]
                                                                                     #+            0 B  5.00 MiB  6.00 MiB      2 m 30 s  repla/memfd:guest-ram (deleted)
                                                                                    ##+            0 B  8.00 KiB  12.0 KiB           2 m  repla[stack]
                                                                                    ##+            n/a       n/a   384 KiB           n/a  -    /usr/bin/redis-server  (no write permission, reads cannot
                                                                                    ###+#+         n/a       n/a  8.00 KiB           n/a  -    [vdso]  (mapping of the kernel)
       0                                                                            #####+
idle for                            size   share  within
< 30 s              hot          256 KiB    2.0%    2.0%  ##
30 s - 1 m          warm        1.75 MiB   14.1%   16.1%  ###########
1 m - 2 m           warm        1.00 MiB    8.1%   24.2%  ######
2 m - 5 m           cold        5.01 MiB   40.4%   64.6%  ################################
since start, >= 3 m cold        4.00 MiB   32.3%   96.9%  ##########################
untracked                        392 KiB    3.1%  100.0%  ###
touched within 1 m 2.00 MiB (16.1%)   2 m 3.00 MiB (24.2%)   5 m n/a   colder n/a
touched in n of the last 8 windows: 6: 256 KiB   5: 256 KiB   3: 4.00 KiB   2: 1.51 MiB
        1: 6.00 MiB   0: 4.00 MiB
touched again, idle before for < 30 s: 256 KiB








address map   #hot  =recent  +warm  -cold  .since start  wp: written
400000       /usr/bin/redis-server          -   no write permission, reads cannot be seen
10000000     [heap]                         repl#####+++++++++++++++++++++++.................++++++++++-------------------------------------------------------
: 127 TiB with nothing resident
7f0000000000 /memfd:guest-ram (deleted)     repl-------------------------------------....................................+++++++++++++++++++..................
: 1008 GiB with nothing resident
7ffc00000000 [stack]                        repl                              --+
7ffc00100000 [vdso]                         -   mapping of the kernel




















h help  q quit  Tab pane  < > step  Space play  b by  w write                                                                                                                              recording 6/6

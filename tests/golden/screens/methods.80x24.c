---
wsstat  vmm[618]  sample 4  240.0 s  window 60.0 s  rwp (reads+writes, 4 KiB)
        zap (reads+writes, 4 KiB)  wp (writes, 4 KiB)
resident 36.0 MiB   tracked 97.2%   hot 1.00 MiB (2.8%)   cold 31.5 MiB (87.5%)
of hot: written 0 B   only read 0 B   not known 1.00 MiB
writes only: 2.00 MiB   written 64.0 KiB (0.2%)   unwritten 1.81 MiB (5.0%)
working set   # hot 1.00 MiB  + within 1 m 1.00 MiB  - 5 m n/a
11.3 MiB                                                                    #
                                                                            #
                                                                            #
       0                                                                    ##
idle for                            size   share  within
< 1 m               hot         1.00 MiB    2.8%    2.8%  #
1 m - 2 m           warm         512 KiB    1.4%    4.2%  #
2 m - 5 m           cold        10.5 MiB   29.2%   33.3%  ###########
since start, >= 4 m cold        21.0 MiB   58.3%   91.7%  ######################
writes only                     2.00 MiB    5.6%   97.2%  ##
untracked                       1.00 MiB    2.8%  100.0%  #
unwritten for
< 1 m               written     64.0 KiB    0.2%    0.2%
1 m - 2 m                        128 KiB    0.3%    0.5%
2 m - 5 m           unwritten   1.14 MiB    3.2%    3.7%  #
since start, >= 4 m unwritten    688 KiB    1.9%    5.6%  #
touched within 1 m 1.00 MiB (2.8%)   2 m 1.50 MiB (4.2%)   5 m n/a   colder n/a
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 4/4
--- Tab
wsstat  vmm[618]  sample 4  240.0 s  window 60.0 s  rwp (reads+writes, 4 KiB)
        zap (reads+writes, 4 KiB)  wp (writes, 4 KiB)
resident 36.0 MiB   tracked 97.2%   hot 1.00 MiB (2.8%)   cold 31.5 MiB (87.5%)
of hot: written 0 B   only read 0 B   not known 1.00 MiB
writes only: 2.00 MiB   written 64.0 KiB (0.2%)   unwritten 1.81 MiB (5.0%)
working set   # hot 1.00 MiB  + within 1 m 1.00 MiB  - 5 m n/a
11.3 MiB                                                                    #
                                                                            #
                                                                            #
       0                                                                    ##
address map   #hot  =recent  +warm  -cold  .since start  wp: written
400000       /usr/bin/vmm       -   no write permission, reads cannot be seen
500000       /usr/bin/vmm       wp  ----............
1000000      [heap]             wp  -----------.....#    ..
2000000      anonymous          rwp ###########################################
3000000      anonymous          wp  ++++++-----
: 127 TiB with nothing resident
7f0000000000 ...t-ram (deleted) zap +------------...................----........





h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 4/4
--- Tab
wsstat  vmm[618]  sample 4  240.0 s  window 60.0 s  rwp (reads+writes, 4 KiB)
        zap (reads+writes, 4 KiB)  wp (writes, 4 KiB)
resident 36.0 MiB   tracked 97.2%   hot 1.00 MiB (2.8%)   cold 31.5 MiB (87.5%)
of hot: written 0 B   only read 0 B   not known 1.00 MiB
writes only: 2.00 MiB   written 64.0 KiB (0.2%)   unwritten 1.81 MiB (5.0%)
working set   # hot 1.00 MiB  + within 1 m 1.00 MiB  - 5 m n/a
11.3 MiB                                                                    #
                                                                            #
                                                                            #
       0                                                                    ##
memory          by mapping (b), sorted by hot (s), 6 of them
 hot/writ. cold/unw.  resident      idle p50  how  mapping
  1.00 MiB       0 B  1.00 MiB           0 s  rwp  anonymous
  64.0 KiB  1.63 MiB  1.69 MiB           3 m  wp   [heap]
       0 B  31.5 MiB  32.0 MiB        >= 4 m  zap  /memfd:guest-ram (deleted)
       0 B   128 KiB   256 KiB           1 m  wp   anonymous
       0 B  64.0 KiB  64.0 KiB        >= 4 m  wp   /usr/bin/vmm
       n/a       n/a  1.00 MiB           n/a  -    /usr/bin/vmm  (no write permi





h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 4/4
--- Tab
wsstat  vmm[618]  sample 4  240.0 s  window 60.0 s  rwp (reads+writes, 4 KiB)
        zap (reads+writes, 4 KiB)  wp (writes, 4 KiB)
resident 36.0 MiB   tracked 97.2%   hot 1.00 MiB (2.8%)   cold 31.5 MiB (87.5%)
of hot: written 0 B   only read 0 B   not known 1.00 MiB
writes only: 2.00 MiB   written 64.0 KiB (0.2%)   unwritten 1.81 MiB (5.0%)
working set   # hot 1.00 MiB  + within 1 m 1.00 MiB  - 5 m n/a
11.3 MiB                                                                    #
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
                                                                            ## #
       0                                                                    ####
h help  q quit  Tab pane  < > step  Space play  b by  w write      recording 4/4

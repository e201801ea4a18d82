---
wsstat  vmm[618]  sample 4  240.0 s  window 60.0 s  rwp (reads+writes, 4 KiB)  zap (reads+writes, 4 KiB)  wp (writes, 4 KiB)
resident 36.0 MiB   tracked 35.0 MiB (97.2%)   hot 1.00 MiB (2.8%)   cold 31.5 MiB (87.5%)
of hot: written 0 B   only read 0 B   not known 1.00 MiB
writes only: 2.00 MiB (5.6%)   written 64.0 KiB (0.2%)   unwritten 1.81 MiB (5.0%)
cost: ioctls 0 s   faults 272   wsstat 0 s (0.00% of a CPU)
untracked: 1.00 MiB no write permission, reads cannot be seen
swapped: 448 KiB   zero page: 64.0 KiB   8.00 MiB seen in 2 MiB units
working set   # hot 1.00 MiB  + within 1 m 1.00 MiB  - 5 m n/a                              memory          by mapping (b), sorted by hot (s), 6 of them
11.3 MiB                                                                              #      hot/writ. cold/unw.  resident      idle p50  how  mapping
                                                                                      #       1.00 MiB       0 B  1.00 MiB           0 s  rwp  anonymous
                                                                                      #       64.0 KiB  1.63 MiB  1.69 MiB           3 m  wp   [heap]
                                                                                      #            0 B  31.5 MiB  32.0 MiB        >= 4 m  zap  /memfd:guest-ram (deleted)
                                                                                      ##           0 B   128 KiB   256 KiB           1 m  wp   anonymous
                                                                                      ##           0 B  64.0 KiB  64.0 KiB        >= 4 m  wp   /usr/bin/vmm
       0                                                                              ## #         n/a       n/a  1.00 MiB           n/a  -    /usr/bin/vmm  (no write permission, reads cannot be seen)
idle for                            size   share  within
< 1 m               hot         1.00 MiB    2.8%    2.8%  ##
1 m - 2 m           warm         512 KiB    1.4%    4.2%  #
2 m - 5 m           cold        10.5 MiB   29.2%   33.3%  ################
since start, >= 4 m cold        21.0 MiB   58.3%   91.7%  ################################
writes only                     2.00 MiB    5.6%   97.2%  ###
untracked                       1.00 MiB    2.8%  100.0%  ##
unwritten for
< 1 m               written     64.0 KiB    0.2%    0.2%
1 m - 2 m                        128 KiB    0.3%    0.5%
2 m - 5 m           unwritten   1.14 MiB    3.2%    3.7%  ##
since start, >= 4 m unwritten    688 KiB    1.9%    5.6%  #
touched within 1 m 1.00 MiB (2.8%)   2 m 1.50 MiB (4.2%)   5 m n/a   colder n/a
touched in n of the last 8 windows: 3: 512 KiB   2: 3.75 MiB   1: 7.75 MiB   0: 21.0 MiB
touched again, idle before for 2 m - 5 m: 256 KiB   since start, >= 3 m: 768 KiB



address map   #hot  =recent  +warm  -cold  .since start  wp: written
400000       /usr/bin/vmm                   -   no write permission, reads cannot be seen
500000       /usr/bin/vmm                   wp  ----............
1000000      [heap]                         wp  -------------------------------------.................####               .....
2000000      anonymous                      rwp ################################################################################################################################
3000000      anonymous                      wp  ++++++++++++++++----------------
: 127 TiB with nothing resident
7f0000000000 /memfd:guest-ram (deleted)     zap +++----------------------------------------......................................................................-----------............................


















h help  q quit  Tab pane  < > step  Space play  b by  w write                                                                                                                              recording 4/4

--- { > h
wsstat  redis-server[4242]  sample 2  60.0 s  window 30.0 s  replay (reads+writes, 4 KiB)
resident 10.9 MiB   tracked 10.5 MiB (96.5%)   hot 4.51 MiB (41.4%)   cold 4.50 MiB (41.3%)
cost: ioctls 0 s   faults 387   wsstat 0 s (0.00% of a CPU)
untracked: 8.00 KiB mapping of the kernel, 384 KiB no write permission, reads cannot be seen
swapped: 1.50 MiB
keys
  q                 quit (Ctrl-C too)
  h ?               this help
  Tab               next pane: graph, idle times, map, table
  Shift-Tab         the pane before
  p Space           pause; sampling goes on.  Recording: play
  +                 longer interval (recording: slower)
  -                 shorter interval (recording: faster)
  b                 table by mapping, section, symbol, kind
  s                 sort by hot, cold, resident, idle time, name
  /                 search a name in the map or the table
  n                 the next one
  d                 decision table: what taking memory away would cost
  e                 events and warnings so far
  o                 what the command has written
  u                 map: unfold what is not observed, and back
  l                 several processes: the list, and their sum
  w                 write this sample to a file (.json: as JSON)
  <                 recording: one sample back
  >                 recording: one sample on
  {                 recording: the first sample
  }                 recording: the last sample
  arrows PgUp PgDn  move the cursor (Home and End, too)
  Enter             map: zoom into the mapping, then into the cell; list: choose
  Esc Backspace     back: out of the zoom, away from this
  Ctrl-Z            stop; fg brings it back








h help  q quit  Tab pane  < > step  Space play  b by  w write                          recording 2/6
--- h d
wsstat  redis-server[4242]  sample 2  60.0 s  window 30.0 s  replay (reads+writes, 4 KiB)
resident 10.9 MiB   tracked 10.5 MiB (96.5%)   hot 4.51 MiB (41.4%)   cold 4.50 MiB (41.3%)
cost: ioctls 0 s   faults 387   wsstat 0 s (0.00% of a CPU)
untracked: 8.00 KiB mapping of the kernel, 384 KiB no write permission, reads cannot be seen
swapped: 1.50 MiB
what taking memory away would have cost
idle for    cold mean  cold last  touched again   working set   seen for
30 s         6.00 MiB   6.00 MiB        0 B/min        0%/min     30.0 s  <
1 m          4.50 MiB   4.50 MiB              -             -          -
take away after 30 s (0% of the working set a minute, seen for 30.0 s)
not answered, the run is too short: 1 m and longer




























h help  q quit  Tab pane  < > step  Space play  b by  w write                          recording 2/6
--- d e
wsstat  redis-server[4242]  sample 2  60.0 s  window 30.0 s  replay (reads+writes, 4 KiB)
resident 10.9 MiB   tracked 10.5 MiB (96.5%)   hot 4.51 MiB (41.4%)   cold 4.50 MiB (41.3%)
cost: ioctls 0 s   faults 387   wsstat 0 s (0.00% of a CPU)
untracked: 8.00 KiB mapping of the kernel, 384 KiB no write permission, reads cannot be seen
swapped: 1.50 MiB
events and warnings, the latest first
nothing has happened so far
































h help  q quit  Tab pane  < > step  Space play  b by  w write                          recording 2/6

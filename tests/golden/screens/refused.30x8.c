---
too small (30x8)
at least 40x10
q quits

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/PID/maps.  Cheap: it walks no page tables, so it is read before every
 * sample.
 */
#ifndef WSSTAT_KERNEL_MAPS_H
#define WSSTAT_KERNEL_MAPS_H

#include <stddef.h>

#include "base/error.h"
#include "model/region.h"

#define MAPS_USER_END UINT64_C(0xff00000000000000) /* above any user space, below [vsyscall] */

struct maps {
	struct mapping_list list; /* names point into text */
	char *text;
	size_t cap;
};

/*
 * Parse one line, without its newline.  False: that is no line of maps.  The name
 * points into it.
 */
bool maps_parse_line(struct mapping *map, char *line);

/*
 * Parse the text of a maps file in place (separators become NUL).  Lines above
 * user space ([vsyscall]) are left out.  -EINVAL with err filled on a line that
 * no kernel writes, -EAGAIN on one that overlaps the one before, -ENOMEM.
 */
must_check int maps_parse(struct mapping_list *list, char *text, struct error *err);

/*
 * Read and parse, reusing the buffers.  A target that has no memory (exiting,
 * zombie, kernel thread) gives an empty list.  fd: /proc/PID/maps, opened by the
 * caller, re-read from its beginning; some times more if the mappings change meanwhile.
 */
must_check int maps_read(struct maps *maps, int fd, struct error *err);

/*
 * The size of the pages of the mapping that holds addr: of hugetlb its own, else 4 KiB
 * (PROCMAP_QUERY, Linux 6.11).  0: there is none, or it cannot be asked.
 */
uint64_t maps_page_bytes(int fd, uint64_t addr);

/*
 * The bounds of the mapping that holds addr.  0; -ENOENT: there is none; another negative
 * errno: it cannot be asked (-ENOTTY before Linux 6.11).
 */
must_check int maps_bounds(int fd, uint64_t addr, struct range *range);

void maps_free(struct maps *maps);

#endif

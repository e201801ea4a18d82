/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a line of the table of mappings, sections or symbols says, for the forms for people. */
#ifndef WSSTAT_OUT_GROUP_WORDS_H
#define WSSTAT_OUT_GROUP_WORDS_H

#include "base/format.h"
#include "model/groups.h"

/* "rwp"; "-": it is not observed. */
const char *group_how(const struct group *group);

/* Idle p50: "5 s"; of several regions the lower edge of its bucket, ">= 2 m"; "n/a", "-". */
const char *group_median(char buf[FORMAT_LEN], const struct group *group,
			 const struct edges *edges);

/* Why nothing is seen of it; "" when it is, or when there is nothing to see. */
const char *group_reason(const struct group *group);

/* "redis-server:.bss", "[heap]", "anonymous"; to be freed, NULL: -ENOMEM. */
must_check char *group_label(const struct group *group);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "out/group_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/words.h"

const char *group_how(const struct group *group)
{
	return group->method == METHOD_NONE ? "-" : region_method_name(group->method);
}

const char *group_median(char buf[FORMAT_LEN], const struct group *group, const struct edges *edges)
{
	char edge[FORMAT_LEN];

	if (!group->ages)
		return "n/a";
	if (group->figures.idle_median_ns < 0)
		return "-";
	if (!group->median_bound)
		return format_duration(buf, group->figures.idle_median_ns);
	if (group->figures.idle_median_ns)
		return words_at_least(buf, group->figures.idle_median_ns);
	if (edges->nr < 2)
		return ">= 0 s";
	snprintf(buf, FORMAT_LEN, "< %.29s", format_duration(edge, edges->ns[1]));
	return buf;
}

const char *group_reason(const struct group *group)
{
	return group->method != METHOD_NONE || !group->reason ? ""
							      : region_reason_name(group->reason);
}

char *group_label(const struct group *group)
{
	const char *slash = group->object ? strrchr(group->object, '/') : NULL;
	char *name;

	if (!group->object)
		return strdup(*group->name ? group->name : "anonymous");
	return asprintf(&name, "%s:%s", slash ? slash + 1 : group->object, group->name) < 0 ? NULL
											    : name;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What recordings leave out, because the look before said it: kept for each target, by who
 * writes one and by who reads one.
 */
#ifndef WSSTAT_OUT_RECORDED_H
#define WSSTAT_OUT_RECORDED_H

#include "core/look.h"
#include "core/owners.h"
#include "out/json_write.h"

/* A mapping as the look before had it. */
struct known {
	struct mapping map; /* name owned */
	struct page_counts counts;
	bool gone; /* while the next look is read */
};

struct known_list {
	struct known *at; /* ascending */
	size_t nr;
};

void known_free(struct known_list *list);

/* The mapping that begins there, or NULL. */
struct known *known_find(const struct known_list *list, uint64_t start);

struct recorded {
	int pid;
	struct known_list known;
	struct seen_pages pages;
	struct owners owners;
	struct recorded *next;

	/* Of the writer: the looks since the last record that had any. */
	struct json json;
	struct json_object *looks;
};

/* The target of that pid, NULL if there is none. */
struct recorded *recorded_find(struct recorded *list, int pid);

/* The same, made if there is none; NULL when memory ran out. */
struct recorded *recorded_get(struct recorded **list, int pid);

/* Forget it, if it is there: another process may get its pid. */
void recorded_drop(struct recorded **list, int pid);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For the tests of inject_zap(): one target with its injector, userfaultfd and
 * pagemap, and one stretch of it, zapped piece by piece.
 */
#ifndef WSSTAT_TESTS_ZAP_KIT_H
#define WSSTAT_TESTS_ZAP_KIT_H

#include "kernel/inject.h"
#include "kernel/maps.h"

#define KIT_MAX_PIECES 4096

struct kit {
	struct proc proc;
	struct injector *injector;
	int uffd, pagemap, maps_fd;
	struct maps maps;
	struct range piece[KIT_MAX_PIECES];
	struct page_region *vec;
	size_t vec_len;
	int64_t limit_ns;
};

/* Attach; exits with a message when that fails.  vec_pages: room for so many runs. */
void kit_open(struct kit *kit, int pid, size_t vec_pages);
void kit_close(struct kit *kit);

/* The mapping at this address as the maps have it now; false if there is none. */
bool kit_find(struct kit *kit, uint64_t addr, struct mapping *map);

/* Register and arm a stretch; 0 or a negative errno. */
int kit_arm(struct kit *kit, struct range range);

/* One call of inject_zap() for this stretch in pieces; piece_bytes 0: in one. */
int kit_zap(struct kit *kit, const struct mapping *map, uint64_t piece_bytes, struct zap *zap,
	    struct error *err);

#endif

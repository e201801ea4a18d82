/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "zap_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernel/injector.h"
#include "kernel/pagemap.h"
#include "kernel/uffd.h"

static void give_up(const struct error *err)
{
	fprintf(stderr, "zap: %s\n", err->text);
	exit(error_exit_status(err->kind) ?: 1);
}

void kit_open(struct kit *kit, int pid, size_t vec_pages)
{
	struct injected injected;
	struct error err = { 0 };

	*kit = (struct kit){ .uffd = -1 };
	if (proc_open(&kit->proc, pid, &err) || inject_userfaultfd(&kit->proc, &injected, &err))
		give_up(&err);
	kit->uffd = injected.fd;
	kit->pagemap = proc_open_file(&kit->proc, "pagemap", O_RDONLY, &err);
	if (kit->pagemap >= 0)
		kit->maps_fd = proc_open_file(&kit->proc, "maps", O_RDONLY, &err);
	if (kit->pagemap < 0 || kit->maps_fd < 0 || injector_open(&kit->injector, &kit->proc, &err))
		give_up(&err);
	/* What other machines make of it (tests/zap.bats). */
	if (getenv("ZAP_AS_THREAD"))
		kit->injector->guardian.kind = GUARDIAN_THREAD;
	if (getenv("ZAP_READ_MAPS"))
		kit->injector->check.query = false;
	if (uffd_api(kit->uffd, UFFD_FEATURE_WP_ASYNC, NULL)) {
		fputs("zap: no WP_ASYNC here\n", stderr);
		exit(4);
	}
	kit->vec_len = vec_pages;
	kit->vec = calloc(vec_pages, sizeof(*kit->vec));
	if (!kit->vec)
		exit(1);
}

void kit_close(struct kit *kit)
{
	injector_close(kit->injector);
	close(kit->uffd);
	close(kit->pagemap);
	close(kit->maps_fd);
	maps_free(&kit->maps);
	free(kit->vec);
	proc_close(&kit->proc);
}

bool kit_find(struct kit *kit, uint64_t addr, struct mapping *map)
{
	struct error err;

	if (maps_read(&kit->maps, kit->maps_fd, &err))
		return false;
	for (size_t i = 0; i < kit->maps.list.nr; i++) {
		*map = kit->maps.list.at[i];
		if (addr >= map->range.start && addr < map->range.end)
			return true;
	}
	return false;
}

int kit_arm(struct kit *kit, struct range range)
{
	struct uffdio_writeprotect arg = {
		.range = { range.start, range_bytes(range) },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int rc = uffd_register_wp(kit->uffd, range);

	return rc ? rc : ioctl(kit->uffd, UFFDIO_WRITEPROTECT, &arg) ? -errno : 0;
}

int kit_zap(struct kit *kit, const struct mapping *map, uint64_t piece_bytes, struct zap *zap,
	    struct error *err)
{
	const struct range range = map->range;
	const uint64_t bytes = piece_bytes ? piece_bytes : range_bytes(range);
	size_t nr = 0;

	for (uint64_t at = range.start; at < range.end && nr < KIT_MAX_PIECES; at += bytes)
		kit->piece[nr++] = range_clip((struct range){ at, at + bytes }, range);
	*zap = (struct zap){
		.map = map,
		.uffd = kit->uffd,
		.protect = true,
		.pagemap = kit->pagemap,
		.piece = kit->piece,
		.nr = nr,
		.vec = kit->vec,
		.vec_len = kit->vec_len,
		.limit_ns = kit->limit_ns,
	};
	return inject_zap(kit->injector, zap, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "core/warner.h"

#include "base/format.h"
#include "kernel/machine.h"

static int say(const struct occasion *occasion, const char *text, struct error *err)
{
	return tell_simple(occasion->tell, EVENT_WARNING, occasion->tick, occasion->start_ns, text,
			   err);
}

static void look_at_huge(struct warner *warner)
{
	warner->collapses = machine_collapses();
	warner->file_huge_bytes = machine_file_huge_bytes();
}

void warner_begin(struct warner *warner, const struct target *target)
{
	*warner = (struct warner){ .merging = machine_merges(),
				   .merged = proc_ksm_pages(&target->proc) };
	look_at_huge(warner);
	warner->looked = true;
}

/* A page that the kernel merges with its like loses its mark and looks touched (replace_page). */
static int warn_merged(struct warner *warner, const struct target *target,
		       const struct occasion *occasion, struct error *err)
{
	uint64_t merged = warner->merging ? proc_ksm_pages(&target->proc) : 0;
	uint64_t more = merged > warner->merged ? merged - warner->merged : 0;
	char size[FORMAT_LEN], text[200];

	warner->merged = merged;
	if (!more)
		return 0;
	snprintf(text, sizeof(text),
		 "%s were merged by KSM in this window, which makes them look touched",
		 format_bytes(size, more << PAGE_SHIFT));
	return say(occasion, text, err);
}

/*
 * Who makes a huge page of a file's pages takes them out of all page tables
 * (mm/khugepaged.c, collapse_file), and with them what method zap would have seen.  The
 * kernel does not say whose they were.
 */
static int warn_huge(struct warner *warner, bool zaps, const struct occasion *occasion,
		     struct error *err)
{
	const struct warner before = *warner;

	warner->looked = zaps;
	if (!zaps)
		return 0;
	look_at_huge(warner);
	if (!before.looked || warner->collapses <= before.collapses ||
	    warner->file_huge_bytes <= before.file_huge_bytes)
		return 0;
	return say(occasion,
		   "khugepaged made huge pages of files or shared memory in this window; "
		   "if they were mapped here, accesses to them may be missing (method zap)",
		   err);
}

/* Once: it is at it all the time, and the kernel does not say with what. */
static int warn_paged_out(struct warner *warner, const struct occasion *occasion, struct error *err)
{
	if (warner->pages_out || !machine_pages_out())
		return 0;
	warner->pages_out = true;
	return say(occasion,
		   "DAMON pages out memory on this machine: accesses to pages that it takes may be "
		   "missing (method zap)",
		   err);
}

/* Some memory is on another method, or the next sample does not speak of it. */
static int warn_blocked(struct target *target, const struct occasion *occasion, struct error *err)
{
	char *why = target->tracker.blocked;
	int rc = *why ? say(occasion, why, err) : 0;

	*why = '\0';
	return rc;
}

int warner_tell(struct warner *warner, struct target *target, unsigned int methods,
		const struct occasion *occasion, struct error *err)
{
	const bool zaps = methods & 1u << METHOD_ZAP;
	int rc = warn_merged(warner, target, occasion, err);

	if (!rc)
		rc = warn_huge(warner, zaps, occasion, err);
	if (!rc && zaps)
		rc = warn_paged_out(warner, occasion, err);
	return rc ? rc : warn_blocked(target, occasion, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kernel/elf_parts.c: claims that touch, nest, cross and are alike; many; and all at random. */
#include "config.h"

#include "kernel/elf_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "rng.h"
#include "tap.h"

#define CLAIM(from, to, title, order)                              \
	{                                                          \
		.part = { (from), (to), (title) }, .rank = (order) \
	}
#define SAID_MAX 512

/* "a0-4 b4-8": what became of the claims. */
static const char *carve(struct elf_claim *claim, size_t nr)
{
	static char said[SAID_MAX];
	struct elf_part *part = NULL;
	size_t nr_parts = 0, used = 0;

	if (elf_parts_carve(&part, &nr_parts, claim, nr))
		return "failed";
	said[0] = '\0';
	for (size_t i = 0; i < nr_parts && used < sizeof(said); i++)
		used += (size_t)snprintf(said + used, sizeof(said) - used,
					 "%s%s%" PRIu64 "-%" PRIu64, i ? " " : "", part[i].name,
					 part[i].start, part[i].end);
	free(part);
	return said;
}

#define IS_CARVED(want, name, ...)                                    \
	do {                                                          \
		struct elf_claim claims[] = { __VA_ARGS__ };          \
		is_str(carve(claims, ARRAY_LEN(claims)), want, name); \
	} while (0)

static void test_nesting(void)
{
	is_str(carve(NULL, 0), "", "PARTS01: no claims");
	IS_CARVED("a0-4 b4-8 c9-10", "PARTS02: neighbours and a gap", CLAIM(9, 10, "c", 0),
		  CLAIM(4, 8, "b", 0), CLAIM(0, 4, "a", 0));
	IS_CARVED("a0-2 b2-4 a4-8", "PARTS03: one within another", CLAIM(0, 8, "a", 0),
		  CLAIM(2, 4, "b", 0));
	IS_CARVED("b0-4 a4-8", "PARTS04: at its beginning", CLAIM(0, 8, "a", 0),
		  CLAIM(0, 4, "b", 0));
	IS_CARVED("a0-4 b4-8", "PARTS05: at its end", CLAIM(0, 8, "a", 0), CLAIM(4, 8, "b", 0));
	IS_CARVED("a0-1 b1-2 c2-3 b3-4 d4-5 b5-6 a6-9", "PARTS06: two within one within another",
		  CLAIM(0, 9, "a", 0), CLAIM(1, 6, "b", 0), CLAIM(2, 3, "c", 0),
		  CLAIM(4, 5, "d", 0));
	IS_CARVED("a0-5 b5-15", "PARTS07: who begins later has what both claim",
		  CLAIM(0, 10, "a", 0), CLAIM(5, 15, "b", 0));
	IS_CARVED("a0-2 b2-4 c4-12 b12-16", "PARTS08: one that ends unseen below two others",
		  CLAIM(0, 10, "a", 0), CLAIM(2, 16, "b", 0), CLAIM(4, 12, "c", 0));
	IS_CARVED("a18446744073709551614-18446744073709551615", "PARTS09: the last bytes of all",
		  CLAIM(UINT64_MAX - 1, UINT64_MAX, "a", 0));
	IS_CARVED("a0-1 b1-2 a2-18446744073709551615", "PARTS10: all bytes but some",
		  CLAIM(0, UINT64_MAX, "a", 0), CLAIM(1, 2, "b", 0));
}

static void test_aliases(void)
{
	static char first[1000], second[1000];

	IS_CARVED("z0-4", "PARTS11: the best rank", CLAIM(0, 4, "a", 1), CLAIM(0, 4, "z", 0),
		  CLAIM(0, 4, "b", 2));
	IS_CARVED("zzz0-4", "PARTS12: the fewest underscores", CLAIM(0, 4, "_a", 0),
		  CLAIM(0, 4, "zzz", 0), CLAIM(0, 4, "__b", 0));
	IS_CARVED("zz0-4", "PARTS13: the shortest", CLAIM(0, 4, "aaa", 0), CLAIM(0, 4, "zz", 0));
	IS_CARVED("ab0-4", "PARTS14: the first in the alphabet", CLAIM(0, 4, "ba", 0),
		  CLAIM(0, 4, "ab", 0), CLAIM(0, 4, "bb", 0));
	IS_CARVED("a0-4 b4-8", "PARTS15: rank matters only where all bytes are the same",
		  CLAIM(0, 8, "a", 0), CLAIM(4, 8, "b", 7));
	memset(first, '_', sizeof(first) - 1);
	memset(second, '_', sizeof(second) - 1);
	second[900] = 'x';
	struct elf_claim claims[] = { CLAIM(0, 4, first, 0), CLAIM(0, 4, second, 0) };
	struct elf_part *part;
	size_t nr;

	ok(!elf_parts_carve(&part, &nr, claims, 2) && nr == 1 &&
		   (part->name == first || part->name == second),
	   "PARTS16: names that differ late");
	free(part);
}

/* The rule itself, byte by byte. */
#define BYTES 64u

static bool is_better(const struct elf_claim *a, const struct elf_claim *b)
{
	if (a->part.start != b->part.start)
		return a->part.start > b->part.start;
	if (a->part.end != b->part.end)
		return a->part.end < b->part.end;
	return a->rank != b->rank ? a->rank < b->rank : strcmp(a->part.name, b->part.name) < 0;
}

static void own_naively(const char *owner[BYTES], const struct elf_claim *claim, size_t nr)
{
	for (unsigned int at = 0; at < BYTES; at++) {
		const struct elf_claim *best = NULL;

		for (size_t i = 0; i < nr; i++)
			if (claim[i].part.start <= at && at < claim[i].part.end &&
			    (!best || is_better(&claim[i], best)))
				best = &claim[i];
		owner[at] = best ? best->part.name : NULL;
	}
}

/* In order, and each byte as it should be? */
static bool agrees(const struct elf_part *part, size_t nr, const char *const owner[BYTES])
{
	uint64_t at = 0;

	for (size_t i = 0; i < nr; i++) {
		if (part[i].start < at || part[i].start >= part[i].end || part[i].end > BYTES)
			return false;
		for (; at < part[i].start; at++)
			if (owner[at])
				return false;
		for (; at < part[i].end; at++)
			if (owner[at] != part[i].name)
				return false;
	}
	for (; at < BYTES; at++)
		if (owner[at])
			return false;
	return true;
}

static bool random_round(struct rng *rng)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h",
					     "i", "j", "k", "l", "m", "n", "o", "p" };
	struct elf_claim claim[ARRAY_LEN(names)];
	const size_t nr = rng_below(rng, ARRAY_LEN(names) + 1);
	const unsigned int longest = 1 + rng_below(rng, BYTES);
	const char *owner[BYTES];
	struct elf_part *part;
	size_t nr_parts;
	bool good;

	for (size_t i = 0; i < nr; i++) {
		unsigned int start = rng_below(rng, BYTES), len = 1 + rng_below(rng, longest);

		claim[i].part.start = start;
		claim[i].part.end = start + len < BYTES ? start + len : BYTES;
		claim[i].part.name = names[i];
		claim[i].rank = rng_below(rng, 3);
	}
	own_naively(owner, claim, nr);
	if (elf_parts_carve(&part, &nr_parts, claim, nr))
		return false;
	good = agrees(part, nr_parts, owner);
	free(part);
	return good;
}

static void test_random(void)
{
	struct rng rng = { 20 };
	unsigned int good = 0;

	while (good < 20000 && random_round(&rng))
		good++;
	is_u64(good, 20000, "PARTS17: claims at random, as a look at each byte has it");
}

/* All nested, all alike, all in a row: what takes the square of their number is not ready. */
#define MANY 1000000u
#define MANY_NS INT64_C(60000000000)

static void test_many(void)
{
	struct elf_claim *claim = calloc(MANY, sizeof(*claim));
	size_t nr_parts[3] = { 0 };
	const int64_t began_ns = clock_boot_ns();

	for (unsigned int kind = 0; kind < 3 && claim; kind++) {
		struct elf_part *part = NULL;

		for (unsigned int i = 0; i < MANY; i++)
			claim[i] = kind == 0   ? (struct elf_claim)CLAIM(i, 3 * MANY - i, "n", 0)
				   : kind == 1 ? (struct elf_claim)CLAIM(0, 1, "n", 0)
					       : (struct elf_claim)CLAIM(i, i + 1, "n", 0);
		if (!elf_parts_carve(&part, &nr_parts[kind], claim, MANY))
			free(part);
	}
	ok(nr_parts[0] == 2 * MANY - 1 && nr_parts[1] == 1 && nr_parts[2] == MANY,
	   "PARTS18: a million claims");
	ok(clock_boot_ns() - began_ns < MANY_NS, "PARTS19: in less than a minute");
	free(claim);
}

/* Names that are longer than anybody would look at: one follows where the other begins. */
#define ALIASES 20000u
#define LONG_BYTES ((size_t)4 << 20)

static void test_long_names(void)
{
	struct elf_claim *claim = calloc(ALIASES, sizeof(*claim));
	char *name = malloc(LONG_BYTES);
	const int64_t began_ns = clock_boot_ns();
	struct elf_part *part = NULL;
	size_t nr_parts = 0;

	if (claim && name) {
		memset(name, '_', LONG_BYTES);
		name[LONG_BYTES - 1] = '\0';
		for (unsigned int i = 0; i < ALIASES; i++)
			claim[i] = (struct elf_claim)CLAIM(0, 1, name + i, 0);
	}
	ok(claim && name && !elf_parts_carve(&part, &nr_parts, claim, ALIASES) && nr_parts == 1,
	   "PARTS20: thousands of names of megabytes");
	ok(clock_boot_ns() - began_ns < MANY_NS, "PARTS21: in less than a minute");
	free(part);
	free(claim);
	free(name);
}

int main(void)
{
	test_nesting();
	test_aliases();
	test_random();
	test_many();
	test_long_names();
	return done();
}

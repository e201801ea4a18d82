# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests in C and the bats files of host_bats run on this kernel; those of
# rwp_first_bats run in a guest with an RWP kernel, at the same time those of rwp_second_bats,
# which take as long, in another (rwp.test).  The live ones do both:
# what this kernel cannot do is skipped, with the reason.  The files of
# program_bats need no particular kernel: they also run on a build with
# sanitizers (contrib/check).

unit_tests = \
	%D%/unit/test_chunk_set \
	%D%/unit/test_elf_parts \
	%D%/unit/test_epochs \
	%D%/unit/test_error \
	%D%/unit/test_features \
	%D%/unit/test_frame \
	%D%/unit/test_format \
	%D%/unit/test_guardian \
	%D%/unit/test_io \
	%D%/unit/test_launch \
	%D%/unit/test_leftover \
	%D%/unit/test_maps \
	%D%/unit/test_out \
	%D%/unit/test_out_methods \
	%D%/unit/test_owners \
	%D%/unit/test_pages \
	%D%/unit/test_picture \
	%D%/unit/test_parse \
	%D%/unit/test_procfs \
	%D%/unit/test_region \
	%D%/unit/test_regions \
	%D%/unit/test_replay \
	%D%/unit/test_seen_pages \
	%D%/unit/test_select \
	%D%/unit/test_smaps \
	%D%/unit/test_snapshot \
	%D%/unit/test_stacks \
	%D%/unit/test_symbols \
	%D%/unit/test_symbols_live \
	%D%/unit/test_tally

# The corpora of the fuzz targets, without a fuzzer.
corpus_tests = \
	%D%/fuzz/corpus_elf \
	%D%/fuzz/corpus_maps \
	%D%/fuzz/corpus_parse \
	%D%/fuzz/corpus_procfs \
	%D%/fuzz/corpus_record \
	%D%/fuzz/corpus_replay \
	%D%/fuzz/corpus_select \
	%D%/fuzz/corpus_smaps \
	%D%/fuzz/corpus_symbols \
	%D%/fuzz/corpus_wire

program_bats = \
	%D%/cli.bats \
	%D%/features.bats \
	%D%/golden.bats \
	%D%/histories.bats \
	%D%/plot.bats \
	%D%/readme.bats \
	%D%/recipes.bats \
	%D%/record.bats \
	%D%/screen.bats

live_bats = \
	%D%/live.bats \
	%D%/by.bats \
	%D%/whose.bats \
	%D%/matrix.bats \
	%D%/methods.bats \
	%D%/db.bats \
	%D%/vmm.bats \
	%D%/refs.bats \
	%D%/several.bats \
	%D%/follow.bats \
	%D%/redis.bats \
	%D%/harm.bats \
	%D%/cycles.bats \
	%D%/servers.bats \
	%D%/left.bats \
	%D%/states.bats \
	%D%/storm.bats \
	%D%/life.bats \
	%D%/refuse.bats \
	%D%/screen_live.bats \
	%D%/zap.bats

host_bats = \
	%D%/lint.bats \
	$(program_bats) \
	$(live_bats)

rwp_first_bats = \
	%D%/live.bats \
	%D%/matrix.bats \
	%D%/by.bats \
	%D%/db.bats \
	%D%/refs.bats
rwp_second_bats = \
	%D%/rig.bats \
	%D%/features.bats \
	%D%/methods.bats \
	%D%/follow.bats \
	%D%/redis.bats \
	%D%/harm.bats \
	%D%/storm.bats \
	%D%/left.bats \
	%D%/yama.bats

# The guests first: with make -j the others run beside them.
TESTS += %D%/rwp.test $(unit_tests) $(corpus_tests) $(host_bats)

check_PROGRAMS += $(unit_tests) $(corpus_tests)
LDADD = %D%/unit/libunit.la libwsstat.la

# What the unit tests share.
check_LTLIBRARIES += %D%/unit/libunit.la
%C%_unit_libunit_la_LIBTOOLFLAGS = --tag=disable-shared
%C%_unit_libunit_la_SOURCES = \
	%D%/unit/elf_image.c \
	%D%/unit/elf_image.h \
	%D%/unit/naive.c \
	%D%/unit/naive.h \
	%D%/unit/out_check.c \
	%D%/unit/out_check.h \
	%D%/unit/out_fixture.c \
	%D%/unit/out_fixture.h \
	%D%/unit/rng.h \
	%D%/unit/story.c \
	%D%/unit/story.h \
	%D%/unit/tap.c \
	%D%/unit/tap.h

%C%_fuzz_corpus_elf_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_elf.c
%C%_fuzz_corpus_maps_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_maps.c
%C%_fuzz_corpus_parse_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_parse.c
%C%_fuzz_corpus_procfs_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_procfs.c
%C%_fuzz_corpus_record_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_record.c %D%/fuzz/fuzz_outputs.h
%C%_fuzz_corpus_replay_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_replay.c %D%/fuzz/fuzz_outputs.h
%C%_fuzz_corpus_select_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_select.c
%C%_fuzz_corpus_smaps_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_smaps.c
%C%_fuzz_corpus_symbols_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_symbols.c
%C%_fuzz_corpus_wire_SOURCES = %D%/fuzz/corpus.c %D%/fuzz/fuzz.h %D%/fuzz/fuzz_wire.c

# The attach by itself, for the harm tests.
check_PROGRAMS += %D%/helpers/borrow
%C%_helpers_borrow_LDADD = libwsstat.la

# Zaps alone, for the zap tests.
check_PROGRAMS += %D%/helpers/zapper
%C%_helpers_zapper_LDADD = libwsstat.la
%C%_helpers_zapper_SOURCES = \
	%D%/helpers/zap_kit.c \
	%D%/helpers/zap_kit.h \
	%D%/helpers/zapper.c

check_PROGRAMS += %D%/helpers/zap_exact
%C%_helpers_zap_exact_LDADD = libwsstat.la
%C%_helpers_zap_exact_SOURCES = \
	%D%/helpers/zap_exact.c \
	%D%/helpers/zap_kit.c \
	%D%/helpers/zap_kit.h

# Targets for the live tests.  They check themselves: no sanitizer between them
# and their memory.
helper_cflags = -std=gnu11 $(WARN_CFLAGS)

check_PROGRAMS += %D%/helpers/zapee
%C%_helpers_zapee_CFLAGS = $(helper_cflags)
%C%_helpers_zapee_LDFLAGS =
%C%_helpers_zapee_LDADD = -lpthread
%C%_helpers_zapee_SOURCES = %D%/helpers/zapee.c

check_PROGRAMS += %D%/helpers/churn
%C%_helpers_churn_CFLAGS = $(helper_cflags) -pthread
%C%_helpers_churn_LDFLAGS = -pthread
%C%_helpers_churn_LDADD =
%C%_helpers_churn_SOURCES = \
	%D%/helpers/churn.c \
	%D%/helpers/plot.c \
	%D%/helpers/plot.h \
	%D%/helpers/plot_ops.c \
	%D%/helpers/plot_work.h

# Whose memory is whose.
check_PROGRAMS += %D%/helpers/arrays
%C%_helpers_arrays_SOURCES = %D%/helpers/arrays.c %D%/helpers/arrays_twin.c
%C%_helpers_arrays_CFLAGS = -O0
%C%_helpers_arrays_LDADD = -lpthread

check_PROGRAMS += %D%/helpers/crowd
%C%_helpers_crowd_CFLAGS = $(helper_cflags)
%C%_helpers_crowd_LDFLAGS =
%C%_helpers_crowd_LDADD =

check_PROGRAMS += %D%/helpers/callers
%C%_helpers_callers_CFLAGS = $(helper_cflags)
%C%_helpers_callers_LDFLAGS =
%C%_helpers_callers_LDADD = -lpthread
%C%_helpers_callers_SOURCES = %D%/helpers/callers.c

check_PROGRAMS += %D%/helpers/situation
%C%_helpers_situation_CFLAGS = $(helper_cflags)
%C%_helpers_situation_LDFLAGS =
%C%_helpers_situation_LDADD =
%C%_helpers_situation_SOURCES = \
	%D%/helpers/access.c \
	%D%/helpers/access.h \
	%D%/helpers/area.c \
	%D%/helpers/area.h \
	%D%/helpers/kinds.c \
	%D%/helpers/kinds.h \
	%D%/helpers/situation.c

check_PROGRAMS += %D%/helpers/selfcheck
%C%_helpers_selfcheck_CFLAGS = $(helper_cflags) -pthread
# The dynamic linker needs much stack: not at the edge of it.
%C%_helpers_selfcheck_LDFLAGS = -pthread -Wl,-z,now
%C%_helpers_selfcheck_LDADD =
%C%_helpers_selfcheck_SOURCES = \
	%D%/helpers/places.c \
	%D%/helpers/selfcheck.c \
	%D%/helpers/selfcheck.h \
	%D%/helpers/selfcheck_fds.c \
	%D%/helpers/spin.c \
	%D%/helpers/spin.h

# Divided by its symbols, by a unit test.
check_PROGRAMS += %D%/helpers/parts
%C%_helpers_parts_CFLAGS = $(helper_cflags)
%C%_helpers_parts_LDFLAGS =
%C%_helpers_parts_LDADD =

# A file that leaves the memory, for the tests of methods.
check_PROGRAMS += %D%/helpers/evicted
%C%_helpers_evicted_CFLAGS = $(helper_cflags)
%C%_helpers_evicted_LDFLAGS =
%C%_helpers_evicted_LDADD =

# A family, for the tests of several targets.
check_PROGRAMS += %D%/helpers/tree
%C%_helpers_tree_CFLAGS = $(helper_cflags)
%C%_helpers_tree_LDFLAGS =
%C%_helpers_tree_LDADD =

check_PROGRAMS += %D%/helpers/parent
%C%_helpers_parent_CFLAGS = $(helper_cflags)
%C%_helpers_parent_LDFLAGS =
%C%_helpers_parent_LDADD =
# Upsets wsstat, for life.bats; -rpath makes it a shared object.
check_LTLIBRARIES += %D%/helpers/upset.la
%C%_helpers_upset_la_CFLAGS = $(helper_cflags)
%C%_helpers_upset_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
%C%_helpers_upset_la_SOURCES = %D%/helpers/upset.c
# In a state that is refused, or looks as if it had to be.
check_PROGRAMS += %D%/helpers/odd
%C%_helpers_odd_CFLAGS = $(helper_cflags)
%C%_helpers_odd_LDFLAGS =
%C%_helpers_odd_LDADD = -lpthread

# Refuses system calls, for the tests of --features.
check_PROGRAMS += %D%/helpers/filter
%C%_helpers_filter_CFLAGS = $(helper_cflags)
%C%_helpers_filter_LDFLAGS =
%C%_helpers_filter_LDADD =

EXTRA_DIST += \
	$(host_bats) \
	%D%/rig.bats \
	%D%/yama.bats \
	%D%/.clang-tidy \
	%D%/bench/view \
	%D%/fuzz/corpus \
	%D%/fuzz/run \
	%D%/golden \
	%D%/helpers/JavaLoad.java \
	%D%/helpers/attach_cycles \
	%D%/helpers/attach_storm \
	%D%/helpers/db-load \
	%D%/helpers/histories \
	%D%/helpers/screen-png \
	%D%/helpers/python-load \
	%D%/helpers/redis-load \
	%D%/helpers/vmm-init \
	%D%/arrays.bash \
	%D%/check-run \
	%D%/cli.bash \
	%D%/family.bash \
	%D%/lib.bash \
	%D%/parented.bash \
	%D%/target.bash \
	%D%/odd.bash \
	%D%/screen.bash \
	%D%/matrix.tsv \
	%D%/rig/README \
	%D%/rig/fetch-kernel \
	%D%/rig/guest-init \
	%D%/rig/run \
	%D%/run-bats \
	%D%/rwp.test \
	%D%/schema/validate

# Plans come first from bats: a file that dies lacks tests.  They come last from
# the unit tests, whose exit status counts as well (sanitizers speak by it).
TEST_EXTENSIONS = .bats .test
tap_driver = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
LOG_DRIVER = $(tap_driver)
BATS_LOG_DRIVER = $(tap_driver) --ignore-exit
BATS_LOG_COMPILER = $(top_srcdir)/%D%/run-bats
TEST_LOG_DRIVER = $(tap_driver)
AM_TESTS_ENVIRONMENT = \
	CC='$(CC)'; export CC; \
	WSSTAT_SRCDIR='$(abs_top_srcdir)'; export WSSTAT_SRCDIR; \
	WSSTAT_BUILD='$(abs_top_builddir)'; export WSSTAT_BUILD; \
	WSSTAT_RWP_FIRST_BATS='$(rwp_first_bats:%=$(abs_top_srcdir)/%)'; \
	export WSSTAT_RWP_FIRST_BATS; \
	WSSTAT_RWP_SECOND_BATS='$(rwp_second_bats:%=$(abs_top_srcdir)/%)'; \
	export WSSTAT_RWP_SECOND_BATS;

# What a sample costs beside the bare calls, on this kernel and then in the guest:
# each has the rows of the methods that work there.
EXTRA_PROGRAMS += %D%/bench/bench
%C%_bench_bench_LDADD = libwsstat.la
%C%_bench_bench_SOURCES = \
	%D%/bench/bare.c \
	%D%/bench/bench.c \
	%D%/bench/bench.h \
	%D%/bench/child.c
CLEANFILES += %D%/bench/bench$(EXEEXT)

.PHONY: bench
bench: %D%/bench/bench$(EXEEXT)
	%D%/bench/bench$(EXEEXT) $(BENCH)
	test -n "$$WSSTAT_NO_RIG" || \
		$(top_srcdir)/%D%/rig/run -t 3600 \
			$(abs_top_builddir)/%D%/bench/bench$(EXEEXT) $(BENCH)

# How long an attach stops a target, as that sees it.  make bench-stops STOPS="200 10 1"
EXTRA_PROGRAMS += %D%/bench/stops
%C%_bench_stops_LDADD = libwsstat.la -lpthread
CLEANFILES += %D%/bench/stops$(EXEEXT)

.PHONY: bench-stops
bench-stops: %D%/bench/stops$(EXEEXT)
	%D%/bench/stops$(EXEEXT) $(STOPS)

# What the live view costs, beside htop.  make bench-view VIEW="20 0.1"
.PHONY: bench-view
bench-view: $(bin_PROGRAMS)
	WSSTAT_BUILD=$(abs_top_builddir) $(srcdir)/%D%/bench/view $(VIEW)

# Wants clang; not part of the check.  make fuzz FUZZ_SECONDS=600
FUZZ_SECONDS = 60

.PHONY: fuzz
fuzz:
	$(AM_TESTS_ENVIRONMENT) $(top_srcdir)/%D%/fuzz/run $(FUZZ_SECONDS)

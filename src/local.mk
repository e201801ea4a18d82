# SPDX-License-Identifier: GPL-2.0-or-later
# Everything but main.c is one library, which the program and its tests link.

noinst_LTLIBRARIES += libwsstat.la
libwsstat_la_LIBTOOLFLAGS = --tag=disable-shared
libwsstat_la_CPPFLAGS = $(AM_CPPFLAGS) -DPKGLIBDIR='"$(pkglibdir)"'
libwsstat_la_LIBADD = -lpthread $(LIBELF_LIBS) $(POPT_LIBS) $(JSON_C_LIBS)
libwsstat_la_SOURCES = \
	%D%/base/clock.h \
	%D%/base/error.c \
	%D%/base/error.h \
	%D%/base/fault.c \
	%D%/base/fault.h \
	%D%/base/format.c \
	%D%/base/format.h \
	%D%/base/io.c \
	%D%/base/io.h \
	%D%/base/log.c \
	%D%/base/log.h \
	%D%/base/parse.c \
	%D%/base/parse.h \
	%D%/base/units.h \
	%D%/base/util.h \
	%D%/model/chunk_set.c \
	%D%/model/chunk_set.h \
	%D%/model/decide.c \
	%D%/model/decide.h \
	%D%/model/epochs.c \
	%D%/model/epochs.h \
	%D%/model/page_chunk.c \
	%D%/model/page_chunk.h \
	%D%/model/pages.c \
	%D%/model/pages.h \
	%D%/model/range.h \
	%D%/model/region.c \
	%D%/model/region.h \
	%D%/model/regions.c \
	%D%/model/regions.h \
	%D%/model/snapshot.c \
	%D%/model/snapshot.h \
	%D%/model/tally.c \
	%D%/model/tally.h \
	%D%/kernel/again.c \
	%D%/kernel/again.h \
	%D%/kernel/borrow.c \
	%D%/kernel/borrow.h \
	%D%/kernel/choose.c \
	%D%/kernel/choose.h \
	%D%/kernel/clear_refs.c \
	%D%/kernel/clear_refs.h \
	%D%/kernel/collapse.c \
	%D%/kernel/collapse.h \
	%D%/kernel/elf.c \
	%D%/kernel/elf.h \
	%D%/kernel/features.c \
	%D%/kernel/features.h \
	%D%/kernel/guardian.c \
	%D%/kernel/guardian.h \
	%D%/kernel/halt.c \
	%D%/kernel/halt.h \
	%D%/kernel/inject.c \
	%D%/kernel/inject.h \
	%D%/kernel/inject_arch.h \
	%D%/kernel/inject_x86_64.c \
	%D%/kernel/inject_zap.c \
	%D%/kernel/injector.h \
	%D%/kernel/leftover.c \
	%D%/kernel/leftover.h \
	%D%/kernel/machine.c \
	%D%/kernel/machine.h \
	%D%/kernel/mapcheck.c \
	%D%/kernel/mapcheck.h \
	%D%/kernel/maps.c \
	%D%/kernel/maps.h \
	%D%/kernel/page_cache.c \
	%D%/kernel/page_cache.h \
	%D%/kernel/pagemap.c \
	%D%/kernel/pagemap.h \
	%D%/kernel/permit.c \
	%D%/kernel/permit.h \
	%D%/kernel/procfs.c \
	%D%/kernel/procfs.h \
	%D%/kernel/remote.c \
	%D%/kernel/remote.h \
	%D%/kernel/room.c \
	%D%/kernel/room.h \
	%D%/kernel/sharers.c \
	%D%/kernel/sharers.h \
	%D%/kernel/smaps.c \
	%D%/kernel/smaps.h \
	%D%/kernel/trial.c \
	%D%/kernel/trial.h \
	%D%/kernel/uapi.h \
	%D%/kernel/uffd.c \
	%D%/kernel/uffd.h \
	%D%/kernel/xstate.c \
	%D%/kernel/xstate.h \
	%D%/track/absent.c \
	%D%/track/absent.h \
	%D%/track/protect.c \
	%D%/track/protect.h \
	%D%/track/replay.c \
	%D%/track/replay.h \
	%D%/track/refs.c \
	%D%/track/rwp.c \
	%D%/track/scan.c \
	%D%/track/scan.h \
	%D%/track/tracker.c \
	%D%/track/tracker.h \
	%D%/track/wp.c \
	%D%/track/zap.c \
	%D%/core/books.c \
	%D%/core/books.h \
	%D%/core/children.c \
	%D%/core/children.h \
	%D%/core/crew.c \
	%D%/core/crew.h \
	%D%/core/follow.c \
	%D%/core/follow.h \
	%D%/core/interrupt.c \
	%D%/core/interrupt.h \
	%D%/core/launch.c \
	%D%/core/launch.h \
	%D%/core/run.c \
	%D%/core/run.h \
	%D%/core/sampler.c \
	%D%/core/sampler.h \
	%D%/core/select.c \
	%D%/core/select.h \
	%D%/core/target.c \
	%D%/core/target.h \
	%D%/core/target_replay.c \
	%D%/core/tell.c \
	%D%/core/tell.h \
	%D%/core/warner.c \
	%D%/core/warner.h \
	%D%/out/brief.c \
	%D%/out/buckets.c \
	%D%/out/buckets.h \
	%D%/out/features_text.c \
	%D%/out/features_text.h \
	%D%/out/flow.c \
	%D%/out/flow.h \
	%D%/out/decision_table.c \
	%D%/out/decision_table.h \
	%D%/out/idle_table.c \
	%D%/out/idle_table.h \
	%D%/out/json.c \
	%D%/out/json_decision.c \
	%D%/out/json_decision.h \
	%D%/out/json_write.c \
	%D%/out/json_write.h \
	%D%/out/map_table.c \
	%D%/out/map_table.h \
	%D%/out/output.c \
	%D%/out/output.h \
	%D%/out/rows.c \
	%D%/out/rows.h \
	%D%/out/text.c \
	%D%/out/words.c \
	%D%/out/words.h \
	%D%/options.c \
	%D%/options.h \
	%D%/preload/wire.h

bin_PROGRAMS += wsstat
wsstat_SOURCES = %D%/main.c
wsstat_LDADD = libwsstat.la

# The island: loaded into other people's programs, so it shares no object with
# the rest, exports nothing and is never built with sanitizers.
pkglib_LTLIBRARIES += wsstat-shim.la
wsstat_shim_la_CFLAGS = -std=gnu11 $(WARN_CFLAGS) -fvisibility=hidden
wsstat_shim_la_LDFLAGS = -module -avoid-version -shared
wsstat_shim_la_SOURCES = %D%/preload/shim.c %D%/preload/wire.h

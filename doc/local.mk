# SPDX-License-Identifier: GPL-2.0-or-later

dist_pkgdata_DATA = %D%/wsstat.schema.json
man1_MANS = %D%/wsstat.1
EXTRA_DIST += \
	%D%/HACKING \
	%D%/design \
	%D%/recipes \
	%D%/recording \
	%D%/safety \
	%D%/wsstat.1.in
CLEANFILES += %D%/wsstat.1

# Dated by its source, so that the same source gives the same page.
%D%/wsstat.1: %D%/wsstat.1.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && date=$$(date -u -r $(srcdir)/%D%/wsstat.1.in +%Y-%m-%d) && \
	sed -e 's/@VERSION@/$(VERSION)/g' -e "s/@DATE@/$$date/g" \
		$(srcdir)/%D%/wsstat.1.in >$@.new && mv $@.new $@

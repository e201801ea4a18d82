# SPDX-License-Identifier: GPL-2.0-or-later

EXTRA_DIST += \
	.ci/run \
	%D%/check \
	%D%/demo \
	%D%/setup \
	%D%/wsstat-plot

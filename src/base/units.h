/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What quantities are counted in. */
#ifndef WSSTAT_BASE_UNITS_H
#define WSSTAT_BASE_UNITS_H

#include <stdint.h>

#define NS_PER_S INT64_C(1000000000)

/* 73 years: no time that comes from outside is longer, so that some can be added up. */
#define LONGEST_NS (INT64_MAX / 4)

/* Percentages are counted in millionths of a percent. */
#define PERCENT UINT64_C(1000000)

#endif

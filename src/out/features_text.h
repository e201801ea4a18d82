/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --features for people: one line for each method, the reason and the remedy behind it. */
#ifndef WSSTAT_OUT_FEATURES_TEXT_H
#define WSSTAT_OUT_FEATURES_TEXT_H

#include "out/output.h"

/* As output_ops.features; never fails. */
int features_text(struct output *out, const struct features *features);

#endif

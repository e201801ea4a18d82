/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --pages, in text and JSON. */
#ifndef WSSTAT_OUT_PAGE_LIST_H
#define WSSTAT_OUT_PAGE_LIST_H

#include "base/util.h"

struct output;
struct page_runs;

/* 0 or -ENOMEM. */
must_check int page_list_text(struct output *out, const struct page_runs *runs);
must_check int page_list_json(struct output *out, const struct page_runs *runs);

#endif

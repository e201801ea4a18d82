/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as a string in JSON: compressed (zlib, RFC 1950), then base64. */
#ifndef WSSTAT_OUT_PACK_H
#define WSSTAT_OUT_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* The string, to be freed; NULL when memory ran out. */
char *pack_text(const uint8_t *bytes, size_t len);

/*
 * The bytes, to be freed, *len of them; NULL with *rc -EINVAL: that is no such string, or
 * it ends early, or with -ENOMEM.
 */
uint8_t *pack_bytes(const char *text, size_t text_len, size_t *len, int *rc);

#endif

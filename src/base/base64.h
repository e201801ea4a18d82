/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes as text of 64 letters (RFC 4648, section 4, with padding). */
#ifndef WSSTAT_BASE_BASE64_H
#define WSSTAT_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "base/util.h"

/* The text, terminated, to be freed; NULL when memory ran out. */
char *base64_text(const uint8_t *bytes, size_t len);

/*
 * The bytes of a text of text_len letters, to be freed, and *len of them.  NULL: -EINVAL in
 * *rc if it is none, else -ENOMEM.
 */
uint8_t *base64_bytes(const char *text, size_t text_len, size_t *len, int *rc);

#endif

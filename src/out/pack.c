/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zlib, the only place that knows it. */
#include "config.h"

#include "out/pack.h"

#include <errno.h>
#include <zlib.h>

#include "base/base64.h"

#define ROOM_FIRST 65536
#define ROOM_STEP (UINT64_C(1) << 30)
#define ROOM_MAX (UINT64_C(1) << 32) /* of what one string becomes; 4 TiB of pages need less */

char *pack_text(const uint8_t *bytes, size_t len)
{
	uLongf room = compressBound(len);
	auto_free uint8_t *packed = malloc(room);

	if (!packed || compress2(packed, &room, bytes, len, Z_DEFAULT_COMPRESSION) != Z_OK)
		return NULL;
	return base64_text(packed, room);
}

static int grow(uint8_t **bytes, size_t *cap)
{
	size_t wanted = *cap ? 2 * *cap : ROOM_FIRST;
	uint8_t *grown;

	if (wanted > ROOM_MAX)
		return -EINVAL;
	grown = realloc(*bytes, wanted);
	if (!grown)
		return -ENOMEM;
	*bytes = grown;
	*cap = wanted;
	return 0;
}

/* Until the stream's own end. */
static int expand(z_stream *stream, uint8_t **bytes, size_t *len)
{
	size_t cap = 0;
	int answer = Z_OK;

	for (*len = 0; answer == Z_OK;) {
		int rc = *len == cap ? grow(bytes, &cap) : 0;
		uInt room = (uInt)(cap - *len < ROOM_STEP ? cap - *len : ROOM_STEP);

		if (rc)
			return rc;
		stream->next_out = *bytes + *len;
		stream->avail_out = room;
		answer = inflate(stream, Z_NO_FLUSH);
		*len += room - stream->avail_out;
	}
	return answer == Z_MEM_ERROR ? -ENOMEM : answer == Z_STREAM_END ? 0 : -EINVAL;
}

uint8_t *pack_bytes(const char *text, size_t text_len, size_t *len, int *rc)
{
	size_t packed_len = 0;
	auto_free uint8_t *packed = base64_bytes(text, text_len, &packed_len, rc);
	z_stream stream = { .next_in = packed, .avail_in = (uInt)packed_len };
	uint8_t *bytes = NULL;

	if (!packed)
		return NULL;
	*rc = packed_len > UINT32_MAX ? -EINVAL : 0;
	if (!*rc && inflateInit(&stream) != Z_OK)
		*rc = -ENOMEM;
	if (*rc)
		return NULL;
	*rc = expand(&stream, &bytes, len);
	inflateEnd(&stream);
	if (!*rc)
		return bytes;
	free(bytes);
	return NULL;
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/http_feed.h - feeding a header block in slices.
 *
 * Slices are copied into memory of just their size, so that the sanitizers see
 * a parser that looks behind its input.
 */
#ifndef LWS_UNIT_HTTP_FEED_H
#define LWS_UNIT_HTTP_FEED_H

#include "unit/unit.h"

#include "http/http.h"

/*
 * Collect one slice.  What lws_block_collect() gives; *left is how much of it
 * was not taken.
 */
static inline int
feed_slice(struct lws_block *b, const uint8_t *p, size_t len, size_t *left)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span in;
	int rc;

	memcpy(copy, p, len);
	in = lws_span(copy, len);
	rc = lws_block_collect(b, &in);
	*left = in.len;
	free(copy);
	return rc;
}

/*
 * Collect @len bytes: first @first of them, then slices of @step, until the
 * block is complete, fails, or everything is taken.  *left as above, of all.
 */
static inline int
feed(struct lws_block *b, const void *bytes, size_t len, size_t first,
     size_t step, size_t *left)
{
	const uint8_t *p = bytes;
	size_t at = 0, n = first, rest = 0;
	int rc = 0;

	while (!rc && at < len) {
		if (n > len - at)
			n = len - at;
		rc = feed_slice(b, p + at, n, &rest);
		at += n;
		n = step;
	}
	*left = rest + len - at;
	return rc;
}

#endif

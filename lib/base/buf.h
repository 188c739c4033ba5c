/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/buf.h - a bounded writer into the caller's memory.
 *
 * Overflow is remembered, so that a run of writes is checked once, at the end.
 * A write that does not fit writes nothing and spoils the buffer for good.
 */
#ifndef LWS_BASE_BUF_H
#define LWS_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

struct lws_buf {
	uint8_t *p;	/* borrowed memory */
	size_t cap;
	size_t len;	/* written so far */
	bool overflow;
};

static inline void
lws_buf_init(struct lws_buf *b, void *mem, size_t cap)
{
	b->p = (uint8_t *)mem;
	b->cap = cap;
	b->len = 0;
	b->overflow = false;
}

void lws_buf_put(struct lws_buf *b, const void *bytes, size_t len);
void lws_buf_puts(struct lws_buf *b, const char *str);
void lws_buf_span(struct lws_buf *b, struct lws_span s);

/*
 * Wants one byte more room than it writes, for the NUL that vsnprintf() adds
 * and the next write overwrites; what lies behind the written part may change
 * even when it does not fit.
 */
void lws_buf_printf(struct lws_buf *b, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Did everything fit? */
static inline bool
lws_buf_ok(const struct lws_buf *b)
{
	return !b->overflow;
}

/* What was written; borrowed from the memory given to lws_buf_init(). */
static inline struct lws_span
lws_buf_written(const struct lws_buf *b)
{
	return lws_span(b->p, b->len);
}

#endif

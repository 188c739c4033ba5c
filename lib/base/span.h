/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/span.h - a view of bytes that owns nothing.
 *
 * The bytes are writable because received frames are unmasked where they lie;
 * who is given a span only to read says so.  A span may hold any byte and is
 * never NUL-terminated.
 */
#ifndef LWS_BASE_SPAN_H
#define LWS_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct lws_span {
	uint8_t *p;
	size_t len;
};

static inline struct lws_span
lws_span(const void *p, size_t len)
{
	struct lws_span s = { (uint8_t *)(uintptr_t)p, len };

	return s;
}

static inline struct lws_span
lws_span_str(const char *s)
{
	return lws_span(s, strlen(s));
}

/*
 * Drop @n bytes (at most all) from the front.  An empty span may point nowhere,
 * and C allows no arithmetic on NULL, not even adding 0; compilers see through
 * the question.
 */
static inline void
lws_span_skip(struct lws_span *s, size_t n)
{
	s->p = n ? s->p + n : s->p;
	s->len -= n;
}

/* Take at most @n bytes off the front and give them back as a span. */
static inline struct lws_span
lws_span_take(struct lws_span *s, size_t n)
{
	struct lws_span got = { s->p, n < s->len ? n : s->len };

	lws_span_skip(s, got.len);
	return got;
}

/* Take everything up to @stop, and drop @stop itself; all when it is absent. */
struct lws_span lws_span_take_until(struct lws_span *s, uint8_t stop);

/* The same without blanks and tabs at both ends. */
struct lws_span lws_span_trim(struct lws_span s);

/* Byte for byte equal to the C string @str? */
bool lws_span_eq(struct lws_span s, const char *str);

/* Equal to the C string @str when ASCII case is ignored? */
bool lws_span_eq_nocase(struct lws_span s, const char *str);

/* Is @byte in it, and at which *@at for the last time? */
bool lws_span_last(struct lws_span s, uint8_t byte, size_t *at);

/* Where in it does the C string @str begin for the first time?  Or NULL. */
uint8_t *lws_span_find(struct lws_span s, const char *str);

/* Plain decimal digits only, at least one, no overflow: *@out is the number. */
bool lws_span_number(struct lws_span s, uint64_t *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/span.c - cutting and comparing views of bytes.
 *
 * Case is ASCII's, whatever the locale: field names and tokens of HTTP are
 * compared here (RFC 9110 section 5.1).
 */
#include "base/span.h"

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

struct lws_span
lws_span_take_until(struct lws_span *s, uint8_t stop)
{
	const uint8_t *at = s->len ? memchr(s->p, stop, s->len) : NULL;
	struct lws_span got;

	if (!at)
		return lws_span_take(s, s->len);

	got = lws_span_take(s, (size_t)(at - s->p));
	lws_span_skip(s, 1);
	return got;
}

struct lws_span
lws_span_trim(struct lws_span s)
{
	while (s.len && is_blank(s.p[0]))
		lws_span_skip(&s, 1);
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool
lws_span_eq(struct lws_span s, const char *str)
{
	const size_t len = strlen(str);

	return s.len == len && (!len || !memcmp(s.p, str, len));
}

bool
lws_span_eq_nocase(struct lws_span s, const char *str)
{
	size_t n;

	if (s.len != strlen(str))
		return false;
	for (n = 0; n < s.len; n++)
		if (lower(s.p[n]) != lower((uint8_t)str[n]))
			return false;
	return true;
}

bool
lws_span_number(struct lws_span s, uint64_t *out)
{
	uint64_t value = 0;
	size_t n;

	if (!s.len)
		return false;
	for (n = 0; n < s.len; n++) {
		const uint8_t digit = (uint8_t)(s.p[n] - '0');

		if (digit > 9 || value > (UINT64_MAX - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*out = value;
	return true;
}

bool
lws_span_last(struct lws_span s, uint8_t byte, size_t *at)
{
	size_t n = s.len;

	while (n--)
		if (s.p[n] == byte) {
			*at = n;
			return true;
		}
	return false;
}

uint8_t *
lws_span_find(struct lws_span s, const char *str)
{
	const size_t len = strlen(str);
	size_t n;

	for (n = 0; n < s.len && len <= s.len - n; n++)
		if (!memcmp(s.p + n, str, len))
			return s.p + n;
	return NULL;
}

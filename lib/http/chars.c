/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/chars.c - which octets may stand where.
 *
 * Sets of ASCII characters are bitmaps, one bit per character in words of 32,
 * from NUL on; none of them has members above 7f.  RFC 9110 section 5.5 and
 * 5.6.2, RFC 3986 section 3.2.2.
 */
#include "http/chars.h"

/* letters, digits and !#$%&'*+-.^_`|~ */
static const uint32_t token_set[8] = {
	0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff,
};

/* letters, digits and -._~ !$&'()*+,;= % : [ ] */
static const uint32_t host_set[8] = {
	0, 0x2fff7ff2, 0xaffffffe, 0x47fffffe,
};

static size_t
leading(const uint32_t set[8], struct lws_span s)
{
	size_t n;

	for (n = 0; n < s.len; n++)
		if (!(set[s.p[n] >> 5] >> (s.p[n] & 31) & 1))
			break;
	return n;
}

size_t
lws_chars_token(struct lws_span s)
{
	return leading(token_set, s);
}

bool
lws_chars_host(struct lws_span s)
{
	return leading(host_set, s) == s.len;
}

/* No way out of the two loops below but their end: compilers vectorise them. */
bool
lws_chars_value(struct lws_span s)
{
	unsigned bad = 0;
	size_t n;

	for (n = 0; n < s.len; n++)
		bad |= (unsigned)(s.p[n] < 0x20) & (unsigned)(s.p[n] != '\t');
	for (n = 0; n < s.len; n++)
		bad |= (unsigned)(s.p[n] == 0x7f);
	return !bad;
}

bool
lws_chars_target(struct lws_span s)
{
	unsigned bad = 0;
	size_t n;

	for (n = 0; n < s.len; n++)
		bad |= (unsigned)(s.p[n] <= 0x20) | (unsigned)(s.p[n] == 0x7f) |
		       (unsigned)(s.p[n] == '#');
	return !bad;
}

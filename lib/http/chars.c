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

static bool
is_value(uint8_t c)
{
	return (c >= 0x20 && c != 0x7f) || c == '\t';
}

/*
 * Eight octets at once: is none of them below 20 hex, and none 7f?  Taking n
 * off an octet borrows into its top bit when it was less than n, which ~word
 * tells from a top bit that was set before.
 */
static bool
is_plain(const uint8_t *p)
{
	const uint64_t ones = 0x0101010101010101;
	uint64_t word, low, del;

	memcpy(&word, p, sizeof(word));
	low = (word - ones * 0x20) & ~word;
	word ^= ones * 0x7f;
	del = (word - ones) & ~word;
	return !((low | del) & ones * 0x80);
}

bool
lws_chars_value(struct lws_span s)
{
	size_t n;

	while (s.len) {
		struct lws_span part = lws_span_take(&s, sizeof(uint64_t));

		if (part.len == sizeof(uint64_t) && is_plain(part.p))
			continue;
		for (n = 0; n < part.len; n++)
			if (!is_value(part.p[n]))
				return false;
	}
	return true;
}

bool
lws_chars_target(struct lws_span s)
{
	size_t n;

	for (n = 0; n < s.len; n++)
		if (!is_value(s.p[n]) || s.p[n] == ' ' || s.p[n] == '\t' ||
		    s.p[n] == '#')
			return false;
	return true;
}

int
lws_chars_hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

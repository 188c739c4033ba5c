/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/uri.c - the path an application sees.
 *
 * Escapes are decoded first and dot segments removed after that, so that
 * "%2e%2e%2f" climbs no further than "../" does: to "/", never above.  The
 * result is what may be put behind a directory name.  RFC 3986 section 2.1 and
 * 5.2.4; "//" counts as "/".
 */
#include "http/http.h"

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* @raw without escapes, at @out: its length, or -1 */
static int
decode(struct lws_span raw, char *out)
{
	int len = 0;

	while (raw.len) {
		int c = raw.p[0], high, low;

		if (c == '%') {
			high = raw.len > 2 ? hex(raw.p[1]) : -1;
			low = raw.len > 2 ? hex(raw.p[2]) : -1;
			if (high < 0 || low < 0)
				return -1;
			c = high << 4 | low;
			lws_span_skip(&raw, 2);
		}
		if (c < 0x20 || c == 0x7f)
			return -1;
		out[len++] = (char)c;
		lws_span_skip(&raw, 1);
	}
	return len;
}

/* Drop the last segment of the @len bytes, which end in '/': the new length. */
static int
climb(const char *path, int len)
{
	if (len > 1)
		len--;
	while (path[len - 1] != '/')
		len--;
	return len;
}

/*
 * Take the segments of the @len bytes at @path one by one, in place: what is
 * written never overtakes what is read, and ends in '/' before each segment.
 */
static int
collapse(char *path, int len)
{
	int in = 1, out = 1, end;

	for (; in < len; in = end + 1) {
		const char *slash = memchr(path + in, '/', (size_t)(len - in));
		int n;

		end = slash ? (int)(slash - path) : len;
		n = end - in;
		if (!n || (n == 1 && path[in] == '.'))
			continue;
		if (n == 2 && path[in] == '.' && path[in + 1] == '.') {
			out = climb(path, out);
			continue;
		}
		memmove(path + out, path + in, (size_t)n);
		out += n;
		if (slash)
			path[out++] = '/';
	}
	return out;
}

int
lws_uri_normalise(struct lws_span raw, char *out, size_t out_len)
{
	int len;

	if (!raw.len || raw.len >= INT32_MAX || out_len < raw.len + 2)
		return -1;
	if (raw.p[0] != '/' && !lws_span_eq(raw, "*"))
		return -1;
	len = decode(raw, out);
	if (len < 0)
		return -1;
	if (out[0] == '/')
		len = collapse(out, len);
	out[len] = '\0';
	return len;
}

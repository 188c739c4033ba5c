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

#include "http/chars.h"

/* The next character, decoded; negative for a bad escape. */
static int
take_char(struct lws_span *raw)
{
	int c = raw->p[0], n;

	lws_span_skip(raw, 1);
	if (c != '%')
		return c;
	if (raw->len < 2)
		return -1;
	for (c = 0, n = 0; n < 2; n++)
		c = c * 16 | lws_chars_hex(raw->p[n]);
	lws_span_skip(raw, 2);
	return c;
}

/*
 * A segment, from @at to @end, is complete: where the path ends now.  Without
 * it where it is "." or empty, and without the one before it where it is "..".
 */
static int
end_segment(const char *path, int at, int end)
{
	const struct lws_span segment = lws_span(path + at, (size_t)(end - at));

	if (lws_span_eq(segment, "."))
		return at;
	if (!lws_span_eq(segment, ".."))
		return end;
	if (at > 1)
		at--;
	while (path[at - 1] != '/')
		at--;
	return at;
}

int
lws_uri_normalise(struct lws_span raw, char *out, size_t out_len)
{
	int len = 0, segment = 0, c;

	if (!raw.len || raw.len >= INT32_MAX || out_len < raw.len + 2)
		return -1;
	if (raw.p[0] != '/' && !lws_span_eq(raw, "*"))
		return -1;
	while (raw.len) {
		c = take_char(&raw);
		if (c < 0x20 || c == 0x7f)
			return -1;
		if (c == '/')
			len = end_segment(out, segment, len);
		/* one is enough */
		if (c != '/' || !len || out[len - 1] != '/')
			out[len++] = (char)c;
		if (c == '/')
			segment = len;
	}
	len = end_segment(out, segment, len);
	out[len] = '\0';
	return len;
}

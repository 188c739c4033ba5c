/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/url.c - the parts of a WebSocket URL (RFC 6455 section 3, RFC 3986
 * section 3.2).
 */
#include "net/url.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"

#define LAST_PORT 65535

static bool
read_port(struct lws_span text, int *port)
{
	uint64_t number;

	if (!lws_span_number(text, &number) || !number || number > LAST_PORT)
		return false;
	*port = (int)number;
	return true;
}

bool
lws_url_split_port(struct lws_span s, struct lws_span *host, int *port)
{
	size_t end;

	*host = s;
	if (s.len && s.p[0] == '[') {
		if (!lws_span_last(s, ']', &end) || end < 2)
			return false;
		*host = lws_span(s.p + 1, end - 1);
		lws_span_skip(&s, end + 1);
		if (!s.len)
			return true;
		return s.p[0] == ':' &&
		       read_port(lws_span(s.p + 1, s.len - 1), port);
	}
	if (!lws_span_last(s, ':', &end))
		return s.len > 0;
	*host = lws_span(s.p, end);
	if (!end || memchr(host->p, ':', end))
		return false;
	return read_port(lws_span(s.p + end + 1, s.len - end - 1), port);
}

bool
lws_url_host_ok(struct lws_span host)
{
	size_t n;

	for (n = 0; n < host.len; n++)
		if (host.p[n] <= ' ' || host.p[n] >= 0x7f ||
		    strchr("/\\?#@[]\"<>", host.p[n]))
			return false;
	return host.len > 0;
}

/* How long is what stands in front of the target? */
static size_t
authority_len(struct lws_span s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] != '/' && s.p[n] != '?')
		n++;
	return n;
}

/* Take @scheme off the front of @s. */
static bool
take_scheme(struct lws_span *s, const char *scheme)
{
	const size_t len = strlen(scheme);

	if (s->len < len || strncasecmp((const char *)s->p, scheme, len) != 0)
		return false;
	lws_span_skip(s, len);
	return true;
}

int
lws_url_parse(const char *text, struct lws_url *out)
{
	struct lws_span s = lws_span_str(text);

	memset(out, 0, sizeof(*out));
	out->secure = take_scheme(&s, "wss://");
	if (!out->secure && !take_scheme(&s, "ws://"))
		return LWS_ERR_PROTOCOL;
	out->port = out->secure ? 443 : 80;
	out->authority = lws_span_take(&s, authority_len(s));
	out->target = s;
	if (memchr(text, '#', strlen(text)) ||
	    !lws_url_split_port(out->authority, &out->host, &out->port) ||
	    !lws_url_host_ok(out->host))
		return LWS_ERR_PROTOCOL;
	return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/proxy.c - which proxy to go through, and when not to.
 *
 * Settings come from the environment and are written by people: what cannot be
 * meant is refused in words, since a client that quietly goes around its proxy
 * may tell the world what it should not.
 */
#include "net/proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/span.h"
#include "net/url.h"

#define LAST_PORT 65535
#define HTTP_PORT 80

/* an address in binary */
struct address {
	uint8_t bytes[16];
	unsigned bits;		/* 32, 128; 0: it is none */
};

/* ---- reading a setting ---- */

/* the parts of a setting, still as they were written */
struct parts {
	struct lws_span auth, host;
	int port;
	bool has_auth;
};

static bool
starts(struct lws_span s, const char *with)
{
	const size_t len = strlen(with);

	return s.len >= len && lws_span_eq_nocase(lws_span(s.p, len), with);
}

static bool
split(struct lws_span s, struct parts *out)
{
	struct lws_span rest;
	size_t at;

	if (starts(s, "http://")) {
		lws_span_skip(&s, strlen("http://"));
		out->port = out->port ? out->port : HTTP_PORT;
	}
	out->has_auth = lws_span_last(s, '@', &at);
	if (out->has_auth) {
		out->auth = lws_span(s.p, at);
		lws_span_skip(&s, at + 1);
	}
	rest = s;
	s = lws_span_take_until(&rest, '/');
	return !rest.len && lws_url_split_port(s, &out->host, &out->port) &&
	       lws_url_host_ok(out->host);
}

static int
hex(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Decode user and password to @out, which has room; a user alone has an empty
 * password.  Controls would be lines of our own making in the request.
 */
static bool
decode_auth(struct lws_span s, char *out)
{
	bool colon = memchr(s.p, ':', s.len) != NULL;
	size_t n;

	for (n = 0; n < s.len; n++) {
		uint8_t c = s.p[n];

		if (c == '%') {
			if (s.len - n < 3 || hex(s.p[n + 1]) < 0 ||
			    hex(s.p[n + 2]) < 0)
				return false;
			c = (uint8_t)(hex(s.p[n + 1]) << 4 | hex(s.p[n + 2]));
			n += 2;
		}
		if (c < ' ' || c == 0x7f)
			return false;
		*out++ = (char)c;
	}
	if (!colon)
		*out++ = ':';
	*out = '\0';
	return true;
}

static struct lws_proxy *
make(const struct parts *parts)
{
	const size_t host = parts->host.len + 1, auth = parts->auth.len + 2;
	struct lws_proxy *p = lws_alloc(sizeof(*p) + host + auth);

	if (!p)
		return NULL;
	p->port = parts->port;
	p->host = (char *)(p + 1);
	memcpy(p->host, parts->host.p, parts->host.len);
	p->host[parts->host.len] = '\0';
	p->auth = parts->has_auth ? p->host + host : NULL;
	return p;
}

struct lws_proxy *
lws_proxy_parse(const char *text, int port, char *why, size_t why_len)
{
	struct parts parts = { .port = port };
	const struct lws_span s = lws_span_trim(lws_span_str(text));
	struct lws_proxy *p;

	if (!starts(s, "http://") && strstr(text, "://")) {
		snprintf(why, why_len, "only http:// proxies are spoken to");
		return NULL;
	}
	if (!split(s, &parts)) {
		snprintf(why, why_len,
			 "not of the form [user:password@]host:port");
		return NULL;
	}
	if (parts.port < 1 || parts.port > LAST_PORT) {
		snprintf(why, why_len, "it has no port");
		return NULL;
	}
	p = make(&parts);
	if (!p) {
		snprintf(why, why_len, "out of memory");
		return NULL;
	}
	if (p->auth && !decode_auth(parts.auth, p->auth)) {
		snprintf(why, why_len, "user and password cannot be decoded");
		lws_free(p);
		return NULL;
	}
	return p;
}

/* ---- who is spared ---- */

static struct address
read_address(struct lws_span s)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct address a = { .bits = 0 };
	char text[INET6_ADDRSTRLEN];

	if (!s.len || s.len >= sizeof(text))
		return a;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	if (inet_pton(AF_INET, text, a.bytes) == 1) {
		a.bits = 32;
	} else if (inet_pton(AF_INET6, text, a.bytes) == 1) {
		a.bits = 128;
		if (!memcmp(a.bytes, mapped, sizeof(mapped))) {
			memmove(a.bytes, a.bytes + 12, 4);
			a.bits = 32;
		}
	}
	return a;
}

static bool
same_bits(const struct address *a, const struct address *b, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;
	const int mask = 0xff00 >> rest & 0xff;

	if (a->bits != b->bits || bits > a->bits ||
	    memcmp(a->bytes, b->bytes, whole) != 0)
		return false;
	return !rest || !((a->bytes[whole] ^ b->bytes[whole]) & mask);
}

static bool
is_loopback(struct lws_span host, const struct address *a)
{
	static const struct address one = { .bytes = { [15] = 1 },
					    .bits = 128 };

	if (a->bits == 32)
		return a->bytes[0] == 127;
	return same_bits(a, &one, 128) || lws_span_eq_nocase(host, "localhost");
}

/* Is @name @domain, or in it? */
static bool
in_domain(struct lws_span name, struct lws_span domain)
{
	struct lws_span tail;

	if (!domain.len || domain.len > name.len)
		return false;
	tail = lws_span(name.p + name.len - domain.len, domain.len);
	if (strncasecmp((const char *)tail.p, (const char *)domain.p,
			domain.len) != 0)
		return false;
	return domain.len == name.len || tail.p[-1] == '.';
}

/* An address, or a network of so many bits, against one. */
static bool
in_network(const struct address *a, struct lws_span entry)
{
	struct lws_span left = entry, text = lws_span_take_until(&left, '/');
	const struct address network = read_address(text);
	uint64_t bits = network.bits;

	if (!network.bits || !a->bits)
		return false;
	if (text.len < entry.len &&
	    (!lws_span_number(left, &bits) || bits > network.bits))
		return false;
	return same_bits(a, &network, (unsigned)bits);
}

struct target {
	struct lws_span host;
	struct address address;
	int port;
};

static bool
names(struct lws_span entry, const struct target *t)
{
	struct lws_span host = entry;
	int port = t->port;

	if (lws_span_eq(entry, "*"))
		return true;
	if (in_network(&t->address, entry))
		return true;
	if (!lws_url_split_port(entry, &host, &port) || port != t->port)
		return false;
	if (t->address.bits)
		return in_network(&t->address, host);
	if (starts(host, "*."))
		lws_span_skip(&host, 2);
	else if (starts(host, "."))
		lws_span_skip(&host, 1);
	return in_domain(t->host, host);
}

/* the next entry of a list with commas or blanks; empty at its end */
static struct lws_span
next_entry(const char **list)
{
	struct lws_span entry;

	*list += strspn(*list, ", \t");
	entry = lws_span(*list, strcspn(*list, ", \t"));
	*list += entry.len;
	return entry;
}

bool
lws_proxy_spares(const char *list, const char *host, int port)
{
	struct target t = { .host = lws_span_str(host), .port = port };
	struct lws_span entry;

	if (t.host.len > 2 && host[0] == '[' && host[t.host.len - 1] == ']')
		t.host = lws_span(host + 1, t.host.len - 2);
	if (t.host.len > 1 && t.host.p[t.host.len - 1] == '.')
		t.host.len--;
	t.address = read_address(t.host);
	if (is_loopback(t.host, &t.address))
		return true;
	while (list && (entry = next_entry(&list)).len)
		if (names(entry, &t))
			return true;
	return false;
}

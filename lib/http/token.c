/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/token.c - header names and their tokens.
 *
 * A name is found by one look into a table: its length, first and last letter
 * make the slot, and no two known names share one.  A new name that collides
 * initialises a slot twice, which compilers report; then other factors have to
 * be found for SLOT().  Field names: RFC 9110 section 5.1.
 */
#include "http/http.h"

#include "base/compiler.h"
#include "base/limits.h"

#define SLOTS 155
#define SLOT(first, last, len) \
	((125u * (unsigned)(first) + 19u * (unsigned)(last) + \
	  (unsigned)(len)) % SLOTS)

/* the texts of lws_token_to_string(); field names end in their colon */
#define TEXTS(T) \
	T(GET_URI, "get ") \
	T(POST_URI, "post ") \
	T(OPTIONS_URI, "options ") \
	T(HOST, "host:") \
	T(CONNECTION, "connection:") \
	T(UPGRADE, "upgrade:") \
	T(ORIGIN, "origin:") \
	T(DRAFT, "sec-websocket-draft:") \
	T(CHALLENGE, "\r\n") \
	T(EXTENSIONS, "sec-websocket-extensions:") \
	T(KEY1, "sec-websocket-key1:") \
	T(KEY2, "sec-websocket-key2:") \
	T(PROTOCOL, "sec-websocket-protocol:") \
	T(ACCEPT, "sec-websocket-accept:") \
	T(NONCE, "sec-websocket-nonce:") \
	T(HTTP, "http/1.1 ") \
	T(HTTP2_SETTINGS, "http2-settings:") \
	T(HTTP_ACCEPT, "accept:") \
	T(HTTP_AC_REQUEST_HEADERS, "access-control-request-headers:") \
	T(HTTP_IF_MODIFIED_SINCE, "if-modified-since:") \
	T(HTTP_IF_NONE_MATCH, "if-none-match:") \
	T(HTTP_ACCEPT_ENCODING, "accept-encoding:") \
	T(HTTP_ACCEPT_LANGUAGE, "accept-language:") \
	T(HTTP_PRAGMA, "pragma:") \
	T(HTTP_CACHE_CONTROL, "cache-control:") \
	T(HTTP_AUTHORIZATION, "authorization:") \
	T(HTTP_COOKIE, "cookie:") \
	T(HTTP_CONTENT_LENGTH, "content-length:") \
	T(HTTP_CONTENT_TYPE, "content-type:") \
	T(HTTP_DATE, "date:") \
	T(HTTP_RANGE, "range:") \
	T(HTTP_REFERER, "referer:") \
	T(KEY, "sec-websocket-key:") \
	T(VERSION, "sec-websocket-version:") \
	T(SWORIGIN, "sec-websocket-origin:") \
	T(HTTP_COLON_AUTHORITY, ":authority:") \
	T(HTTP_COLON_METHOD, ":method:") \
	T(HTTP_COLON_PATH, ":path:") \
	T(HTTP_COLON_SCHEME, ":scheme:") \
	T(HTTP_COLON_STATUS, ":status:") \
	T(HTTP_ACCEPT_CHARSET, "accept-charset:") \
	T(HTTP_ACCEPT_RANGES, "accept-ranges:") \
	T(HTTP_ACCESS_CONTROL_ALLOW_ORIGIN, "access-control-allow-origin:") \
	T(HTTP_AGE, "age:") \
	T(HTTP_ALLOW, "allow:") \
	T(HTTP_CONTENT_DISPOSITION, "content-disposition:") \
	T(HTTP_CONTENT_ENCODING, "content-encoding:") \
	T(HTTP_CONTENT_LANGUAGE, "content-language:") \
	T(HTTP_CONTENT_LOCATION, "content-location:") \
	T(HTTP_CONTENT_RANGE, "content-range:") \
	T(HTTP_ETAG, "etag:") \
	T(HTTP_EXPECT, "expect:") \
	T(HTTP_EXPIRES, "expires:") \
	T(HTTP_FROM, "from:") \
	T(HTTP_IF_MATCH, "if-match:") \
	T(HTTP_IF_RANGE, "if-range:") \
	T(HTTP_IF_UNMODIFIED_SINCE, "if-unmodified-since:") \
	T(HTTP_LAST_MODIFIED, "last-modified:") \
	T(HTTP_LINK, "link:") \
	T(HTTP_LOCATION, "location:") \
	T(HTTP_MAX_FORWARDS, "max-forwards:") \
	T(HTTP_PROXY_AUTHENTICATE, "proxy-authenticate:") \
	T(HTTP_PROXY_AUTHORIZATION, "proxy-authorization:") \
	T(HTTP_REFRESH, "refresh:") \
	T(HTTP_RETRY_AFTER, "retry-after:") \
	T(HTTP_SERVER, "server:") \
	T(HTTP_SET_COOKIE, "set-cookie:") \
	T(HTTP_STRICT_TRANSPORT_SECURITY, "strict-transport-security:") \
	T(HTTP_TRANSFER_ENCODING, "transfer-encoding:") \
	T(HTTP_USER_AGENT, "user-agent:") \
	T(HTTP_VARY, "vary:") \
	T(HTTP_VIA, "via:") \
	T(HTTP_WWW_AUTHENTICATE, "www-authenticate:") \
	T(PROXY, "proxy ") \
	T(PATCH_URI, "patch") \
	T(PUT_URI, "put") \
	T(DELETE_URI, "delete") \
	T(HTTP_URI_ARGS, "")

/*
 * They lie one behind the other, and a table tells where, in a quarter of what
 * pointers to them would take.
 */
#define TEXT_ROOM(name, text) char name[sizeof(text)];
#define TEXT_ITSELF(name, text) text,
#define TEXT_PLACE(name, text) \
	[WSI_TOKEN_##name] = offsetof(struct texts, name),

struct texts {
	TEXTS(TEXT_ROOM)
};

static const struct texts texts = { TEXTS(TEXT_ITSELF) };
static const uint16_t places[] = { TEXTS(TEXT_PLACE) };

/* 0, which is no field name, marks the empty ones */
static const uint8_t slots[SLOTS] = {
	[SLOT('h', 't', 4)] = WSI_TOKEN_HOST,
	[SLOT('c', 'n', 10)] = WSI_TOKEN_CONNECTION,
	[SLOT('u', 'e', 7)] = WSI_TOKEN_UPGRADE,
	[SLOT('o', 'n', 6)] = WSI_TOKEN_ORIGIN,
	[SLOT('s', 't', 19)] = WSI_TOKEN_DRAFT,
	[SLOT('s', 's', 24)] = WSI_TOKEN_EXTENSIONS,
	[SLOT('s', '1', 18)] = WSI_TOKEN_KEY1,
	[SLOT('s', '2', 18)] = WSI_TOKEN_KEY2,
	[SLOT('s', 'l', 22)] = WSI_TOKEN_PROTOCOL,
	[SLOT('s', 't', 20)] = WSI_TOKEN_ACCEPT,
	[SLOT('s', 'e', 19)] = WSI_TOKEN_NONCE,
	[SLOT('h', 's', 14)] = WSI_TOKEN_HTTP2_SETTINGS,
	[SLOT('a', 't', 6)] = WSI_TOKEN_HTTP_ACCEPT,
	[SLOT('a', 's', 30)] = WSI_TOKEN_HTTP_AC_REQUEST_HEADERS,
	[SLOT('i', 'e', 17)] = WSI_TOKEN_HTTP_IF_MODIFIED_SINCE,
	[SLOT('i', 'h', 13)] = WSI_TOKEN_HTTP_IF_NONE_MATCH,
	[SLOT('a', 'g', 15)] = WSI_TOKEN_HTTP_ACCEPT_ENCODING,
	[SLOT('a', 'e', 15)] = WSI_TOKEN_HTTP_ACCEPT_LANGUAGE,
	[SLOT('p', 'a', 6)] = WSI_TOKEN_HTTP_PRAGMA,
	[SLOT('c', 'l', 13)] = WSI_TOKEN_HTTP_CACHE_CONTROL,
	[SLOT('a', 'n', 13)] = WSI_TOKEN_HTTP_AUTHORIZATION,
	[SLOT('c', 'e', 6)] = WSI_TOKEN_HTTP_COOKIE,
	[SLOT('c', 'h', 14)] = WSI_TOKEN_HTTP_CONTENT_LENGTH,
	[SLOT('c', 'e', 12)] = WSI_TOKEN_HTTP_CONTENT_TYPE,
	[SLOT('d', 'e', 4)] = WSI_TOKEN_HTTP_DATE,
	[SLOT('r', 'e', 5)] = WSI_TOKEN_HTTP_RANGE,
	[SLOT('r', 'r', 7)] = WSI_TOKEN_HTTP_REFERER,
	[SLOT('s', 'y', 17)] = WSI_TOKEN_KEY,
	[SLOT('s', 'n', 21)] = WSI_TOKEN_VERSION,
	[SLOT('s', 'n', 20)] = WSI_TOKEN_SWORIGIN,
	[SLOT('a', 't', 14)] = WSI_TOKEN_HTTP_ACCEPT_CHARSET,
	[SLOT('a', 's', 13)] = WSI_TOKEN_HTTP_ACCEPT_RANGES,
	[SLOT('a', 'n', 27)] = WSI_TOKEN_HTTP_ACCESS_CONTROL_ALLOW_ORIGIN,
	[SLOT('a', 'e', 3)] = WSI_TOKEN_HTTP_AGE,
	[SLOT('a', 'w', 5)] = WSI_TOKEN_HTTP_ALLOW,
	[SLOT('c', 'n', 19)] = WSI_TOKEN_HTTP_CONTENT_DISPOSITION,
	[SLOT('c', 'g', 16)] = WSI_TOKEN_HTTP_CONTENT_ENCODING,
	[SLOT('c', 'e', 16)] = WSI_TOKEN_HTTP_CONTENT_LANGUAGE,
	[SLOT('c', 'n', 16)] = WSI_TOKEN_HTTP_CONTENT_LOCATION,
	[SLOT('c', 'e', 13)] = WSI_TOKEN_HTTP_CONTENT_RANGE,
	[SLOT('e', 'g', 4)] = WSI_TOKEN_HTTP_ETAG,
	[SLOT('e', 't', 6)] = WSI_TOKEN_HTTP_EXPECT,
	[SLOT('e', 's', 7)] = WSI_TOKEN_HTTP_EXPIRES,
	[SLOT('f', 'm', 4)] = WSI_TOKEN_HTTP_FROM,
	[SLOT('i', 'h', 8)] = WSI_TOKEN_HTTP_IF_MATCH,
	[SLOT('i', 'e', 8)] = WSI_TOKEN_HTTP_IF_RANGE,
	[SLOT('i', 'e', 19)] = WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE,
	[SLOT('l', 'd', 13)] = WSI_TOKEN_HTTP_LAST_MODIFIED,
	[SLOT('l', 'k', 4)] = WSI_TOKEN_HTTP_LINK,
	[SLOT('l', 'n', 8)] = WSI_TOKEN_HTTP_LOCATION,
	[SLOT('m', 's', 12)] = WSI_TOKEN_HTTP_MAX_FORWARDS,
	[SLOT('p', 'e', 18)] = WSI_TOKEN_HTTP_PROXY_AUTHENTICATE,
	[SLOT('p', 'n', 19)] = WSI_TOKEN_HTTP_PROXY_AUTHORIZATION,
	[SLOT('r', 'h', 7)] = WSI_TOKEN_HTTP_REFRESH,
	[SLOT('r', 'r', 11)] = WSI_TOKEN_HTTP_RETRY_AFTER,
	[SLOT('s', 'r', 6)] = WSI_TOKEN_HTTP_SERVER,
	[SLOT('s', 'e', 10)] = WSI_TOKEN_HTTP_SET_COOKIE,
	[SLOT('s', 'y', 25)] = WSI_TOKEN_HTTP_STRICT_TRANSPORT_SECURITY,
	[SLOT('t', 'g', 17)] = WSI_TOKEN_HTTP_TRANSFER_ENCODING,
	[SLOT('u', 't', 10)] = WSI_TOKEN_HTTP_USER_AGENT,
	[SLOT('v', 'y', 4)] = WSI_TOKEN_HTTP_VARY,
	[SLOT('v', 'a', 3)] = WSI_TOKEN_HTTP_VIA,
	[SLOT('w', 'e', 16)] = WSI_TOKEN_HTTP_WWW_AUTHENTICATE,
};

LWS_STATIC_ASSERT(WSI_TOKEN_COUNT <= 255);

const unsigned char *
lws_token_to_string(enum lws_token_indexes token)
{
	if ((size_t)token >= sizeof(places) / sizeof(places[0]))
		return NULL;
	return (const unsigned char *)&texts + places[token];
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool
same(struct lws_span name, const unsigned char *text)
{
	size_t n;

	for (n = 0; n < name.len; n++)
		if (lower(name.p[n]) != text[n])
			return false;
	return text[n] == ':' && !text[n + 1];
}

int
lws_token_find(struct lws_span name)
{
	uint8_t token;

	if (!name.len || name.len > (size_t)(LWS_MAX_HEADER_NAME_LENGTH))
		return -1;
	token = slots[SLOT(lower(name.p[0]), lower(name.p[name.len - 1]),
			   name.len)];
	if (token && same(name, lws_token_to_string(token)))
		return token == WSI_TOKEN_SWORIGIN ? WSI_TOKEN_ORIGIN : token;
	return lws_span_eq_nocase(name, "sec-websocket-location")
		       ? WSI_TOKEN_HTTP_LOCATION
		       : -1;
}

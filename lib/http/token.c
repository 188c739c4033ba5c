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

#define SLOTS 256
#define SLOT(first, last, len) \
	((2u * (unsigned)(first) + (unsigned)(last) + 25u * (unsigned)(len)) % \
	 SLOTS)

/* the texts of lws_token_to_string(); field names end in their colon */
static const char *const texts[] = {
	[WSI_TOKEN_GET_URI] = "get ",
	[WSI_TOKEN_POST_URI] = "post ",
	[WSI_TOKEN_OPTIONS_URI] = "options ",
	[WSI_TOKEN_HOST] = "host:",
	[WSI_TOKEN_CONNECTION] = "connection:",
	[WSI_TOKEN_UPGRADE] = "upgrade:",
	[WSI_TOKEN_ORIGIN] = "origin:",
	[WSI_TOKEN_DRAFT] = "sec-websocket-draft:",
	[WSI_TOKEN_CHALLENGE] = "\r\n",
	[WSI_TOKEN_EXTENSIONS] = "sec-websocket-extensions:",
	[WSI_TOKEN_KEY1] = "sec-websocket-key1:",
	[WSI_TOKEN_KEY2] = "sec-websocket-key2:",
	[WSI_TOKEN_PROTOCOL] = "sec-websocket-protocol:",
	[WSI_TOKEN_ACCEPT] = "sec-websocket-accept:",
	[WSI_TOKEN_NONCE] = "sec-websocket-nonce:",
	[WSI_TOKEN_HTTP] = "http/1.1 ",
	[WSI_TOKEN_HTTP2_SETTINGS] = "http2-settings:",
	[WSI_TOKEN_HTTP_ACCEPT] = "accept:",
	[WSI_TOKEN_HTTP_AC_REQUEST_HEADERS] = "access-control-request-headers:",
	[WSI_TOKEN_HTTP_IF_MODIFIED_SINCE] = "if-modified-since:",
	[WSI_TOKEN_HTTP_IF_NONE_MATCH] = "if-none-match:",
	[WSI_TOKEN_HTTP_ACCEPT_ENCODING] = "accept-encoding:",
	[WSI_TOKEN_HTTP_ACCEPT_LANGUAGE] = "accept-language:",
	[WSI_TOKEN_HTTP_PRAGMA] = "pragma:",
	[WSI_TOKEN_HTTP_CACHE_CONTROL] = "cache-control:",
	[WSI_TOKEN_HTTP_AUTHORIZATION] = "authorization:",
	[WSI_TOKEN_HTTP_COOKIE] = "cookie:",
	[WSI_TOKEN_HTTP_CONTENT_LENGTH] = "content-length:",
	[WSI_TOKEN_HTTP_CONTENT_TYPE] = "content-type:",
	[WSI_TOKEN_HTTP_DATE] = "date:",
	[WSI_TOKEN_HTTP_RANGE] = "range:",
	[WSI_TOKEN_HTTP_REFERER] = "referer:",
	[WSI_TOKEN_KEY] = "sec-websocket-key:",
	[WSI_TOKEN_VERSION] = "sec-websocket-version:",
	[WSI_TOKEN_SWORIGIN] = "sec-websocket-origin:",
	[WSI_TOKEN_HTTP_COLON_AUTHORITY] = ":authority:",
	[WSI_TOKEN_HTTP_COLON_METHOD] = ":method:",
	[WSI_TOKEN_HTTP_COLON_PATH] = ":path:",
	[WSI_TOKEN_HTTP_COLON_SCHEME] = ":scheme:",
	[WSI_TOKEN_HTTP_COLON_STATUS] = ":status:",
	[WSI_TOKEN_HTTP_ACCEPT_CHARSET] = "accept-charset:",
	[WSI_TOKEN_HTTP_ACCEPT_RANGES] = "accept-ranges:",
	[WSI_TOKEN_HTTP_ACCESS_CONTROL_ALLOW_ORIGIN] =
		"access-control-allow-origin:",
	[WSI_TOKEN_HTTP_AGE] = "age:",
	[WSI_TOKEN_HTTP_ALLOW] = "allow:",
	[WSI_TOKEN_HTTP_CONTENT_DISPOSITION] = "content-disposition:",
	[WSI_TOKEN_HTTP_CONTENT_ENCODING] = "content-encoding:",
	[WSI_TOKEN_HTTP_CONTENT_LANGUAGE] = "content-language:",
	[WSI_TOKEN_HTTP_CONTENT_LOCATION] = "content-location:",
	[WSI_TOKEN_HTTP_CONTENT_RANGE] = "content-range:",
	[WSI_TOKEN_HTTP_ETAG] = "etag:",
	[WSI_TOKEN_HTTP_EXPECT] = "expect:",
	[WSI_TOKEN_HTTP_EXPIRES] = "expires:",
	[WSI_TOKEN_HTTP_FROM] = "from:",
	[WSI_TOKEN_HTTP_IF_MATCH] = "if-match:",
	[WSI_TOKEN_HTTP_IF_RANGE] = "if-range:",
	[WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE] = "if-unmodified-since:",
	[WSI_TOKEN_HTTP_LAST_MODIFIED] = "last-modified:",
	[WSI_TOKEN_HTTP_LINK] = "link:",
	[WSI_TOKEN_HTTP_LOCATION] = "location:",
	[WSI_TOKEN_HTTP_MAX_FORWARDS] = "max-forwards:",
	[WSI_TOKEN_HTTP_PROXY_AUTHENTICATE] = "proxy-authenticate:",
	[WSI_TOKEN_HTTP_PROXY_AUTHORIZATION] = "proxy-authorization:",
	[WSI_TOKEN_HTTP_REFRESH] = "refresh:",
	[WSI_TOKEN_HTTP_RETRY_AFTER] = "retry-after:",
	[WSI_TOKEN_HTTP_SERVER] = "server:",
	[WSI_TOKEN_HTTP_SET_COOKIE] = "set-cookie:",
	[WSI_TOKEN_HTTP_STRICT_TRANSPORT_SECURITY] =
		"strict-transport-security:",
	[WSI_TOKEN_HTTP_TRANSFER_ENCODING] = "transfer-encoding:",
	[WSI_TOKEN_HTTP_USER_AGENT] = "user-agent:",
	[WSI_TOKEN_HTTP_VARY] = "vary:",
	[WSI_TOKEN_HTTP_VIA] = "via:",
	[WSI_TOKEN_HTTP_WWW_AUTHENTICATE] = "www-authenticate:",
	[WSI_TOKEN_PROXY] = "proxy ",
	[WSI_TOKEN_PATCH_URI] = "patch",
	[WSI_TOKEN_PUT_URI] = "put",
	[WSI_TOKEN_DELETE_URI] = "delete",
	[WSI_TOKEN_HTTP_URI_ARGS] = "",
};

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
	if ((size_t)token >= sizeof(texts) / sizeof(texts[0]))
		return NULL;
	return (const unsigned char *)texts[token];
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool
same(struct lws_span name, const char *text)
{
	size_t n;

	for (n = 0; n < name.len; n++)
		if (lower(name.p[n]) != (uint8_t)text[n])
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
	if (!token || !same(name, texts[token]))
		return same(name, "sec-websocket-location:")
			       ? WSI_TOKEN_HTTP_LOCATION
			       : -1;
	return token == WSI_TOKEN_SWORIGIN ? WSI_TOKEN_ORIGIN : token;
}

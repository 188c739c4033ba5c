/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/token.c: names of fields and their tokens.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "http/http.h"

/* the 63 names that fields may have, and what each is found as */
static const struct {
	const char *name;
	int token;
} names[] = {
	{ "host", WSI_TOKEN_HOST },
	{ "connection", WSI_TOKEN_CONNECTION },
	{ "upgrade", WSI_TOKEN_UPGRADE },
	{ "origin", WSI_TOKEN_ORIGIN },
	{ "sec-websocket-draft", WSI_TOKEN_DRAFT },
	{ "sec-websocket-extensions", WSI_TOKEN_EXTENSIONS },
	{ "sec-websocket-key1", WSI_TOKEN_KEY1 },
	{ "sec-websocket-key2", WSI_TOKEN_KEY2 },
	{ "sec-websocket-protocol", WSI_TOKEN_PROTOCOL },
	{ "sec-websocket-accept", WSI_TOKEN_ACCEPT },
	{ "sec-websocket-nonce", WSI_TOKEN_NONCE },
	{ "http2-settings", WSI_TOKEN_HTTP2_SETTINGS },
	{ "accept", WSI_TOKEN_HTTP_ACCEPT },
	{ "access-control-request-headers", WSI_TOKEN_HTTP_AC_REQUEST_HEADERS },
	{ "if-modified-since", WSI_TOKEN_HTTP_IF_MODIFIED_SINCE },
	{ "if-none-match", WSI_TOKEN_HTTP_IF_NONE_MATCH },
	{ "accept-encoding", WSI_TOKEN_HTTP_ACCEPT_ENCODING },
	{ "accept-language", WSI_TOKEN_HTTP_ACCEPT_LANGUAGE },
	{ "pragma", WSI_TOKEN_HTTP_PRAGMA },
	{ "cache-control", WSI_TOKEN_HTTP_CACHE_CONTROL },
	{ "authorization", WSI_TOKEN_HTTP_AUTHORIZATION },
	{ "cookie", WSI_TOKEN_HTTP_COOKIE },
	{ "content-length", WSI_TOKEN_HTTP_CONTENT_LENGTH },
	{ "content-type", WSI_TOKEN_HTTP_CONTENT_TYPE },
	{ "date", WSI_TOKEN_HTTP_DATE },
	{ "range", WSI_TOKEN_HTTP_RANGE },
	{ "referer", WSI_TOKEN_HTTP_REFERER },
	{ "sec-websocket-key", WSI_TOKEN_KEY },
	{ "sec-websocket-version", WSI_TOKEN_VERSION },
	{ "sec-websocket-origin", WSI_TOKEN_ORIGIN },
	{ "sec-websocket-location", WSI_TOKEN_HTTP_LOCATION },
	{ "accept-charset", WSI_TOKEN_HTTP_ACCEPT_CHARSET },
	{ "accept-ranges", WSI_TOKEN_HTTP_ACCEPT_RANGES },
	{ "access-control-allow-origin",
	  WSI_TOKEN_HTTP_ACCESS_CONTROL_ALLOW_ORIGIN },
	{ "age", WSI_TOKEN_HTTP_AGE },
	{ "allow", WSI_TOKEN_HTTP_ALLOW },
	{ "content-disposition", WSI_TOKEN_HTTP_CONTENT_DISPOSITION },
	{ "content-encoding", WSI_TOKEN_HTTP_CONTENT_ENCODING },
	{ "content-language", WSI_TOKEN_HTTP_CONTENT_LANGUAGE },
	{ "content-location", WSI_TOKEN_HTTP_CONTENT_LOCATION },
	{ "content-range", WSI_TOKEN_HTTP_CONTENT_RANGE },
	{ "etag", WSI_TOKEN_HTTP_ETAG },
	{ "expect", WSI_TOKEN_HTTP_EXPECT },
	{ "expires", WSI_TOKEN_HTTP_EXPIRES },
	{ "from", WSI_TOKEN_HTTP_FROM },
	{ "if-match", WSI_TOKEN_HTTP_IF_MATCH },
	{ "if-range", WSI_TOKEN_HTTP_IF_RANGE },
	{ "if-unmodified-since", WSI_TOKEN_HTTP_IF_UNMODIFIED_SINCE },
	{ "last-modified", WSI_TOKEN_HTTP_LAST_MODIFIED },
	{ "link", WSI_TOKEN_HTTP_LINK },
	{ "location", WSI_TOKEN_HTTP_LOCATION },
	{ "max-forwards", WSI_TOKEN_HTTP_MAX_FORWARDS },
	{ "proxy-authenticate", WSI_TOKEN_HTTP_PROXY_AUTHENTICATE },
	{ "proxy-authorization", WSI_TOKEN_HTTP_PROXY_AUTHORIZATION },
	{ "refresh", WSI_TOKEN_HTTP_REFRESH },
	{ "retry-after", WSI_TOKEN_HTTP_RETRY_AFTER },
	{ "server", WSI_TOKEN_HTTP_SERVER },
	{ "set-cookie", WSI_TOKEN_HTTP_SET_COOKIE },
	{ "strict-transport-security",
	  WSI_TOKEN_HTTP_STRICT_TRANSPORT_SECURITY },
	{ "transfer-encoding", WSI_TOKEN_HTTP_TRANSFER_ENCODING },
	{ "user-agent", WSI_TOKEN_HTTP_USER_AGENT },
	{ "vary", WSI_TOKEN_HTTP_VARY },
	{ "via", WSI_TOKEN_HTTP_VIA },
	{ "www-authenticate", WSI_TOKEN_HTTP_WWW_AUTHENTICATE },
};

static int
find(const char *name)
{
	return lws_token_find(lws_span_str(name));
}

static void
test_every_name_is_found_in_any_case(void **state)
{
	char mixed[64];
	size_t n, i;

	(void)state;
	for (n = 0; n < COUNT(names); n++) {
		const char *name = names[n].name;

		assert_int_equal(find(name), names[n].token);
		for (i = 0; name[i]; i++) {
			mixed[i] = name[i];
			if (i % 2 == n % 2 && name[i] >= 'a' && name[i] <= 'z')
				mixed[i] = (char)(name[i] - 'a' + 'A');
		}
		mixed[i] = '\0';
		assert_int_equal(find(mixed), names[n].token);
	}
}

/* Also those that differ in bit 5 alone, as '-' and CR do. */
static void
test_a_name_with_one_bit_changed_is_not_found(void **state)
{
	uint8_t other[64];
	size_t n, i, len;
	unsigned bit;

	(void)state;
	for (n = 0; n < COUNT(names); n++) {
		len = strlen(names[n].name);
		for (i = 0; i < len * 8; i++) {
			memcpy(other, names[n].name, len);
			bit = i % 8;
			if (bit == 5 && other[i / 8] >= 'a')
				continue;
			other[i / 8] ^= (uint8_t)(1u << bit);
			/* key1 and key2 are two bits apart, no other pair */
			assert_int_equal(lws_token_find(lws_span(other, len)),
					 -1);
		}
	}
}

static void
test_longer_and_shorter_names_are_not_found(void **state)
{
	char other[64];
	size_t n, len;

	(void)state;
	for (n = 0; n < COUNT(names); n++) {
		len = strlen(names[n].name);
		snprintf(other, sizeof(other), "%sx", names[n].name);
		assert_int_equal(find(other), -1);
		snprintf(other, sizeof(other), "%s:", names[n].name);
		assert_int_equal(find(other), -1);
		if (!strcmp(names[n].name, "sec-websocket-key1") ||
		    !strcmp(names[n].name, "sec-websocket-key2"))
			continue;
		assert_int_equal(lws_token_find(lws_span(names[n].name,
							 len - 1)), -1);
	}
}

static void
test_what_is_no_field_name_is_not_found(void **state)
{
	static const char *const others[] = {
		"", "x", "get ", "get", "post", "http/1.1 ", "http/1.1",
		":path", ":path:", "proxy ", "put", "patch", "delete",
		"\r\n", "muxurl", "hos", "hosts", " host", "host ", "h",
	};
	static const uint8_t nul[] = { 'h', 'o', 's', 0 };
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(others); n++)
		assert_int_equal(find(others[n]), -1);
	assert_int_equal(lws_token_find(lws_span(nul, sizeof(nul))), -1);
	assert_int_equal(lws_token_find(lws_span(NULL, 0)), -1);
}

static void
test_texts_are_those_of_the_interface(void **state)
{
	static const struct {
		enum lws_token_indexes token;
		const char *text;
	} rows[] = {
		{ WSI_TOKEN_GET_URI, "get " },
		{ WSI_TOKEN_POST_URI, "post " },
		{ WSI_TOKEN_OPTIONS_URI, "options " },
		{ WSI_TOKEN_CHALLENGE, "\r\n" },
		{ WSI_TOKEN_HTTP, "http/1.1 " },
		{ WSI_TOKEN_PROXY, "proxy " },
		{ WSI_TOKEN_PATCH_URI, "patch" },
		{ WSI_TOKEN_PUT_URI, "put" },
		{ WSI_TOKEN_DELETE_URI, "delete" },
		{ WSI_TOKEN_HTTP_URI_ARGS, "" },
		{ WSI_TOKEN_SWORIGIN, "sec-websocket-origin:" },
		{ WSI_TOKEN_HTTP_COLON_AUTHORITY, ":authority:" },
		{ WSI_TOKEN_HTTP_COLON_METHOD, ":method:" },
		{ WSI_TOKEN_HTTP_COLON_PATH, ":path:" },
		{ WSI_TOKEN_HTTP_COLON_SCHEME, ":scheme:" },
		{ WSI_TOKEN_HTTP_COLON_STATUS, ":status:" },
	};
	char text[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		assert_string_equal(lws_token_to_string(rows[n].token),
				    rows[n].text);
	for (n = 0; n < COUNT(names); n++) {
		/* these two are other names for what has its own */
		if (!strcmp(names[n].name, "sec-websocket-origin") ||
		    !strcmp(names[n].name, "sec-websocket-location"))
			continue;
		snprintf(text, sizeof(text), "%s:", names[n].name);
		assert_string_equal(lws_token_to_string(
			(enum lws_token_indexes)names[n].token), text);
	}
}

static void
test_there_is_no_text_beyond_the_table(void **state)
{
	int token;

	(void)state;
	for (token = 0; token <= WSI_TOKEN_HTTP_URI_ARGS; token++)
		assert_non_null(lws_token_to_string(
			(enum lws_token_indexes)token));
	for (; token <= WSI_INIT_TOKEN_MUXURL + 3; token++)
		assert_null(lws_token_to_string(
			(enum lws_token_indexes)token));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name_is_found_in_any_case),
		cmocka_unit_test(test_a_name_with_one_bit_changed_is_not_found),
		cmocka_unit_test(test_longer_and_shorter_names_are_not_found),
		cmocka_unit_test(test_what_is_no_field_name_is_not_found),
		cmocka_unit_test(test_texts_are_those_of_the_interface),
		cmocka_unit_test(test_there_is_no_text_beyond_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

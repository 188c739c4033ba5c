/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/url.c. */
#include "unit/unit.h"

#include "base/err.h"
#include "net/url.h"

static void
assert_span(struct lws_span s, const char *want)
{
	assert_int_equal(s.len, strlen(want));
	assert_memory_equal(s.p, want, s.len);
}

static void
test_the_parts_are_found(void **state)
{
	static const struct {
		const char *text, *authority, *host, *target;
		int port;
		bool secure;
	} rows[] = {
		{ "ws://h", "h", "h", "", 80, false },
		{ "wss://h", "h", "h", "", 443, true },
		{ "WS://H/", "H", "H", "/", 80, false },
		{ "wSS://h:1/p?q", "h:1", "h", "/p?q", 1, true },
		{ "ws://h?q/r", "h", "h", "?q/r", 80, false },
		{ "ws://h:65535", "h:65535", "h", "", 65535, false },
		{ "ws://[::1]:80/x:y@z", "[::1]:80", "::1", "/x:y@z", 80,
		  false },
		{ "ws://127.0.0.1/ws://x", "127.0.0.1", "127.0.0.1",
		  "/ws://x", 80, false },
	};
	struct lws_url url;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_int_equal(lws_url_parse(rows[n].text, &url), 0);
		assert_span(url.authority, rows[n].authority);
		assert_span(url.host, rows[n].host);
		assert_span(url.target, rows[n].target);
		assert_int_equal(url.port, rows[n].port);
		assert_int_equal(url.secure, rows[n].secure);
	}
}

static void
test_anything_else_is_refused(void **state)
{
	static const char *const rows[] = {
		"", "ws", "ws:", "ws:/h", "ws://", "wss://", "w://h",
		"http://h", " ws://h", "ws:///p", "ws://?q", "ws://:80",
		"ws://h:", "ws://h:0", "ws://h:65536", "ws://h:x",
		"ws://h:1:2", "ws://::1", "ws://[::1", "ws://[]", "ws://[::1]x",
		"ws://u@h", "ws://u:p@h", "ws://h#f", "ws://h/p#", "ws://h h",
		"ws://h\r\n", "ws://h\t/", "ws://<h>", "ws://\xc3\xa4",
	};
	struct lws_url url;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		if (lws_url_parse(rows[n], &url) != LWS_ERR_PROTOCOL)
			fail_msg("row %zu, \"%s\", is taken", n, rows[n]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_parts_are_found),
		cmocka_unit_test(test_anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

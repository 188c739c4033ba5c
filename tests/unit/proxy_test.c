/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of net/proxy.c. */
#include "unit/unit.h"

#include <stdio.h>

#include "base/alloc.h"
#include "net/proxy.h"

static void
test_what_is_meant_is_understood(void **state)
{
	static const struct {
		const char *text;
		int default_port;
		const char *host;
		int port;
		const char *auth;
	} rows[] = {
		{ "proxy:3128", 0, "proxy", 3128, NULL },
		{ " proxy:3128 ", 0, "proxy", 3128, NULL },
		{ "proxy:1", 99, "proxy", 1, NULL },
		{ "proxy:65535", 0, "proxy", 65535, NULL },
		{ "proxy", 8080, "proxy", 8080, NULL },
		{ "http://proxy", 0, "proxy", 80, NULL },
		{ "http://proxy/", 8080, "proxy", 8080, NULL },
		{ "HTTP://10.0.0.1:3128/", 0, "10.0.0.1", 3128, NULL },
		{ "[::1]:3128", 0, "::1", 3128, NULL },
		{ "http://[2001:db8::1]", 0, "2001:db8::1", 80, NULL },
		{ "u:p@proxy:1", 0, "proxy", 1, "u:p" },
		{ "u@proxy:1", 0, "proxy", 1, "u:" },
		{ "@proxy:1", 0, "proxy", 1, ":" },
		{ "u:p@x@proxy:1", 0, "proxy", 1, "u:p@x" },
		{ "u:a:b@proxy:1", 0, "proxy", 1, "u:a:b" },
		{ "http://us%65r:p%40%3a%2F@[::1]:1/", 0, "::1", 1,
		  "user:p@:/" },
		{ "u:p\xc3\xa4@proxy:1", 0, "proxy", 1, "u:p\xc3\xa4" },
	};
	struct lws_proxy *p;
	char why[256];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		p = lws_proxy_parse(rows[n].text, rows[n].default_port, why,
				    sizeof(why));
		if (!p)
			fail_msg("row %zu, %s: %s", n, rows[n].text, why);
		assert_string_equal(p->host, rows[n].host);
		assert_int_equal(p->port, rows[n].port);
		assert_int_equal(p->auth != NULL, rows[n].auth != NULL);
		if (p->auth)
			assert_string_equal(p->auth, rows[n].auth);
		lws_free(p);
	}
}

static void
test_what_cannot_be_meant_is_refused_in_words(void **state)
{
	static const char *const rows[] = {
		"", " ", "proxy", ":3128", "http://", "http://:1", "proxy:",
		"proxy:0", "proxy:65536", "proxy:-1", "proxy:1x",
		"proxy:99999999999999999999", "https://proxy:1",
		"socks5://proxy:1", "http://proxy:1/path", "proxy:1/path",
		"proxy:1//", "::1", "::1:3128", "[::1", "[]:1", "[::1]x:1",
		"[::1]1", "a b:1", "a\tb:1", "u:%@proxy:1", "u:%4@proxy:1",
		"u:%4x@proxy:1", "u:%00@proxy:1", "u:%0d%0aX@proxy:1",
		"u\r\nX:y@proxy:1", "<proxy>:1", "\xff:1",
	};
	char why[256];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		why[0] = '\0';
		if (lws_proxy_parse(rows[n], 0, why, sizeof(why)))
			fail_msg("row %zu, %s, is taken", n, rows[n]);
		assert_true(strlen(why) > 0);
		assert_null(strchr(why, '\n'));
		assert_null(strstr(why, "%4"));
	}
}

static void
test_out_of_memory_says_so(void **state)
{
	char why[64];

	(void)state;
	unit_allow(0);
	assert_null(lws_proxy_parse("proxy:1", 0, why, sizeof(why)));
	unit_allow(-1);
	assert_string_equal(why, "out of memory");
}

static void
test_who_is_spared_follows_the_list(void **state)
{
	static const struct {
		const char *list, *host;
		int port;
		bool spared;
	} rows[] = {
		{ NULL, "example.org", 80, false },
		{ NULL, "localhost", 80, true },
		{ "", "LOCALHOST", 80, true },
		{ NULL, "localhost.", 80, true },
		{ NULL, "127.0.0.1", 80, true },
		{ NULL, "127.255.0.9", 80, true },
		{ NULL, "128.0.0.1", 80, false },
		{ NULL, "::1", 80, true },
		{ NULL, "[::1]", 80, true },
		{ NULL, "::ffff:127.0.0.1", 80, true },
		{ NULL, "::2", 80, false },
		{ NULL, "localhost.example.org", 80, false },
		{ "*", "example.org", 80, true },
		{ "x, *", "10.0.0.1", 80, true },
		{ "example.org", "example.org", 80, true },
		{ "example.org", "EXAMPLE.ORG", 80, true },
		{ "example.org", "www.example.org", 80, true },
		{ "example.org", "www.example.org.", 80, true },
		{ "example.org", "notexample.org", 80, false },
		{ "example.org", "example.org.evil.net", 80, false },
		{ "example.org", "org", 80, false },
		{ ".example.org", "www.example.org", 80, true },
		{ ".example.org", "example.org", 80, true },
		{ "*.example.org", "www.example.org", 80, true },
		{ ".", "example.org", 80, false },
		{ "*.", "example.org", 80, false },
		{ " a.b ,\tc.d,e.f", "x.c.d", 80, true },
		{ "a.b c.d e.f", "e.f", 80, true },
		{ ",,,", "a.b", 80, false },
		{ "example.org:8080", "example.org", 8080, true },
		{ "example.org:8080", "example.org", 80, false },
		{ "example.org:x", "example.org", 80, false },
		{ "10.0.0.1", "10.0.0.1", 80, true },
		{ "10.0.0.1", "10.0.0.11", 80, false },
		{ "0.0.1", "10.0.0.1", 80, false },
		{ "10.0.0.1:81", "10.0.0.1", 81, true },
		{ "10.0.0.1:81", "10.0.0.1", 80, false },
		{ "10.0.0.0/8", "10.255.1.2", 80, true },
		{ "10.0.0.0/8", "11.0.0.1", 80, false },
		{ "10.128.0.0/9", "10.127.0.1", 80, false },
		{ "10.128.0.0/9", "10.200.0.1", 80, true },
		{ "192.0.2.129/32", "192.0.2.129", 80, true },
		{ "192.0.2.129/32", "192.0.2.128", 80, false },
		{ "0.0.0.0/0", "192.0.2.1", 80, true },
		{ "0.0.0.0/0", "example.org", 80, false },
		{ "10.0.0.0/33", "10.0.0.1", 80, false },
		{ "10.0.0.0/", "10.0.0.0", 80, false },
		{ "10.0.0.0/x", "10.0.0.0", 80, false },
		{ "2001:db8::1", "2001:db8::1", 80, true },
		{ "2001:db8::1", "2001:0db8:0::1", 80, true },
		{ "2001:db8::1", "[2001:db8::1]", 80, true },
		{ "[2001:db8::1]", "2001:db8::1", 80, true },
		{ "[2001:db8::1]:81", "2001:db8::1", 81, true },
		{ "[2001:db8::1]:81", "2001:db8::1", 80, false },
		{ "2001:db8::/32", "2001:db8:ffff::1", 80, true },
		{ "2001:db8::/32", "2001:db9::1", 80, false },
		{ "2001:db8::/129", "2001:db8::1", 80, false },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", 80, true },
	};
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		if (lws_proxy_spares(rows[n].list, rows[n].host,
				     rows[n].port) != rows[n].spared)
			fail_msg("row %zu: \"%s\", %s:%d", n,
				 rows[n].list ? rows[n].list : "(none)",
				 rows[n].host, rows[n].port);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_meant_is_understood),
		cmocka_unit_test(test_what_cannot_be_meant_is_refused_in_words),
		cmocka_unit_test(test_out_of_memory_says_so),
		cmocka_unit_test(test_who_is_spared_follows_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

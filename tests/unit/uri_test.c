/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/uri.c: the path an application sees.
 */
#include "unit/unit.h"

#include "http/http.h"

#define BAD NULL

/* raw target, and what becomes of it; BAD: refused */
static const struct {
	const char *raw, *path;
} rows[] = {
	{ "/", "/" },
	{ "/a", "/a" },
	{ "/a/b.html", "/a/b.html" },
	{ "/a/", "/a/" },
	{ "*", "*" },
	{ "/*", "/*" },
	{ "//", "/" },
	{ "///", "/" },
	{ "//a", "/a" },
	{ "/a//b", "/a/b" },
	{ "/a//", "/a/" },
	{ "/.", "/" },
	{ "/./", "/" },
	{ "/a/.", "/a/" },
	{ "/a/./b", "/a/b" },
	{ "/./a", "/a" },
	{ "/././a", "/a" },
	{ "/..", "/" },
	{ "/../", "/" },
	{ "/../..", "/" },
	{ "/../../../a", "/a" },
	{ "/a/..", "/" },
	{ "/a/../", "/" },
	{ "/a/../b", "/b" },
	{ "/a/b/..", "/a/" },
	{ "/a/b/../c", "/a/c" },
	{ "/a/b/../../c", "/c" },
	{ "/a/b/../../../c", "/c" },
	{ "/a/../..//../b/./c/", "/b/c/" },
	{ "/ab/cd/../ef", "/ab/ef" },
	{ "/a//../b", "/b" },
	{ "/a/.//../b", "/b" },
	{ "/...", "/..." },
	{ "/..a", "/..a" },
	{ "/a..", "/a.." },
	{ "/.a/b", "/.a/b" },
	{ "/a./b", "/a./b" },
	{ "/.../../a", "/a" },
	{ "/.. /a", "/.. /a" },
	{ "/%61", "/a" },
	{ "/%41%4a%4A", "/AJJ" },
	{ "/a%20b", "/a b" },
	{ "/a+b", "/a+b" },
	{ "/%25", "/%" },
	{ "/%2561", "/%61" },
	{ "/%252e%252e/a", "/%2e%2e/a" },
	{ "/%c3%a4", "/\xc3\xa4" },
	{ "/\xc3\xa4", "/\xc3\xa4" },
	{ "/%80%ff", "/\x80\xff" },
	{ "/%2e", "/" },
	{ "/%2e%2e", "/" },
	{ "/%2e%2e/%2E%2E/a", "/a" },
	{ "/.%2e/a", "/a" },
	{ "/%2e./a", "/a" },
	{ "/a/%2e%2e", "/" },
	{ "/a%2f..%2fb", "/b" },
	{ "/..%2f..%2fa", "/a" },
	{ "/%2f%2f/a", "/a" },
	{ "/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/etc/passwd" },
	{ "/a%3fb%23c", "/a?b#c" },
	{ "/a?b", "/a?b" },
	{ "/..\\a", "/..\\a" },
	{ "/..%5ca", "/..\\a" },
	{ "/a/b/c/../../..", "/" },
	{ "", BAD },
	{ "a", BAD },
	{ "**", BAD },
	{ "*/", BAD },
	{ "http://a/", BAD },
	{ "%2f", BAD },
	{ "..", BAD },
	{ "?", BAD },
	{ "/%", BAD },
	{ "/%2", BAD },
	{ "/a%", BAD },
	{ "/%g0", BAD },
	{ "/%0g", BAD },
	{ "/%zz", BAD },
	{ "/%%41", BAD },
	{ "/% 41", BAD },
	{ "/%-1", BAD },
	{ "/%u0041", BAD },
	{ "/%00", BAD },
	{ "/a%00.html", BAD },
	{ "/..%00/", BAD },
	{ "/%01", BAD },
	{ "/%09", BAD },
	{ "/%0a", BAD },
	{ "/%0d%0aa", BAD },
	{ "/%1F", BAD },
	{ "/%7f", BAD },
	{ "/\x01", BAD },
	{ "/\t", BAD },
	{ "/\x7f", BAD },
};

static void
test_paths_are_decoded_then_collapsed(void **state)
{
	size_t n, bad = 0;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		const size_t len = strlen(rows[n].raw);
		/* of just their size, for the sanitizers */
		uint8_t *raw = malloc(len ? len : 1);
		char *out = malloc(len + 2);
		int want = rows[n].path ? (int)strlen(rows[n].path) : -1, got;

		memcpy(raw, rows[n].raw, len);
		got = lws_uri_normalise(lws_span(raw, len), out, len + 2);
		if (got != want || (want >= 0 && strcmp(out, rows[n].path))) {
			print_error("%s: %d %s\n", rows[n].raw, got,
				    got < 0 ? "" : out);
			bad++;
		}
		free(out);
		free(raw);
	}
	assert_int_equal(bad, 0);
}

static void
test_a_nul_in_the_raw_path_is_refused(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(lws_uri_normalise(lws_span("/a\0b", 4), out,
					   sizeof(out)), -1);
}

static void
test_too_little_room_is_refused(void **state)
{
	char out[8];
	size_t room;

	(void)state;
	for (room = 0; room < 5; room++)
		assert_int_equal(lws_uri_normalise(lws_span_str("/ab"), out,
						   room), -1);
	assert_int_equal(lws_uri_normalise(lws_span_str("/ab"), out, 5), 3);
}

/* Every string of six of the bytes that matter behind the first slash. */
static void
test_no_path_climbs_above_the_root(void **state)
{
	static const char letters[] = "./a%2e";
	char raw[8] = "/", out[16];
	unsigned n, rest, i;
	int len;

	(void)state;
	for (n = 0; n < 6 * 6 * 6 * 6 * 6 * 6; n++) {
		for (i = 1, rest = n; i <= 6; i++, rest /= 6)
			raw[i] = letters[rest % 6];
		len = lws_uri_normalise(lws_span(raw, 7), out, sizeof(out));
		if (len < 0)
			continue;
		assert_int_equal(out[0], '/');
		assert_int_equal(strlen(out), len);
		assert_null(strstr(out, "//"));
		assert_null(strstr(out, "/./"));
		assert_null(strstr(out, "/../"));
		assert_false(len >= 3 && !strcmp(out + len - 3, "/.."));
		assert_false(len >= 2 && !strcmp(out + len - 2, "/."));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths_are_decoded_then_collapsed),
		cmocka_unit_test(test_a_nul_in_the_raw_path_is_refused),
		cmocka_unit_test(test_too_little_room_is_refused),
		cmocka_unit_test(test_no_path_climbs_above_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/list.c: comma lists.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "http/http.h"

static void
test_members_come_trimmed_and_empty_ones_not_at_all(void **state)
{
	static const struct {
		const char *list, *members;	/* each in brackets */
	} rows[] = {
		{ "", "" },
		{ ",", "" },
		{ " , ,\t,", "" },
		{ "a", "[a]" },
		{ " a ", "[a]" },
		{ "a,b", "[a][b]" },
		{ "\ta \t,\t b", "[a][b]" },
		{ ",a,,b,", "[a][b]" },
		{ "a b,c", "[a b][c]" },
		{ "a;q=1, b", "[a;q=1][b]" },
		{ "a\r,b", "[a\r][b]" },
	};
	struct lws_span rest, member;
	char got[64];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		got[0] = '\0';
		rest = lws_span_str(rows[n].list);
		while (lws_list_next(&rest, &member))
			snprintf(got + strlen(got), sizeof(got) - strlen(got),
				 "[%.*s]", (int)member.len, member.p);
		assert_string_equal(got, rows[n].members);
		assert_int_equal(rest.len, 0);
	}
}

static void
test_the_end_of_a_list_stays_the_end(void **state)
{
	struct lws_span rest = lws_span(NULL, 0), member;

	(void)state;
	assert_false(lws_list_next(&rest, &member));
	assert_false(lws_list_next(&rest, &member));
}

static void
test_words_are_found_in_any_field_and_case(void **state)
{
	static const char head[] =
		"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive,\r\n"
		"Connection: x , UpGrade\r\nConnection:\r\n\r\n";
	struct lws_block *b = lws_block_new();
	struct lws_span in = lws_span(head, sizeof(head) - 1);
	struct lws_http_head facts;
	int cut;

	(void)state;
	assert_int_equal(lws_block_collect(b, &in), 1);
	assert_int_equal(lws_http_parse_request(b, &facts, NULL, &cut), 0);
	assert_true(lws_block_has_word(b, WSI_TOKEN_CONNECTION, "upgrade"));
	assert_true(lws_block_has_word(b, WSI_TOKEN_CONNECTION, "Keep-Alive"));
	assert_true(lws_block_has_word(b, WSI_TOKEN_CONNECTION, "x"));
	assert_false(lws_block_has_word(b, WSI_TOKEN_CONNECTION, "keep"));
	assert_false(lws_block_has_word(b, WSI_TOKEN_CONNECTION, "upgraded"));
	assert_false(lws_block_has_word(b, WSI_TOKEN_CONNECTION, ""));
	assert_false(lws_block_has_word(b, WSI_TOKEN_UPGRADE, "x"));
	lws_block_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_members_come_trimmed_and_empty_ones_not_at_all),
		cmocka_unit_test(test_the_end_of_a_list_stays_the_end),
		cmocka_unit_test(test_words_are_found_in_any_field_and_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/buf.c. */
#include "unit/unit.h"

#include "base/buf.h"

static void
test_writes_follow_each_other(void **state)
{
	struct lws_buf b;
	char mem[32];

	(void)state;
	lws_buf_init(&b, mem, sizeof(mem));
	lws_buf_put(&b, "ab\0c", 4);
	lws_buf_puts(&b, "de");
	lws_buf_span(&b, lws_span("fg", 2));
	lws_buf_printf(&b, "%d%s", 12, "h");
	lws_buf_puts(&b, "");
	lws_buf_span(&b, lws_span(NULL, 0));
	assert_true(lws_buf_ok(&b));
	assert_int_equal(lws_buf_written(&b).len, 11);
	assert_memory_equal(lws_buf_written(&b).p, "ab\0cdefg12h", 11);
}

/* Write @len bytes into a buffer with room for @cap by @put. */
static struct lws_buf
write_one(char *mem, size_t cap, size_t len, bool formatted)
{
	static const char text[] = "0123456789";
	struct lws_buf b;

	memset(mem, '#', 16);
	lws_buf_init(&b, mem, cap);
	if (formatted)
		lws_buf_printf(&b, "%.*s", (int)len, text);
	else
		lws_buf_put(&b, text, len);
	return b;
}

static void
test_bytes_fit_up_to_the_last_one(void **state)
{
	char mem[16];
	size_t cap, len;

	(void)state;
	for (cap = 0; cap <= 10; cap++)
		for (len = 0; len <= 10; len++) {
			struct lws_buf b = write_one(mem, cap, len, false);

			assert_int_equal(lws_buf_ok(&b), len <= cap);
			assert_int_equal(b.len, len <= cap ? len : 0);
			assert_memory_equal(mem, "0123456789", b.len);
			assert_int_equal(mem[b.len], '#');
		}
}

static void
test_formatted_text_wants_a_byte_more_and_stays_inside(void **state)
{
	char mem[16];
	size_t cap, len;

	(void)state;
	for (cap = 0; cap <= 10; cap++)
		for (len = 0; len <= 10; len++) {
			struct lws_buf b = write_one(mem, cap, len, true);

			assert_int_equal(lws_buf_ok(&b), len < cap);
			assert_int_equal(b.len, len < cap ? len : 0);
			assert_memory_equal(mem, "0123456789", b.len);
			assert_int_equal(mem[cap], '#');
		}
}

static void
test_what_did_not_fit_spoils_the_buffer_for_good(void **state)
{
	struct lws_buf b;
	char mem[4];

	(void)state;
	lws_buf_init(&b, mem, sizeof(mem));
	lws_buf_puts(&b, "ab");
	lws_buf_puts(&b, "cde");
	assert_false(lws_buf_ok(&b));
	lws_buf_puts(&b, "c");
	lws_buf_put(&b, "c", 0);
	lws_buf_printf(&b, "c");
	assert_false(lws_buf_ok(&b));
	assert_int_equal(b.len, 2);
	assert_memory_equal(mem, "ab", 2);
}

static void
test_a_length_near_the_end_of_memory_does_not_wrap(void **state)
{
	struct lws_buf b;
	char mem[4];

	(void)state;
	lws_buf_init(&b, mem, sizeof(mem));
	lws_buf_puts(&b, "ab");
	lws_buf_put(&b, mem, (size_t)-1);
	assert_false(lws_buf_ok(&b));
	assert_int_equal(b.len, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_follow_each_other),
		cmocka_unit_test(test_bytes_fit_up_to_the_last_one),
		cmocka_unit_test(
			test_formatted_text_wants_a_byte_more_and_stays_inside),
		cmocka_unit_test(
			test_what_did_not_fit_spoils_the_buffer_for_good),
		cmocka_unit_test(
			test_a_length_near_the_end_of_memory_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

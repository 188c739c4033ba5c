/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/alloc.c. */
#include "unit/unit.h"

#include "base/alloc.h"

static int
use_system(void **state)
{
	(void)state;
	lws_set_allocator(NULL);
	return 0;
}

static void
test_the_system_serves_until_told_otherwise(void **state)
{
	char *p = lws_alloc(3), *q;

	(void)state;
	assert_non_null(p);
	memcpy(p, "abc", 3);
	q = lws_realloc(p, 100000);
	assert_non_null(q);
	assert_memory_equal(q, "abc", 3);
	lws_free(q);
}

static void
test_zero_bytes_are_an_allocation_too(void **state)
{
	void *p = lws_alloc(0), *q = lws_zalloc(0);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	lws_free(p);
	lws_free(q);
}

static void
test_zalloc_clears_what_was_there_before(void **state)
{
	uint8_t *p;
	size_t n;

	(void)state;
	p = lws_alloc(1000);
	assert_non_null(p);
	memset(p, 0xff, 1000);
	lws_free(p);
	p = lws_zalloc(1000);
	assert_non_null(p);
	for (n = 0; n < 1000; n++)
		assert_int_equal(p[n], 0);
	lws_free(p);
}

static void
test_strdup_copies_and_passes_null_on(void **state)
{
	char text[] = "copy me", *copy = lws_strdup(text);

	(void)state;
	assert_non_null(copy);
	assert_ptr_not_equal(copy, text);
	text[0] = 'x';
	assert_string_equal(copy, "copy me");
	lws_free(copy);
	copy = lws_strdup("");
	assert_string_equal(copy, "");
	lws_free(copy);
	assert_null(lws_strdup(NULL));
}

static void
test_everything_goes_through_the_one_set(void **state)
{
	void *p, *q, *r;

	(void)state;
	unit_allow(-1);
	p = lws_alloc(1);
	q = lws_zalloc(1);
	r = lws_strdup("r");
	assert_int_equal(unit_blocks, 3);
	p = lws_realloc(p, 2);
	assert_int_equal(unit_blocks, 3);
	lws_free(p);
	lws_free(q);
	lws_free(r);
	lws_free(NULL);
	assert_int_equal(unit_blocks, 0);
}

static void
test_failure_is_null_and_keeps_the_old_block(void **state)
{
	char *p;

	(void)state;
	unit_allow(1);
	p = lws_strdup("keep");
	assert_non_null(p);
	assert_null(lws_alloc(1));
	assert_null(lws_zalloc(1));
	assert_null(lws_strdup("x"));
	assert_null(lws_realloc(p, 1000));
	assert_string_equal(p, "keep");
	lws_free(p);
	assert_int_equal(unit_blocks, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			test_the_system_serves_until_told_otherwise,
			use_system),
		cmocka_unit_test_setup(test_zero_bytes_are_an_allocation_too,
				       use_system),
		cmocka_unit_test_setup(
			test_zalloc_clears_what_was_there_before, use_system),
		cmocka_unit_test_setup(test_strdup_copies_and_passes_null_on,
				       use_system),
		cmocka_unit_test(test_everything_goes_through_the_one_set),
		cmocka_unit_test(test_failure_is_null_and_keeps_the_old_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

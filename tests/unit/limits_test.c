/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/limits.c. */
#include "unit/unit.h"

#include <limits.h>
#include <sys/resource.h>

#include "plat/plat.h"

static void
test_the_soft_limit_counts(void **state)
{
	static const rlim_t rows[] = { 1, 7, 200, 1 };
	struct rlimit old, now;
	unsigned got;
	size_t n;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	for (n = 0; n < COUNT(rows); n++) {
		now = old;
		now.rlim_cur = rows[n];
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
		got = lws_plat_max_fds();
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
		assert_int_equal(got, rows[n]);
	}
}

static void
test_no_limit_at_all_is_still_at_least_one(void **state)
{
	struct rlimit old, none;
	unsigned got;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	got = lws_plat_max_fds();
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(got, 1);
}

static void
test_any_limit_fits_an_int(void **state)
{
	(void)state;
	assert_true(lws_plat_max_fds() >= 1);
	assert_true(lws_plat_max_fds() <= INT_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_soft_limit_counts),
		cmocka_unit_test(test_no_limit_at_all_is_still_at_least_one),
		cmocka_unit_test(test_any_limit_fits_an_int),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

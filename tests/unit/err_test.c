/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of base/err.c. */
#include "unit/unit.h"

#include <limits.h>

#include "base/err.h"

static void
test_every_result_has_a_name_of_its_own(void **state)
{
	int a, b;

	(void)state;
	for (a = LWS_ERR_UNSUPPORTED; a <= 0; a++) {
		assert_string_not_equal(lws_err_name(a), "");
		assert_string_not_equal(lws_err_name(a), "unknown error");
		for (b = a + 1; b <= 0; b++)
			assert_string_not_equal(lws_err_name(a),
						lws_err_name(b));
	}
}

static void
test_positive_results_are_success(void **state)
{
	(void)state;
	assert_string_equal(lws_err_name(1), lws_err_name(0));
	assert_string_equal(lws_err_name(INT_MAX), lws_err_name(0));
}

static void
test_numbers_nobody_gives_are_unknown(void **state)
{
	(void)state;
	assert_string_equal(lws_err_name(LWS_ERR_UNSUPPORTED - 1),
			    "unknown error");
	assert_string_equal(lws_err_name(INT_MIN), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_result_has_a_name_of_its_own),
		cmocka_unit_test(test_positive_results_are_success),
		cmocka_unit_test(test_numbers_nobody_gives_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

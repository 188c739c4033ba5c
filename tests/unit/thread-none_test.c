/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of plat/thread-none.c, in builds with threads too: the source is
 * compiled in here, under names of its own.
 */
#define lws_plat_has_threads none_has_threads
#define lws_plat_me	     none_me
#define lws_plat_thread	     none_thread
#define lws_plat_lock_new    none_lock_new
#define lws_plat_lock	     none_lock
#define lws_plat_unlock	     none_unlock
#define lws_plat_lock_free   none_lock_free

#include "plat/thread-none.c"

#include "unit/unit.h"

static void
run(void *arg)
{
	*(bool *)arg = true;
}

static void
test_there_are_no_threads_and_nothing_runs(void **state)
{
	bool ran = false;
	struct lws_errand errand = { .run = run, .arg = &ran };

	(void)state;
	assert_false(lws_plat_has_threads());
	assert_int_equal(lws_plat_thread(&errand), LWS_ERR_UNSUPPORTED);
	assert_false(ran);
}

static void
test_there_is_one_thread(void **state)
{
	(void)state;
	assert_non_null(lws_plat_me());
	assert_ptr_equal(lws_plat_me(), lws_plat_me());
}

static void
test_there_are_no_locks_and_none_is_no_harm(void **state)
{
	(void)state;
	assert_null(lws_plat_lock_new());
	lws_plat_lock(NULL);
	lws_plat_unlock(NULL);
	lws_plat_lock_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_are_no_threads_and_nothing_runs),
		cmocka_unit_test(test_there_is_one_thread),
		cmocka_unit_test(test_there_are_no_locks_and_none_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

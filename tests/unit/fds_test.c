/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/fds.c. */
#include "unit/core.h"

#include <pthread.h>
#include <sched.h>

static struct libwebsocket some[2];

static void
test_what_is_put_is_found_until_it_is_removed(void **state)
{
	static const int fds[] = { 0, 1, 1023, 1024, 1025, 2047, 2999 };
	struct lws_fds t;
	size_t n;

	(void)state;
	unit_allow(-1);
	assert_int_equal(lws_fds_init(&t, 3000), 0);
	for (n = 0; n < COUNT(fds); n++) {
		assert_null(lws_fds_get(&t, fds[n]));
		assert_int_equal(lws_fds_put(&t, fds[n], &some[n % 2]), 0);
	}
	for (n = 0; n < COUNT(fds); n++) {
		assert_ptr_equal(lws_fds_get(&t, fds[n]), &some[n % 2]);
		lws_fds_remove(&t, fds[n]);
		assert_null(lws_fds_get(&t, fds[n]));
	}
	lws_fds_fini(&t);
	assert_int_equal(unit_blocks, 0);
}

static void
test_numbers_beyond_the_table_are_refused(void **state)
{
	static const int beyond[] = { -1, INT32_MIN, 3072, 1 << 30, INT32_MAX };
	struct lws_fds t;
	size_t n;

	(void)state;
	unit_allow(-1);
	assert_int_equal(lws_fds_init(&t, 3000), 0);
	for (n = 0; n < COUNT(beyond); n++) {
		assert_int_equal(lws_fds_put(&t, beyond[n], &some[0]),
				 LWS_ERR_NOFD);
		assert_null(lws_fds_get(&t, beyond[n]));
		lws_fds_remove(&t, beyond[n]);
	}
	lws_fds_remove(&t, 5);
	lws_fds_fini(&t);
	lws_fds_fini(&t);
}

static void
test_an_unlimited_limit_costs_little(void **state)
{
	struct lws_fds t;

	(void)state;
	unit_allow(-1);
	assert_int_equal(lws_fds_init(&t, UINT32_MAX), 0);
	assert_true(t.leaves * sizeof(void *) <= 64 * 1024);
	assert_int_equal(unit_blocks, 1);
	assert_int_equal(lws_fds_put(&t, 1000000, &some[0]), 0);
	assert_int_equal(unit_blocks, 2);
	assert_ptr_equal(lws_fds_get(&t, 1000000), &some[0]);
	lws_fds_fini(&t);
	assert_int_equal(unit_blocks, 0);
}

static void
test_every_allocation_may_fail(void **state)
{
	struct lws_fds t;

	(void)state;
	unit_allow(0);
	assert_int_equal(lws_fds_init(&t, 3000), LWS_ERR_NOMEM);
	assert_null(lws_fds_get(&t, 3));
	assert_int_equal(lws_fds_put(&t, 3, &some[0]), LWS_ERR_NOFD);
	lws_fds_fini(&t);
	unit_allow(1);
	assert_int_equal(lws_fds_init(&t, 3000), 0);
	assert_int_equal(lws_fds_put(&t, 3, &some[0]), LWS_ERR_NOMEM);
	assert_null(lws_fds_get(&t, 3));
	unit_allow(-1);
	assert_int_equal(lws_fds_put(&t, 3, &some[0]), 0);
	lws_fds_fini(&t);
}

/* ---- several threads ---- */

#define LEAVES 64

static struct lws_fds shared;
static int arrived;		/* atomic */

/* Go on when both threads have come here for the @n'th time. */
static void
meet(int n)
{
	__atomic_add_fetch(&arrived, 1, __ATOMIC_RELAXED);
	while (__atomic_load_n(&arrived, __ATOMIC_RELAXED) < 2 * n)
		sched_yield();
}

/* One number of each leaf, all threads at a time; the entries stay apart. */
static void *
fill(void *number)
{
	const int n = (int)(intptr_t)number;
	intptr_t wrong = 0;
	int leaf;

	for (leaf = 0; leaf < LEAVES; leaf++) {
		const int fd = leaf * (int)LWS_FDS_LEAF + n;

		meet(leaf + 1);
		wrong += lws_fds_get(&shared, fd) != NULL;
		wrong += lws_fds_put(&shared, fd, &some[n]) != 0;
		wrong += lws_fds_get(&shared, fd) != &some[n];
	}
	return (void *)wrong;
}

static void
test_threads_hang_up_each_leaf_once(void **state)
{
	pthread_t threads[2];
	void *wrong;
	intptr_t n;
	int leaf;

	(void)state;
	/* the test's allocator counts without a lock */
	lws_set_allocator(NULL);
	assert_int_equal(lws_fds_init(&shared, LEAVES * LWS_FDS_LEAF), 0);
	arrived = 0;
	for (n = 0; n < 2; n++)
		assert_int_equal(pthread_create(&threads[n], NULL, fill,
						(void *)n), 0);
	for (n = 0; n < 2; n++) {
		assert_int_equal(pthread_join(threads[n], &wrong), 0);
		assert_null(wrong);
	}
	for (leaf = 0; leaf < LEAVES; leaf++)
		for (n = 0; n < 2; n++)
			assert_ptr_equal(lws_fds_get(&shared, leaf *
						     (int)LWS_FDS_LEAF +
						     (int)n), &some[n]);
	lws_fds_fini(&shared);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_put_is_found_until_it_is_removed),
		cmocka_unit_test(test_numbers_beyond_the_table_are_refused),
		cmocka_unit_test(test_an_unlimited_limit_costs_little),
		cmocka_unit_test(test_every_allocation_may_fail),
		cmocka_unit_test(test_threads_hang_up_each_leaf_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

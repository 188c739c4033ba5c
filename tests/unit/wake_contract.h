/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/wake_contract.h - what either way of waking a loop must do.
 */
#ifndef LWS_UNIT_WAKE_CONTRACT_H
#define LWS_UNIT_WAKE_CONTRACT_H

#include <errno.h>
#include <sys/wait.h>

#include "unit/sockets.h"

static bool
readable(const struct lws_wake *w)
{
	struct pollfd p = { .fd = w->read_fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static void
test_it_is_nonblocking_and_closed_on_exec(void **state)
{
	struct lws_wake w;

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	unit_assert_flags(w.read_fd, true);
	unit_assert_flags(w.write_fd, true);
	lws_plat_wake_close(&w);
}

static void
test_it_is_readable_from_waking_to_draining(void **state)
{
	struct lws_wake w;
	int n, round;

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	assert_false(readable(&w));
	lws_plat_wake_drain(&w);
	assert_false(readable(&w));
	for (round = 1; round <= 1000; round = round * 3 + 1) {
		for (n = 0; n < round; n++)
			lws_plat_wake(&w);
		assert_true(readable(&w));
		assert_true(readable(&w));
		lws_plat_wake_drain(&w);
		assert_false(readable(&w));
	}
	lws_plat_wake_close(&w);
}

static void
test_it_never_blocks_however_often_it_is_woken(void **state)
{
	struct lws_wake w;
	int n;

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	for (n = 0; n < 200000; n++)
		lws_plat_wake(&w);
	assert_true(readable(&w));
	lws_plat_wake_drain(&w);
	assert_false(readable(&w));
	lws_plat_wake_close(&w);
}

static void
test_waking_keeps_errno(void **state)
{
	struct lws_wake w, closed = { -1, -1 };

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	errno = ENOENT;
	lws_plat_wake(&w);
	lws_plat_wake(&closed);
	assert_int_equal(errno, ENOENT);
	lws_plat_wake_close(&w);
}

static void
test_it_wakes_across_processes(void **state)
{
	struct lws_wake w;
	pid_t child;

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		lws_plat_wake(&w);
		_exit(0);
	}
	unit_wait(w.read_fd, POLLIN);
	assert_int_equal(waitpid(child, NULL, 0), child);
	lws_plat_wake_close(&w);
}

static void
test_closing_twice_does_no_harm(void **state)
{
	struct lws_wake w;
	int other;

	(void)state;
	assert_int_equal(lws_plat_wake_open(&w), 0);
	lws_plat_wake_close(&w);
	assert_int_equal(w.read_fd, -1);
	assert_int_equal(w.write_fd, -1);
	other = dup(STDIN_FILENO);
	lws_plat_wake_close(&w);
	assert_int_equal(close(other), 0);
}

static void
test_without_descriptors_it_says_so(void **state)
{
	struct rlimit old;
	struct lws_wake w;
	int rc;

	(void)state;
	old = unit_exhaust_fds();
	rc = lws_plat_wake_open(&w);
	unit_restore_fds(old);
	assert_int_equal(rc, LWS_ERR_NOFD);
	assert_int_equal(w.read_fd, -1);
	assert_int_equal(w.write_fd, -1);
}

static int
run_wake_contract(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_nonblocking_and_closed_on_exec),
		cmocka_unit_test(test_it_is_readable_from_waking_to_draining),
		cmocka_unit_test(
			test_it_never_blocks_however_often_it_is_woken),
		cmocka_unit_test(test_waking_keeps_errno),
		cmocka_unit_test(test_it_wakes_across_processes),
		cmocka_unit_test(test_closing_twice_does_no_harm),
		cmocka_unit_test(test_without_descriptors_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif

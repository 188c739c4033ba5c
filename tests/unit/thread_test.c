/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/thread.c. */
#include "unit/sockets.h"

#include <pthread.h>
#include <signal.h>

/* What an errand finds; it writes a byte when it is done with it. */
struct visit {
	struct lws_errand errand;
	pthread_t self;
	sigset_t blocked;
	struct lws_lock *lock;
	long *sum;
	int rounds, done;
};

static void
run(void *arg)
{
	struct visit *v = arg;
	int n;

	v->self = pthread_self();
	pthread_sigmask(SIG_SETMASK, NULL, &v->blocked);
	for (n = 0; n < v->rounds; n++) {
		long sum;

		lws_plat_lock(v->lock);
		sum = *v->sum;
		if (n % 1000 == 0)
			usleep(1);
		*v->sum = sum + 1;
		lws_plat_unlock(v->lock);
	}
	if (write(v->done, "x", 1) != 1)
		abort();
}

static void
await(int fd)
{
	char c;

	unit_wait(fd, POLLIN);
	assert_int_equal(read(fd, &c, 1), 1);
}

static void
test_an_errand_is_run_by_a_thread_that_handles_no_signals(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGALRM, SIGUSR1 };
	struct visit v = { .errand = { run, &v } };
	sigset_t before, after;
	int fds[2];
	size_t n;

	(void)state;
	assert_true(lws_plat_has_threads());
	assert_int_equal(pipe(fds), 0);
	v.done = fds[1];
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(lws_plat_thread(&v.errand), 0);
	await(fds[0]);
	assert_false(pthread_equal(v.self, pthread_self()));
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	for (n = 0; n < COUNT(signals); n++) {
		assert_true(sigismember(&v.blocked, signals[n]));
		assert_int_equal(sigismember(&before, signals[n]),
				 sigismember(&after, signals[n]));
	}
	close(fds[0]);
	close(fds[1]);
}

static void
test_a_lock_lets_one_in_at_a_time(void **state)
{
	struct lws_lock *lock;
	struct visit v[4];
	long sum = 0;
	int fds[2];
	size_t n;

	(void)state;
	unit_allow(-1);
	unit_blocks = 0;
	lock = lws_plat_lock_new();
	assert_non_null(lock);
	assert_int_equal(pipe(fds), 0);
	for (n = 0; n < COUNT(v); n++) {
		v[n] = (struct visit){ .errand = { run, &v[n] }, .lock = lock,
				       .sum = &sum, .rounds = 10000,
				       .done = fds[1] };
		assert_int_equal(lws_plat_thread(&v[n].errand), 0);
	}
	for (n = 0; n < COUNT(v); n++)
		await(fds[0]);
	assert_int_equal(sum, 40000);
	lws_plat_lock_free(lock);
	lws_plat_lock_free(NULL);
	assert_int_equal(unit_blocks, 0);
	close(fds[0]);
	close(fds[1]);
}

static void
test_without_memory_there_is_no_lock(void **state)
{
	(void)state;
	unit_allow(0);
	assert_null(lws_plat_lock_new());
	unit_allow(-1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_an_errand_is_run_by_a_thread_that_handles_no_signals),
		cmocka_unit_test(test_a_lock_lets_one_in_at_a_time),
		cmocka_unit_test(test_without_memory_there_is_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

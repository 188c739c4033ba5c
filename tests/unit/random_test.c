/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/random.c. */
#include "unit/sockets.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

static void
test_the_device_opens_blocking_and_closed_on_exec(void **state)
{
	const int fd = lws_plat_random_open();

	(void)state;
	assert_true(fd >= 0);
	unit_assert_flags(fd, false);
	lws_plat_close(fd);
}

static void
test_all_bytes_are_filled_and_none_beyond(void **state)
{
	const int fd = lws_plat_random_open();
	uint8_t seen[64], buf[65];
	size_t len, n, round;

	(void)state;
	for (len = 0; len <= 64; len++) {
		memset(seen, 0, sizeof(seen));
		for (round = 0; round < 16; round++) {
			memset(buf, 0, sizeof(buf));
			assert_int_equal(lws_plat_random(fd, buf, len), 0);
			for (n = 0; n < 64; n++)
				seen[n] |= buf[n];
			assert_int_equal(buf[len], 0);
		}
		/* a byte that is zero sixteen times over has a bug */
		for (n = 0; n < len; n++)
			assert_int_not_equal(seen[n], 0);
	}
	lws_plat_close(fd);
}

static void
test_large_amounts_come_whole_and_differ(void **state)
{
	const size_t len = 1 << 20;
	const int fd = lws_plat_random_open();
	uint8_t *a = malloc(len), *b = malloc(len);

	(void)state;
	assert_true(a && b);
	assert_int_equal(lws_plat_random(fd, a, len), 0);
	assert_int_equal(lws_plat_random(fd, b, len), 0);
	assert_memory_not_equal(a + len - 64, b + len - 64, 64);
	free(a);
	free(b);
	lws_plat_close(fd);
}

static void
test_a_source_that_ends_or_fails_is_an_error(void **state)
{
	const int fd = open("/dev/null", O_RDONLY);
	uint8_t buf[4];

	(void)state;
	assert_int_equal(lws_plat_random(fd, buf, 4), LWS_ERR_IO);
	assert_int_equal(errno, EIO);
	assert_int_equal(lws_plat_random(fd, buf, 0), 0);
	close(fd);
	assert_int_equal(lws_plat_random(fd, buf, 4), LWS_ERR_IO);
	assert_int_equal(errno, EBADF);
}

static int alarms;

static void
count_alarm(int signum)
{
	(void)signum;
	alarms++;
}

/* In a child: @len numbered bytes into @fd, one every few ms. */
static void
trickle(int fd, int len)
{
	const struct timespec pause = { .tv_nsec = 5000000 };
	int n;

	for (n = 0; n < len; n++) {
		const uint8_t byte = (uint8_t)n;

		nanosleep(&pause, NULL);
		if (write(fd, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void
test_short_reads_and_signals_are_overcome(void **state)
{
	const struct itimerval fast = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval off = { { 0, 0 }, { 0, 0 } };
	struct sigaction interrupt;
	uint8_t buf[20];
	int ends[2], rc, n;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		trickle(ends[1], sizeof(buf));

	memset(&interrupt, 0, sizeof(interrupt));
	interrupt.sa_handler = count_alarm;
	assert_int_equal(sigaction(SIGALRM, &interrupt, NULL), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &fast, NULL), 0);
	rc = lws_plat_random(ends[0], buf, sizeof(buf));
	assert_int_equal(setitimer(ITIMER_REAL, &off, NULL), 0);

	assert_int_equal(rc, 0);
	assert_true(alarms > 0);
	for (n = 0; n < (int)sizeof(buf); n++)
		assert_int_equal(buf[n], n);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_device_opens_blocking_and_closed_on_exec),
		cmocka_unit_test(test_all_bytes_are_filled_and_none_beyond),
		cmocka_unit_test(test_large_amounts_come_whole_and_differ),
		cmocka_unit_test(test_a_source_that_ends_or_fails_is_an_error),
		cmocka_unit_test(test_short_reads_and_signals_are_overcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

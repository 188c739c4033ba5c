/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of plat/unix/time.c. */
#include "unit/unit.h"

#include <time.h>

#include "plat/plat.h"

/* a timer tick, and time for which a busy host may hold one back */
#define SLACK_MS 60

static void
sleep_ms(long ms)
{
	const struct timespec pause = { .tv_nsec = ms * 1000000 };

	nanosleep(&pause, NULL);
}

static void
test_neither_clock_runs_backwards(void **state)
{
	uint64_t ms = lws_plat_now_ms(), us = lws_plat_now_us();
	int n;

	(void)state;
	for (n = 0; n < 100000; n++) {
		const uint64_t next_ms = lws_plat_now_ms();
		const uint64_t next_us = lws_plat_now_us();

		assert_true(next_ms >= ms && next_us >= us);
		ms = next_ms;
		us = next_us;
	}
}

static void
test_both_measure_the_same_time(void **state)
{
	const uint64_t ms = lws_plat_now_ms(), us = lws_plat_now_us();
	uint64_t waited_ms, waited_us;

	(void)state;
	sleep_ms(120);
	waited_us = lws_plat_now_us() - us;
	waited_ms = lws_plat_now_ms() - ms;
	assert_true(waited_us >= 120000);
	assert_true(waited_ms + SLACK_MS >= waited_us / 1000);
	assert_true(waited_ms <= waited_us / 1000 + SLACK_MS);
}

static void
test_ms_lag_behind_us_by_little(void **state)
{
	int n;

	(void)state;
	for (n = 0; n < 1000; n++) {
		const uint64_t before = lws_plat_now_us() / 1000;
		const uint64_t ms = lws_plat_now_ms();
		const uint64_t after = lws_plat_now_us() / 1000;

		assert_true(ms <= after);
		assert_true(ms + SLACK_MS >= before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neither_clock_runs_backwards),
		cmocka_unit_test(test_both_measure_the_same_time),
		cmocka_unit_test(test_ms_lag_behind_us_by_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

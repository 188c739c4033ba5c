/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/latency.c and core/latency-none.h, whichever is built in. */
#include "unit/unit.h"

#include "core/context.h"
#include "core/user.h"
#include "core/wsi.h"
#include "plat/plat.h"

#ifdef LWS_LATENCY
#define BUILT_IN 1
#else
#define BUILT_IN 0
#endif

/* --disable-debug compiles the level out */
#ifdef _DEBUG
#define LINES BUILT_IN
#else
#define LINES 0
#endif

static int lines, reports;
static char last[256];

static void
emit(int level, const char *line)
{
	lines += level == LLL_LATENCY;
	reports += level == LLL_NOTICE;
	strncpy(last, line, sizeof(last) - 1);
}

static struct lws_loop loops[2];
static struct libwebsocket_context context = {
	.loops = loops,
	.count_loops = 2,
};

static int
setup(void **state)
{
	(void)state;
	memset(loops, 0, sizeof(loops));
	loops[0].context = loops[1].context = &context;
	lines = reports = 0;
	lws_set_log_level(LLL_LATENCY | LLL_NOTICE, emit);
	return 0;
}

static void
test_what_takes_long_is_worth_a_line(void **state)
{
	(void)state;
	/* a second ago by the clock, which nobody had to wait for */
	lws_latency_end(loops, lws_plat_now_us() - 1000000,
			LWS_LATENCY_READY, 77);
	assert_int_equal(lines, LINES);
	if (LINES)
		assert_non_null(strstr(last, "descriptor 77 took 1"));
}

static void
test_the_worst_of_all_loops_is_reported(void **state)
{
	const uint64_t now = lws_plat_now_us();

	(void)state;
	lws_latency_end(&loops[0], now - 2000000, LWS_LATENCY_CALLBACK, 4);
	lws_latency_end(&loops[1], now - 900000000, LWS_LATENCY_CALLBACK, 5);
	lws_latency_end(&loops[1], now - 3000000, LWS_LATENCY_CALLBACK, 6);
	lws_latency_report(&context);
	assert_int_equal(reports, BUILT_IN);
	if (BUILT_IN)
		assert_non_null(strstr(last, "callback for reason 5, 9"));
}

static void
test_nothing_timed_is_nothing_reported(void **state)
{
	(void)state;
	lws_latency_report(&context);
	assert_int_equal(reports, 0);
}

static int
slow(struct libwebsocket_context *of, struct libwebsocket *wsi,
     enum libwebsocket_callback_reasons reason, void *user, void *in,
     size_t len)
{
	const uint64_t began = lws_plat_now_us();

	(void)of;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	while (lws_plat_now_us() - began < 3000)
		;
	return 0;
}

static void
test_callbacks_of_the_application_are_timed(void **state)
{
	struct libwebsocket_protocols protocol = { .callback = slow };
	unsigned char in[64] = "x";
	struct libwebsocket wsi;

	(void)state;
	memset(&wsi, 0, sizeof(wsi));
	wsi.loop = loops;
	wsi.protocol = &protocol;
	assert_int_equal(lws_user(&wsi, LWS_CALLBACK_USER, NULL, 0), 0);
	assert_int_equal(lines, LINES);
	assert_int_equal(lws_user_rx(&wsi, LWS_CALLBACK_RECEIVE, in, 1), 0);
	assert_int_equal(lines, 2 * LINES);
	lws_latency_report(&context);
	assert_int_equal(reports, BUILT_IN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_takes_long_is_worth_a_line,
				       setup),
		cmocka_unit_test_setup(
			test_the_worst_of_all_loops_is_reported, setup),
		cmocka_unit_test_setup(
			test_nothing_timed_is_nothing_reported, setup),
		cmocka_unit_test_setup(
			test_callbacks_of_the_application_are_timed, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

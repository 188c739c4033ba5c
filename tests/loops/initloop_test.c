/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of the two functions of 2014 that put a context on a loop of libev's
 * after it was made.
 */
#include "flow/flow.h"

#include <ev.h>

#include <signal.h>

static struct ev_loop *loop;

static void
on_limit(struct ev_loop *l, ev_timer *timer, int revents)
{
	(void)l;
	(void)timer;
	(void)revents;
}

static void
run(int ms)
{
	ev_timer limit;

	ev_now_update(loop);
	ev_timer_init(&limit, on_limit, ms / 1000., 0.);
	ev_timer_start(loop, &limit);
	ev_run(loop, EVRUN_ONCE);
	ev_timer_stop(loop, &limit);
}

static int
echo(struct flow_conn *c, enum libwebsocket_callback_reasons reason, void *in,
     size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		flow_write(c, in, len, LWS_WRITE_TEXT);
	return 0;
}

static void
test_connections_move_to_the_loop_with_their_context(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = echo;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(loop);
	assert_int_equal(libwebsocket_initloop(f.side[0].context, loop), 0);
	f.side[0].loop = run;
	assert_int_equal(flow_text(c, "there and back"), 14);
	FLOW_UNTIL(&f, c->got.len == 14);
	/* and on to another */
	assert_int_equal(libwebsocket_initloop(f.side[0].context, NULL), 0);
	assert_false(ev_run(loop, EVRUN_NOWAIT));
	ev_loop_destroy(loop);
	loop = ev_default_loop(EVFLAG_AUTO);
	assert_int_equal(flow_text(c, "again"), 5);
	FLOW_UNTIL(&f, c->got.len == 19);
	flow_destroy(&f.side[1]);
	flow_destroy(&f.side[0]);
	ev_loop_destroy(loop);
	flow_end(&f);
}

static int
nothing(struct libwebsocket_context *context, struct libwebsocket *wsi,
	enum libwebsocket_callback_reasons reason, void *user, void *in,
	size_t len)
{
	(void)context;
	(void)wsi;
	(void)reason;
	(void)user;
	(void)in;
	(void)len;
	return 0;
}

static void
test_a_loop_for_one_thread_is_refused_to_several(void **state)
{
	struct libwebsocket_protocols protocols[] = {
		{ .name = "talk", .callback = nothing },
		{ .name = NULL },
	};
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.gid = -1,
		.uid = -1,
		.count_threads = 2,
	};
	struct libwebsocket_context *context =
		libwebsocket_create_context(&info);

	(void)state;
	assert_non_null(context);
	assert_int_equal(libwebsocket_initloop(context, NULL), -1);
	libwebsocket_context_destroy(context);
}

static void
test_a_signal_ends_the_loop(void **state)
{
	struct ev_signal watcher;

	(void)state;
	loop = ev_default_loop(EVFLAG_AUTO);
	ev_signal_init(&watcher, libwebsocket_sigint_cb, SIGINT);
	ev_signal_start(loop, &watcher);
	assert_int_equal(raise(SIGINT), 0);
	/* the watcher is still there: only a break ends this */
	assert_true(ev_run(loop, 0));
	ev_signal_stop(loop, &watcher);
	ev_loop_destroy(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_connections_move_to_the_loop_with_their_context),
		cmocka_unit_test(
			test_a_loop_for_one_thread_is_refused_to_several),
		cmocka_unit_test(test_a_signal_ends_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

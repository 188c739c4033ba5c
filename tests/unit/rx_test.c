/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of core/rx.c: stages that take some, none, all, or hand over. */
#include "unit/core.h"

static char seen[512];
static size_t count_seen;
static size_t take;		/* bytes a call takes; 0: not now */
static bool stop_after;		/* stop the flow after each call */
static bool refresh;		/* look at what is waited for meanwhile */

static const struct lws_stage_ops other;

static int
take_some(struct libwebsocket *wsi, struct lws_span *in)
{
	size_t n = in->len < take ? in->len : take;

	memcpy(seen + count_seen, in->p, n);
	count_seen += n;
	lws_span_skip(in, n);
	if (refresh)
		lws_watch_refresh(wsi);
	if (stop_after)
		libwebsocket_rx_flow_control(wsi, 0);
	if (n && seen[count_seen - 1] == '!')
		wsi->stage = &other;
	return n && seen[count_seen - 1] == '#' ? LWS_ERR_PROTOCOL : 0;
}

static int
take_all(struct libwebsocket *wsi, struct lws_span *in)
{
	(void)wsi;
	seen[count_seen++] = '|';
	memcpy(seen + count_seen, in->p, in->len);
	count_seen += in->len;
	lws_span_skip(in, in->len);
	return 0;
}

static const struct lws_stage_ops stage = { .rx = take_some };
static const struct lws_stage_ops other = { .rx = take_all };

static struct libwebsocket *
begin(int *peer, const char *text)
{
	struct libwebsocket *wsi;

	core_begin(&lws_event_poll);
	count_seen = 0;
	take = 1;
	stop_after = refresh = false;
	wsi = core_wsi(&stage, peer);
	assert_int_equal(send(*peer, text, strlen(text), 0), strlen(text));
	unit_wait(wsi->stream.fd, POLLIN);
	return wsi;
}

static void
check(const char *want)
{
	seen[count_seen] = '\0';
	assert_string_equal(seen, want);
}

static void
test_a_stage_is_offered_all_and_the_next_stage_the_rest(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "abc!def");
	assert_int_equal(lws_rx_ready(wsi), 0);
	check("abc!|def");
	assert_null(wsi->stash);
	core_drop(wsi, peer);
	core_end();
}

static void
test_an_error_of_the_stage_is_given_up(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "ab#cd");
	assert_int_equal(lws_rx_ready(wsi), LWS_ERR_PROTOCOL);
	check("ab#");
	core_drop(wsi, peer);
	core_end();
}

static void
test_what_nobody_takes_is_held_and_no_more_is_read(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "abc");
	take = 0;
	assert_int_equal(lws_rx_ready(wsi), 0);
	assert_true(lws_rx_held(wsi));
	assert_int_equal(wsi->stream.watched, 0);
	assert_int_equal(send(peer, "def", 3, 0), 3);
	assert_int_equal(lws_rx_ready(wsi), 0);
	take = 2;
	assert_int_equal(lws_rx_unstash(wsi), 0);
	check("abc");
	assert_false(lws_rx_held(wsi));
	assert_int_equal(wsi->stream.watched, POLLIN);
	unit_wait(wsi->stream.fd, POLLIN);
	assert_int_equal(lws_rx_ready(wsi), 0);
	check("abcdef");
	core_drop(wsi, peer);
	core_end();
}

static void
test_held_bytes_that_stay_held_let_no_more_come(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "abc");
	take = 0;
	assert_int_equal(lws_rx_ready(wsi), 0);
	refresh = true;
	assert_int_equal(lws_rx_unstash(wsi), 0);
	assert_true(lws_rx_held(wsi));
	assert_int_equal(wsi->stream.watched, 0);
	core_drop(wsi, peer);
	core_end();
}

static void
test_a_stop_after_every_byte_loses_none(void **state)
{
	struct libwebsocket *wsi;
	int peer, n;

	(void)state;
	wsi = begin(&peer, "abcdefgh");
	stop_after = true;
	assert_int_equal(lws_rx_ready(wsi), 0);
	for (n = 1; n < 8; n++) {
		assert_int_equal(count_seen, n);
		assert_false(lws_rx_held(wsi));
		assert_int_equal(lws_rx_ready(wsi), 0);
		assert_int_equal(libwebsocket_rx_flow_control(wsi, 1), 0);
		assert_true(lws_rx_held(wsi));
		lws_service_work(core.context.loops);
	}
	check("abcdefgh");
	assert_null(wsi->stash);
	core_drop(wsi, peer);
	core_end();
}

static void
test_injected_bytes_come_behind_those_held(void **state)
{
	struct libwebsocket *wsi;
	unsigned char more[] = "def";
	int peer;

	(void)state;
	wsi = begin(&peer, "abc");
	stop_after = true;
	assert_int_equal(lws_rx_ready(wsi), 0);
	assert_int_equal(libwebsocket_read(&core.context, wsi, more, 3), 0);
	check("a");
	stop_after = false;
	libwebsocket_rx_flow_control(wsi, 1);
	lws_service_work(core.context.loops);
	check("abcdef");
	more[0] = '#';
	assert_int_equal(libwebsocket_read(&core.context, wsi, more, 3), -1);
	close(peer);
	core_end();
}

static void
test_the_end_of_input_ends_who_has_no_use_for_it(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "a");
	shutdown(peer, SHUT_WR);
	assert_int_equal(lws_rx_ready(wsi), 0);
	assert_int_equal(lws_rx_ready(wsi), LWS_ERR_CLOSED);
	core_drop(wsi, peer);
	core_end();
}

static void
test_without_memory_to_hold_it_ends(void **state)
{
	struct libwebsocket *wsi;
	int peer;

	(void)state;
	wsi = begin(&peer, "abc");
	stop_after = true;
	unit_allow(0);
	assert_int_equal(lws_rx_ready(wsi), LWS_ERR_NOMEM);
	unit_allow(-1);
	core_drop(wsi, peer);
	core_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_stage_is_offered_all_and_the_next_stage_the_rest),
		cmocka_unit_test(test_an_error_of_the_stage_is_given_up),
		cmocka_unit_test(
			test_what_nobody_takes_is_held_and_no_more_is_read),
		cmocka_unit_test(
			test_held_bytes_that_stay_held_let_no_more_come),
		cmocka_unit_test(test_a_stop_after_every_byte_loses_none),
		cmocka_unit_test(test_injected_bytes_come_behind_those_held),
		cmocka_unit_test(
			test_the_end_of_input_ends_who_has_no_use_for_it),
		cmocka_unit_test(test_without_memory_to_hold_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of visiting all members of a protocol, while visits do the same, end
 * members or make new ones.
 */
#include "flow/flow.h"

#define MEMBERS 5

enum { KNOCK = LWS_CALLBACK_USER + 1, INNER };

static struct flow_conn *server[MEMBERS];
static unsigned knocks, inner, at;

/* The @at'th to be knocked at does @act. */
static int
knocked(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void (*act)(struct flow_conn *c))
{
	inner += (int)reason == INNER;
	if ((int)reason == KNOCK && knocks++ == at)
		act(c);
	return 0;
}

static void
open_members(struct flow *f, flow_hook *hook)
{
	unsigned n;

	flow_begin(f);
	flow_open(f);
	for (n = 0; n < MEMBERS; n++)
		flow_raw_ws(f, 0);
	for (n = 0; n < MEMBERS; n++)
		server[n] = flow_server(f, n);
	flow_idle(f, 5);
	for (n = 0; n < MEMBERS; n++)
		server[n]->count[LWS_CALLBACK_SERVER_WRITEABLE] = 0;
	f->hook = hook;
	knocks = inner = 0;
}

static void
knock(struct flow *f)
{
	assert_int_equal(libwebsocket_callback_all_protocol(
			&f->side[0].protocols[1], KNOCK), 0);
}

/* ---- asking all for writable ---- */

static void
ask_all(struct flow_conn *c)
{
	libwebsocket_callback_on_writable_all_protocol(&c->side->protocols[1]);
}

static int
ask_hook(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	(void)in;
	(void)len;
	return knocked(c, reason, ask_all);
}

static void
test_whoever_asks_for_all_while_all_are_visited_reaches_all(void **state)
{
	struct flow f;
	unsigned n;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, ask_hook);
		knock(&f);
		assert_int_equal(knocks, MEMBERS);
		for (n = 0; n < MEMBERS; n++)
			FLOW_UNTIL(&f, server[n]->count[
					LWS_CALLBACK_SERVER_WRITEABLE]);
		flow_idle(&f, 20);
		for (n = 0; n < MEMBERS; n++)
			assert_int_equal(server[n]->count[
					LWS_CALLBACK_SERVER_WRITEABLE], 1);
		flow_end(&f);
	}
}

/* ---- calling all back ---- */

static void
call_all(struct flow_conn *c)
{
	libwebsocket_callback_all_protocol(&c->side->protocols[1], INNER);
}

static int
call_hook(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	  void *in, size_t len)
{
	(void)in;
	(void)len;
	return knocked(c, reason, call_all);
}

static void
test_a_visit_of_all_within_another_misses_none_and_repeats_none(void **state)
{
	struct flow f;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, call_hook);
		knock(&f);
		assert_int_equal(knocks, MEMBERS);
		assert_int_equal(inner, MEMBERS);
		flow_end(&f);
	}
}

/* ---- ending others ---- */

static void
end_others(struct flow_conn *c)
{
	unsigned n;

	for (n = 0; n < MEMBERS; n++)
		if (server[n] != c && server[n]->wsi)
			libwebsocket_close_and_free_session(
				c->side->context, server[n]->wsi,
				LWS_CLOSE_STATUS_NOSTATUS);
}

static int
end_hook(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	(void)in;
	(void)len;
	return knocked(c, reason, end_others);
}

static void
test_members_that_a_visit_ends_are_not_visited_any_more(void **state)
{
	struct flow f;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, end_hook);
		knock(&f);
		assert_int_equal(knocks, at + 1);
		knock(&f);
		assert_int_equal(knocks, at + 2);
		flow_end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_whoever_asks_for_all_while_all_are_visited_reaches_all),
		cmocka_unit_test(
			test_a_visit_of_all_within_another_misses_none_and_repeats_none),
		cmocka_unit_test(
			test_members_that_a_visit_ends_are_not_visited_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

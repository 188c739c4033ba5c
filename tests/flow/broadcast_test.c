/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of libwebsockets_broadcast() in the process that serves.  What it does
 * after a fork is in fork_test.c.
 */
#include "flow/flow.h"

#define MEMBERS 5

static struct flow_conn *server[MEMBERS];
static struct flow_raw *peer[MEMBERS];
static unsigned heard, inner;
static int at;			/* whose turn it is to do something */

static int
broadcast(struct flow *f, unsigned protocol, char *text)
{
	return libwebsockets_broadcast(&f->side[0].protocols[protocol],
				       (unsigned char *)text, strlen(text));
}

static void
open_members(struct flow *f, flow_hook *hook)
{
	unsigned n;

	flow_begin(f);
	flow_open(f);
	for (n = 0; n < MEMBERS; n++)
		peer[n] = flow_raw_ws(f, 0);
	for (n = 0; n < MEMBERS; n++)
		server[n] = flow_server(f, n);
	f->hook = hook;
	heard = inner = 0;
}

/* the frames that every peer has got, without their heads of two bytes */
static void
expect_all(struct flow *f, const char *text)
{
	const size_t len = strlen(text) + 2;
	unsigned n;

	for (n = 0; n < MEMBERS; n++)
		FLOW_UNTIL(f, peer[n]->in.len >= len);
	for (n = 0; n < MEMBERS; n++) {
		assert_int_equal(peer[n]->in.len, len);
		assert_memory_equal(peer[n]->in.p + 2, text, len - 2);
	}
}

/* ---- who hears it ---- */

static char payload[] = "to all of you";

static int
write_it(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	if (reason != LWS_CALLBACK_BROADCAST)
		return 0;
	heard++;
	assert_ptr_equal(in, payload);
	assert_memory_equal(in, "to all of you", len);
	assert_int_equal(flow_write(c, in, len, LWS_WRITE_TEXT), len);
	return 0;
}

static void
test_each_open_server_connection_hears_the_same_bytes(void **state)
{
	struct flow f;

	(void)state;
	open_members(&f, write_it);
	assert_int_equal(broadcast(&f, 1, payload), 0);
	assert_int_equal(heard, MEMBERS);
	expect_all(&f, payload);
	flow_end(&f);
}

static void
test_others_do_not_hear_it(void **state)
{
	struct flow_conn *s, *c;
	struct flow_raw *plain;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	plain = flow_raw(&f, 0);
	flow_raw_puts(&f, plain, "GET / HT");
	FLOW_UNTIL(&f, flow_server(&f, 1));
	flow_idle(&f, 5);
	f.hook = write_it;
	heard = 0;
	assert_int_equal(broadcast(&f, 0, payload), 0);
	assert_int_equal(heard, 0);
	assert_int_equal(broadcast(&f, 1, payload), 0);
	assert_int_equal(heard, 1);
	assert_int_equal(s->count[LWS_CALLBACK_BROADCAST], 1);
	assert_int_equal(c->count[LWS_CALLBACK_BROADCAST], 0);
	flow_end(&f);
}

static int
count_empty(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)c;
	(void)in;
	if (reason == LWS_CALLBACK_BROADCAST) {
		assert_int_equal(len, 0);
		heard++;
	}
	return 0;
}

static void
test_nothing_can_be_broadcast_too(void **state)
{
	struct flow f;

	(void)state;
	open_members(&f, count_empty);
	assert_int_equal(broadcast(&f, 1, payload + strlen(payload)), 0);
	assert_int_equal(libwebsockets_broadcast(&f.side[0].protocols[1], NULL,
						 0), 0);
	assert_int_equal(heard, 2 * MEMBERS);
	flow_end(&f);
}

static void
test_a_protocol_without_a_context_has_no_members(void **state)
{
	const struct libwebsocket_protocols nobody = { .name = "nobody" };

	(void)state;
	assert_int_equal(libwebsockets_broadcast(&nobody, NULL, 0), -1);
}

/* ---- what callbacks do ---- */

static int
end_one(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	(void)c;
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_BROADCAST)
		return 0;
	return (int)heard++ == at ? -1 : 1;
}

static void
test_a_negative_result_ends_that_connection_alone(void **state)
{
	struct flow f;
	unsigned n, over;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, end_one);
		assert_int_equal(broadcast(&f, 1, payload), 0);
		assert_int_equal(heard, MEMBERS);
		for (n = over = 0; n < MEMBERS; n++)
			over += server[n]->count[LWS_CALLBACK_CLOSED];
		assert_int_equal(over, 1);
		flow_end(&f);
	}
}

static int
end_others(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	unsigned n;

	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_BROADCAST || (int)heard++ != at)
		return 0;
	for (n = 0; n < MEMBERS; n++)
		if (server[n] != c && server[n]->wsi)
			libwebsocket_close_and_free_session(
				c->side->context, server[n]->wsi,
				LWS_CLOSE_STATUS_NOSTATUS);
	return -1;
}

static void
test_whoever_was_ended_meanwhile_does_not_hear_it(void **state)
{
	struct flow f;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, end_others);
		assert_int_equal(broadcast(&f, 1, payload), 0);
		assert_int_equal(heard, at + 1);
		assert_int_equal(broadcast(&f, 1, payload), 0);
		assert_int_equal(heard, at + 1);
		flow_end(&f);
	}
}

static char second[] = "within";

static int
broadcast_more(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	       void *in, size_t len)
{
	if (reason != LWS_CALLBACK_BROADCAST)
		return 0;
	if (in == second) {
		inner++;
		return 0;
	}
	assert_int_equal(flow_write(c, in, len, LWS_WRITE_TEXT), len);
	if ((int)heard++ == at)
		assert_int_equal(broadcast(c->flow, 1, second), 0);
	return 0;
}

static void
test_a_broadcast_within_a_broadcast_reaches_all(void **state)
{
	struct flow f;

	(void)state;
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, broadcast_more);
		assert_int_equal(broadcast(&f, 1, payload), 0);
		assert_int_equal(heard, MEMBERS);
		assert_int_equal(inner, MEMBERS);
		expect_all(&f, payload);
		flow_end(&f);
	}
}

static int
pass_on(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		assert_int_equal(libwebsockets_broadcast(
				&c->side->protocols[1], in, len), 0);
	if (reason == LWS_CALLBACK_BROADCAST)
		assert_int_equal(flow_write(c, in, len, LWS_WRITE_TEXT), len);
	return 0;
}

static void
test_what_one_sends_is_broadcast_from_where_it_lies(void **state)
{
	struct flow f;

	(void)state;
	open_members(&f, pass_on);
	flow_raw_frame(&f, peer[2], 0x81, payload, strlen(payload));
	expect_all(&f, payload);
	flow_end(&f);
}

static int
fail_to_write(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	      void *in, size_t len)
{
	if (reason != LWS_CALLBACK_BROADCAST)
		return 0;
	if ((int)heard++ == at)
		flow_fail_allocation(0);
	flow_write(c, in, len, LWS_WRITE_TEXT);
	flow_fail_allocation(-1);
	return 0;
}

static void
test_out_of_memory_costs_the_connection_it_hits(void **state)
{
	const size_t size = 100 * 1000;
	char *large = malloc(size + 1);
	struct flow f;
	unsigned n, over;

	(void)state;
	assert_non_null(large);
	memset(large, 'x', size);
	large[size] = '\0';
	for (at = 0; at < MEMBERS; at++) {
		open_members(&f, fail_to_write);
		assert_int_equal(broadcast(&f, 1, large), 0);
		assert_int_equal(heard, MEMBERS);
		flow_idle(&f, 20);
		for (n = over = 0; n < MEMBERS; n++)
			over += server[n]->count[LWS_CALLBACK_CLOSED];
		assert_true(over <= 1);
		flow_end(&f);
	}
	free(large);
}

static int
at_the_end(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	(void)in;
	(void)len;
	heard += reason == LWS_CALLBACK_BROADCAST;
	if (reason == LWS_CALLBACK_CLOSED)
		assert_int_equal(broadcast(c->flow, 1, payload), 0);
	return 0;
}

static void
test_a_context_that_is_being_destroyed_broadcasts_nothing(void **state)
{
	struct flow f;

	(void)state;
	open_members(&f, at_the_end);
	flow_destroy(&f.side[0]);
	assert_int_equal(heard, 0);
	flow_end(&f);
}

/* ---- extensions ---- */

#ifndef LWS_NO_EXTENSIONS
static void
test_compressing_for_one_changes_nothing_for_the_next(void **state)
{
	static char text[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct flow_conn *client[MEMBERS];
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	f.side[0].info.extensions = libwebsocket_get_internal_extensions();
	flow_open(&f);
	for (n = 0; n < MEMBERS; n++)
		client[n] = flow_connect(&f, 0, "second");
	for (n = 0; n < MEMBERS; n++)
		FLOW_UNTIL(&f, client[n]->count[
				LWS_CALLBACK_CLIENT_ESTABLISHED] &&
			       flow_server(&f, n));
	f.hook = pass_on;
	assert_int_equal(broadcast(&f, 1, text), 0);
	for (n = 0; n < MEMBERS; n++) {
		FLOW_UNTIL(&f, client[n]->got.len == strlen(text));
		assert_string_equal((char *)client[n]->got.p, text);
	}
	flow_end(&f);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_each_open_server_connection_hears_the_same_bytes),
		cmocka_unit_test(test_others_do_not_hear_it),
		cmocka_unit_test(test_nothing_can_be_broadcast_too),
		cmocka_unit_test(
			test_a_protocol_without_a_context_has_no_members),
		cmocka_unit_test(
			test_a_negative_result_ends_that_connection_alone),
		cmocka_unit_test(
			test_whoever_was_ended_meanwhile_does_not_hear_it),
		cmocka_unit_test(
			test_a_broadcast_within_a_broadcast_reaches_all),
		cmocka_unit_test(
			test_what_one_sends_is_broadcast_from_where_it_lies),
		cmocka_unit_test(
			test_out_of_memory_costs_the_connection_it_hits),
		cmocka_unit_test(
			test_a_context_that_is_being_destroyed_broadcasts_nothing),
#ifndef LWS_NO_EXTENSIONS
		cmocka_unit_test(
			test_compressing_for_one_changes_nothing_for_the_next),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

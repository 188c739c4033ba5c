/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Flows of connections that are kept alive: the way there and back is
 * measured, the dead are found, and nobody is taken for dead who is not.
 */
#include "flow/flow.h"

#include "base/limits.h"
#include "plat/plat.h"

/* the head of an unmasked Ping of ours */
#define PING "\x89\x0c"

/*
 * What stays alive for a timeout has to be heard from within each, and a machine
 * that is busy may not get round to it.  Such a test is made with ever longer
 * ones, until its own pauses were shorter or it passes anyway.
 */
#define LONGEST_TIMEOUT 20000

/* no machine is as late as that with an answer */
#define LONG 20000

static void
begin(struct flow *f, unsigned interval, unsigned timeout)
{
	flow_begin(f);
	f->side[0].info.ping_interval_ms = interval;
	f->side[0].info.pong_timeout_ms = timeout;
	flow_open(f);
}

static void
test_both_ends_know_the_way(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	begin(&f, 20, LONG);
	flow_pair(&f, &server, &client);
	assert_int_equal(lws_get_rtt_us(server->wsi), -1);
	FLOW_UNTIL(&f, lws_get_rtt_us(server->wsi) >= 0 &&
		       lws_get_rtt_us(client->wsi) >= 0);
	flow_idle(&f, 200);
	assert_int_equal(client->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG], 0);
	assert_false(flow_over(client) || flow_over(server));
	flow_end(&f);
}

static void
test_without_it_nothing_is_measured(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	begin(&f, 0, 20);
	flow_pair(&f, &server, &client);
	flow_idle(&f, 100);
	assert_int_equal(lws_get_rtt_us(server->wsi), -1);
	assert_false(flow_over(client) || flow_over(server));
	flow_end(&f);
}

static void
test_the_applications_pongs_are_its_own(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	begin(&f, 10, LONG);
	flow_pair(&f, &server, &client);
	flow_write(client, "just as long", 12, LWS_WRITE_PING);
	FLOW_UNTIL(&f, client->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG]);
	FLOW_UNTIL(&f, lws_get_rtt_us(client->wsi) >= 0);
	assert_int_equal(client->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG], 1);
	flow_end(&f);
}

static void
test_the_dead_are_found(void **state)
{
	struct flow_raw *r;
	struct flow f;
	uint64_t begun;

	(void)state;
	begin(&f, 30, 100);
	begun = flow_ms();
	r = flow_raw_ws(&f, 0);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	assert_true(flow_ms() - begun >= 130);
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_CLOSED], 1);
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_int_equal(flow_raw_times(r, PING), 1);
	flow_end(&f);
}

/* Is it a @timeout since @since? */
static bool
dawdled(uint64_t since, unsigned timeout)
{
	return flow_ms() - since >= timeout;
}

/* Frames for some timeouts long; false when the test itself was too slow. */
static bool
show_life(unsigned timeout)
{
	struct flow_raw *r;
	struct flow f;
	uint64_t before = flow_ms(), last = before;
	bool slow = false;
	int n;

	begin(&f, timeout / 2, timeout);
	r = flow_raw_ws(&f, 0);
	for (n = 0; n < 40 && !slow; n++) {
		flow_raw_frame(&f, r, 0x82, "x", 1);
		flow_idle(&f, timeout / 6);
		slow = dawdled(before, timeout);
		before = last;
		last = flow_ms();
	}
	if (!slow) {
		assert_false(flow_over(flow_server(&f, 0)));
		assert_true(flow_raw_times(r, PING) > 1);
		assert_int_equal(lws_get_rtt_us(flow_server(&f, 0)->wsi), -1);
	}
	flow_end(&f);
	return !slow;
}

static void
test_any_sign_of_life_will_do(void **state)
{
	unsigned timeout = 60;

	(void)state;
	while (!show_life(timeout) && timeout < LONGEST_TIMEOUT)
		timeout *= 2;
	assert_true(timeout < LONGEST_TIMEOUT);
}

/* Answer the latest Ping that was read; a later one may be under way. */
static void
answer_latest(struct flow *f, struct flow_raw *r)
{
	uint8_t payload[12];

	memcpy(payload, r->in.p + r->in.len - 12, sizeof(payload));
	flow_raw_frame(f, r, 0x8a, payload, sizeof(payload));
	flow_idle(f, 2);
}

static void
test_late_and_forged_pongs_measure_nothing(void **state)
{
	struct flow_raw *r;
	struct flow f;
	uint8_t payload[12];

	(void)state;
	begin(&f, 30, 0);
	r = flow_raw_ws(&f, 0);
	FLOW_UNTIL(&f, r->in.len >= 14);
	memcpy(payload, r->in.p + 2, sizeof(payload));
	FLOW_UNTIL(&f, flow_raw_times(r, PING) >= 2);
	flow_raw_frame(&f, r, 0x8a, payload, sizeof(payload));
	flow_raw_frame(&f, r, 0x8a, payload, 11);
	flow_raw_frame(&f, r, 0x8a, "", 0);
	flow_idle(&f, 20);
	assert_int_equal(lws_get_rtt_us(flow_server(&f, 0)->wsi), -1);
	FLOW_UNTIL(&f, flow_raw_times(r, PING) >= 5);
	FLOW_UNTIL(&f, (answer_latest(&f, r),
			lws_get_rtt_us(flow_server(&f, 0)->wsi) >= 0));
	flow_end(&f);
}

static void
test_without_a_timeout_nobody_is_given_up(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f, 20, 0);
	r = flow_raw_ws(&f, 0);
	FLOW_UNTIL(&f, flow_raw_times(r, PING) >= 5);
	assert_false(flow_over(flow_server(&f, 0)));
	flow_end(&f);
}

static int
stop_at_once(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		libwebsocket_rx_flow_control(c->wsi, 0);
	return 0;
}

static void
test_who_does_not_listen_hears_no_life(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	begin(&f, 20, 40);
	f.hook = stop_at_once;
	flow_pair(&f, &server, &client);
	flow_idle(&f, 300);
	assert_false(flow_over(server));
	libwebsocket_rx_flow_control(server->wsi, 1);
	flow_end(&f);
}

static void
write_much(struct flow_conn *c)
{
	static unsigned char much[4 * 1024 * 1024];

	flow_write(c, much, sizeof(much), LWS_WRITE_BINARY);
}

/* Where no system tells what has arrived, a Pong is the only sign of life. */
static bool
arrivals_are_told(const struct flow_conn *c)
{
	bool waiting;

	return lws_plat_acked(libwebsocket_get_socket_fd(c->wsi), &waiting) > 0;
}

/* Two timeouts long; false when the test itself was too slow. */
static bool
read_on(unsigned timeout)
{
	static uint8_t some[65536];
	struct flow_raw *r;
	struct flow f;
	uint64_t before = flow_ms(), last = before;
	bool slow = false;
	int n;

	begin(&f, timeout / 10, timeout);
	r = flow_raw_ws(&f, 4096);
	r->deaf = true;
	if (flow_over(flow_server(&f, 0))) {
		flow_end(&f);
		return false;
	}
	if (!arrivals_are_told(flow_server(&f, 0))) {
		flow_end(&f);
		skip();
	}
	write_much(flow_server(&f, 0));
	for (n = 0; n < 20 && !slow; n++) {
		FLOW_UNTIL(&f, dawdled(before, timeout) ||
			       read(r->fd, some, sizeof(some)) > 0);
		flow_idle(&f, timeout / 10);
		slow = dawdled(before, timeout);
		before = last;
		last = flow_ms();
	}
	if (!slow)
		assert_false(flow_over(flow_server(&f, 0)));
	/* and not longer than that, whatever still waits for him */
	FLOW_UNTIL(&f, flow_server(&f, 0)->count[LWS_CALLBACK_CLOSED]);
	flow_end(&f);
	return !slow;
}

static void
test_a_reader_is_alive_as_long_as_he_reads(void **state)
{
	unsigned timeout = 200;

	(void)state;
	while (!read_on(timeout) && timeout < LONGEST_TIMEOUT)
		timeout *= 2;
	assert_true(timeout < LONGEST_TIMEOUT);
}

static void
test_version_76_has_no_pings(void **state)
{
	struct flow_conn *server, *client;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.ping_interval_ms = 10;
	f.side[0].info.pong_timeout_ms = 20;
	f.version = 76;
	flow_open(&f);
	client = flow_connect(&f, 0, "second");
	if (!client) {
		flow_end(&f);
		skip();
	}
	FLOW_UNTIL(&f, client->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	server = flow_server(&f, 0);
	flow_idle(&f, 100);
	assert_false(flow_over(server) || flow_over(client));
	flow_end(&f);
}

static int
say_goodbye(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)in;
	(void)len;
	return reason == LWS_CALLBACK_CLIENT_WRITEABLE && !c->n++ ? -1 : 0;
}

static void
test_ends_in_every_way_stop_it(void **state)
{
	struct flow_conn *server, *client;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f, 10, LONG);
	flow_pair(&f, &server, &client);
	FLOW_UNTIL(&f, lws_get_rtt_us(client->wsi) >= 0);
	f.hook = say_goodbye;
	libwebsocket_callback_on_writable(f.side[0].context, client->wsi);
	FLOW_UNTIL(&f, flow_over(client) && flow_over(server));
	f.hook = NULL;
	flow_pair(&f, &server, &client);
	libwebsocket_close_and_free_session(f.side[0].context, server->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	FLOW_UNTIL(&f, flow_over(client) && flow_over(server));
	r = flow_raw_ws(&f, 0);
	libwebsocket_close_and_free_session(
		f.side[0].context, flow_server(&f, 2)->wsi,
		LWS_CLOSE_STATUS_NORMAL);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 2)));
	flow_pair(&f, &server, &client);
	flow_idle(&f, 30);
	flow_end(&f);
}

static void
try_with_allocation_failing(long n, bool *failed)
{
	struct flow_conn *c;
	struct flow f;

	begin(&f, 10, LONG);
	flow_fail_allocation(n);
	c = flow_connect(&f, 0, "second");
	if (c)
		FLOW_UNTIL(&f, flow_over(c) || lws_get_rtt_us(c->wsi) >= 0);
	*failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	flow_end(&f);
}

static void
test_every_allocation_may_fail(void **state)
{
	bool failed = true;
	long n;

	(void)state;
	for (n = 0; failed && n < 100; n++)
		try_with_allocation_failing(n, &failed);
	assert_false(failed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ends_know_the_way),
		cmocka_unit_test(test_without_it_nothing_is_measured),
		cmocka_unit_test(test_the_applications_pongs_are_its_own),
		cmocka_unit_test(test_the_dead_are_found),
		cmocka_unit_test(test_any_sign_of_life_will_do),
		cmocka_unit_test(test_late_and_forged_pongs_measure_nothing),
		cmocka_unit_test(test_without_a_timeout_nobody_is_given_up),
		cmocka_unit_test(test_who_does_not_listen_hears_no_life),
		cmocka_unit_test(test_a_reader_is_alive_as_long_as_he_reads),
		cmocka_unit_test(test_version_76_has_no_pings),
		cmocka_unit_test(test_ends_in_every_way_stop_it),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of lws_broadcast_message(): who gets it, where among what else he gets,
 * and what those cost who do not read.
 */
#include "flow/flow.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "core/context.h"
#include "core/share.h"
#include "core/wsi.h"
#include "ws/wire.h"

#define LIMIT (256 * 1024)	/* tx_limit where one is reached: bytes */

static uint8_t *
pattern(size_t len)
{
	uint8_t *p = malloc(len + 1);
	size_t n;

	assert_non_null(p);
	for (n = 0; n < len; n++)
		p[n] = (uint8_t)('a' + (n * 7 + (n >> 8)) % 26);
	return p;
}

/* Servers on side 0, clients on side 1. */
static void
open_both(struct flow *f)
{
	flow_begin(f);
	flow_open(f);
	flow_open_second(f);
}

static int
broadcast(struct flow *f, struct flow_conn *except, const void *data,
	  size_t len, int kind)
{
	return lws_broadcast_message(&f->side[0].protocols[1],
				     except ? except->wsi : NULL, data, len,
				     (enum libwebsocket_write_protocol)kind);
}

static int
say(struct flow *f, const char *text)
{
	return broadcast(f, NULL, text, strlen(text), LWS_WRITE_TEXT);
}

static bool
got(const struct flow_conn *c, const char *text)
{
	return c->got.len == strlen(text) &&
	       !memcmp(c->got.p, text, c->got.len);
}

#define assert_got(f, c, text) do {					\
	FLOW_UNTIL(f, (c)->got.len >= strlen(text));			\
	assert_true(got(c, text));					\
} while (0)

/* a hook that does the test's work once, inside of a callback of a server */
static void (*inside)(struct flow_conn *c);

static int
run_inside(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	void (*work)(struct flow_conn *) = inside;

	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_SERVER_WRITEABLE || !work)
		return 0;
	inside = NULL;
	work(c);
	return 0;
}

static void
do_inside(struct flow *f, struct flow_conn *c, void (*work)(struct flow_conn *))
{
	inside = work;
	f->hook = run_inside;
	libwebsocket_callback_on_writable(f->side[0].context, c->wsi);
	FLOW_UNTIL(f, !inside);
}

/* ---- who gets it ---- */

static const int versions[] = { 13, 8, 7, 6, 5, 4, 0 };

static const size_t sizes[] = { 0, 1, 125, 126, 4000, 65535, 65536, 300000 };

/* A pair of each version that this build speaks; how many. */
static unsigned
all_versions(struct flow *f, struct flow_conn **s, struct flow_conn **c)
{
	unsigned count = 0;
	size_t n;

	for (n = 0; n < COUNT(versions); n++) {
		if (!lws_wire_find(versions[n]))
			continue;
		f->version = versions[n];
		flow_pair(f, &s[count], &c[count]);
		count++;
	}
	return count;
}

static bool
all_have(struct flow_conn **c, unsigned count, size_t len, unsigned times)
{
	unsigned n;

	for (n = 0; n < count; n++)
		if (c[n]->got.len < len ||
		    c[n]->count[LWS_CALLBACK_CLIENT_RECEIVE] < times)
			return false;
	return true;
}

static void
test_every_connection_gets_every_size_in_every_version(void **state)
{
	struct flow_conn *s[COUNT(versions)], *c[COUNT(versions)];
	struct flow f;
	unsigned count, k;
	size_t n;

	(void)state;
	flow_begin(&f);
	f.side[1].protocols[1].rx_buffer_size = 400000;
	flow_open(&f);
	flow_open_second(&f);
	count = all_versions(&f, s, c);
	for (n = 0; n < COUNT(sizes); n++) {
		uint8_t *data = pattern(sizes[n]);

		for (k = 0; k < count; k++)
			c[k]->got.len = 0;
		assert_int_equal(broadcast(&f, NULL, data, sizes[n],
					   LWS_WRITE_TEXT), count);
		FLOW_UNTIL(&f, all_have(c, count, sizes[n], (unsigned)n + 1));
		for (k = 0; k < count; k++)
			assert_memory_equal(c[k]->got.p, data, sizes[n]);
		free(data);
	}
	for (k = 0; k < count; k++)
		assert_int_equal(c[k]->count[LWS_CALLBACK_CLIENT_RECEIVE],
				 COUNT(sizes));
	flow_end(&f);
}

static void
test_version_76_is_left_out_where_it_cannot_carry_it(void **state)
{
	struct flow_conn *s[COUNT(versions)], *c[COUNT(versions)];
	const uint8_t bytes[] = { 'a', 0xff, 'b' };
	struct flow f;
	unsigned count;

	(void)state;
	if (!lws_wire_find(0))
		return;
	open_both(&f);
	count = all_versions(&f, s, c);
	assert_int_equal(broadcast(&f, NULL, bytes, 3, LWS_WRITE_BINARY),
			 count - 1);
	assert_int_equal(broadcast(&f, NULL, bytes, 1, LWS_WRITE_BINARY),
			 count - 1);
	assert_int_equal(say(&f, "text"), count);
	FLOW_UNTIL(&f, all_have(c, count - 1, 8, 3) &&
		   c[count - 1]->got.len >= 4);
	assert_true(got(c[count - 1], "text"));
	assert_memory_equal(c[0]->got.p, "a\xff" "batext", 8);
	flow_end(&f);
}

static void
test_clients_of_the_context_get_it_masked(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	assert_int_equal(say(&f, "both"), 2);
	assert_int_equal(say(&f, " ways"), 2);
	assert_got(&f, s, "both ways");
	assert_got(&f, c, "both ways");
	flow_end(&f);
}

static void
test_nobody_else_gets_it(void **state)
{
	struct flow_conn *s, *c, *other;
	struct flow_raw *http;
	struct flow f;

	(void)state;
	open_both(&f);
	assert_int_equal(say(&f, "nobody is there"), 0);
	flow_pair(&f, &s, &c);
	other = flow_connect(&f, 1, "first");
	assert_non_null(other);
	http = flow_raw(&f, 0);
	FLOW_UNTIL(&f, other->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	assert_int_equal(say(&f, "hello"), 1);
	assert_got(&f, c, "hello");
	flow_idle(&f, 20);
	assert_int_equal(other->got.len, 0);
	assert_int_equal(http->in.len, 0);
	flow_end(&f);
}

static void
test_other_kinds_are_refused(void **state)
{
	static const int kinds[] = {
		LWS_WRITE_CONTINUATION, LWS_WRITE_HTTP, LWS_WRITE_CLOSE,
		LWS_WRITE_PING, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, 99,
	};
	struct flow_conn *s, *c;
	struct flow f;
	size_t n;

	(void)state;
	open_both(&f);
	flow_pair(&f, &s, &c);
	for (n = 0; n < COUNT(kinds); n++)
		assert_int_equal(broadcast(&f, NULL, "x", 1, kinds[n]), -1);
	assert_int_equal(broadcast(&f, NULL, "x", (size_t)INT32_MAX + 1,
				   LWS_WRITE_TEXT), -1);
	assert_int_equal(say(&f, "fine"), 1);
	assert_got(&f, c, "fine");
	flow_end(&f);
}

/* ---- order ---- */

static struct flow_conn *three[3];

static void
many_with_an_exception(struct flow_conn *c)
{
	struct flow *f = c->flow;

	assert_int_equal(say(f, "a"), 3);
	assert_int_equal(broadcast(f, three[0], "b", 1, LWS_WRITE_TEXT), 2);
	assert_int_equal(broadcast(f, three[0], "c", 1, LWS_WRITE_TEXT), 2);
	assert_int_equal(broadcast(f, three[1], "d", 1, LWS_WRITE_TEXT), 2);
	assert_int_equal(say(f, "e"), 3);
	assert_int_equal(broadcast(f, three[2], "f", 1, LWS_WRITE_TEXT), 2);
}

static void
test_one_may_be_left_out(void **state)
{
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	do_inside(&f, three[0], many_with_an_exception);
	assert_got(&f, c[0], "adef");
	assert_got(&f, c[1], "abcef");
	assert_got(&f, c[2], "abcde");
	many_with_an_exception(three[0]);
	assert_got(&f, c[0], "adefadef");
	assert_got(&f, c[1], "abcefabcef");
	assert_got(&f, c[2], "abcdeabcde");
	flow_end(&f);
}

static void
write_around(struct flow_conn *c)
{
	struct flow *f = c->flow;

	say(f, "1");
	flow_text(three[0], "A");
	say(f, "2");
	say(f, "3");
	flow_text(three[1], "B");
	flow_text(three[0], "C");
	broadcast(f, three[0], "4", 1, LWS_WRITE_TEXT);
	flow_write(three[0], "", 0, LWS_WRITE_PING);
	say(f, "5");
	flow_text(three[2], "D");
	say(f, "6");
}

static void
test_it_keeps_its_place_among_what_is_written(void **state)
{
	uint8_t *large = pattern(100000);
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	do_inside(&f, three[1], write_around);
	assert_got(&f, c[0], "1A23C56");
	assert_got(&f, c[1], "123B456");
	assert_got(&f, c[2], "12345D6");
	c[0]->got.len = 0;
	say(&f, "x");
	flow_write(three[0], large, 100000, LWS_WRITE_TEXT);
	say(&f, "y");
	FLOW_UNTIL(&f, c[0]->got.len == 100002);
	assert_int_equal(c[0]->got.p[0], 'x');
	assert_memory_equal(c[0]->got.p + 1, large, 100000);
	assert_int_equal(c[0]->got.p[100001], 'y');
	free(large);
	flow_end(&f);
}

static unsigned calls;
static const struct lws_transport_ops *counted;

static ssize_t
count_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	calls++;
	return counted->sendv(stream, v, n);
}

static void
say_hundred(struct flow_conn *c)
{
	unsigned n;

	for (n = 0; n < 100; n++)
		assert_int_equal(say(c->flow, "twenty characters..."), 3);
	assert_int_equal(lws_get_tx_queued(three[1]->wsi), 2200);
	assert_int_equal(lws_partial_buffered(three[1]->wsi), 0);
}

static void
test_what_a_turn_says_leaves_in_one_call_each(void **state)
{
	struct lws_transport_ops ops;
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	do_inside(&f, three[0], say_hundred);
	FLOW_UNTIL(&f, all_have(c, 3, 2000, 100));
	counted = three[0]->wsi->stream.ops;
	ops = *counted;
	ops.sendv = count_sendv;
	for (n = 0; n < 3; n++)
		three[n]->wsi->stream.ops = &ops;
	calls = 0;
	do_inside(&f, three[0], say_hundred);
	FLOW_UNTIL(&f, all_have(c, 3, 4000, 200));
	assert_int_equal(calls, 3);
	for (n = 0; n < 3; n++)
		three[n]->wsi->stream.ops = counted;
	flow_end(&f);
}

/* ---- amid fragments ---- */

#define FIRST (LWS_WRITE_TEXT | LWS_WRITE_NO_FIN)
#define NEXT  (LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN)
#define LAST  LWS_WRITE_CONTINUATION

static void
test_it_waits_for_the_end_of_a_message_in_fragments(void **state)
{
	struct flow_conn *s[COUNT(versions) + 1], *c[COUNT(versions) + 1];
	struct flow f;
	unsigned count, n;

	(void)state;
	open_both(&f);
	count = all_versions(&f, s, c);
	f.version = -1;
	flow_pair(&f, &s[count], &c[count]);
	count++;
	for (n = 0; n < count; n++)
		assert_int_equal(flow_write(s[n], "a", 1, FIRST), 1);
	assert_int_equal(say(&f, "1"), count);
	for (n = 0; n + 1 < count; n++)
		assert_int_equal(flow_write(s[n], "b", 1, NEXT), 1);
	assert_int_equal(say(&f, "2"), count);
	for (n = 0; n + 1 < count; n++)
		assert_int_equal(flow_write(s[n], "c", 1, LAST), 1);
	assert_int_equal(say(&f, "3"), count);
	for (n = 0; n + 1 < count; n++)
		assert_got(&f, c[n], "abc123");
	assert_int_equal(flow_write(s[count - 1], "d", 1, LAST), 1);
	assert_int_equal(say(&f, "4"), count);
	assert_got(&f, c[count - 1], "ad1234");
	assert_got(&f, c[0], "abc1234");
	assert_int_equal(c[0]->count[LWS_CALLBACK_CLIENT_RECEIVE], 7);
	flow_end(&f);
}

static void
test_what_waits_for_fragments_ends_with_the_connection(void **state)
{
	struct flow_conn *s[2], *c[2];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 2; n++) {
		flow_pair(&f, &s[n], &c[n]);
		flow_write(s[n], "a", 1, FIRST);
	}
	assert_int_equal(say(&f, "1"), 2);
	flow_write(s[0], "", 0, LWS_WRITE_CLOSE);
	FLOW_UNTIL(&f, flow_over(s[0]) && flow_over(c[0]));
	assert_true(got(c[0], "a"));
	flow_end(&f);
}

static void
test_what_waits_for_fragments_counts_towards_the_limit(void **state)
{
	uint8_t *data = pattern(LIMIT / 4);
	struct flow_conn *s[2], *c[2];
	struct flow f;
	unsigned n;

	(void)state;
	flow_begin(&f);
	f.side[0].info.tx_limit = LIMIT;
	flow_open(&f);
	flow_open_second(&f);
	flow_pair(&f, &s[0], &c[0]);
	flow_pair(&f, &s[1], &c[1]);
	flow_write(s[0], "a", 1, FIRST);
	for (n = 0; n < 5; n++)
		assert_int_equal(broadcast(&f, NULL, data, LIMIT / 4,
					   LWS_WRITE_TEXT), 2);
	assert_int_equal(broadcast(&f, NULL, data, LIMIT / 4, LWS_WRITE_TEXT),
			 1);
	FLOW_UNTIL(&f, flow_over(s[0]) && c[1]->got.len == 6 * (LIMIT / 4));
	assert_int_equal(s[0]->count[LWS_CALLBACK_CLOSED], 1);
	assert_false(flow_over(s[1]));
	free(data);
	flow_end(&f);
}

static void
test_it_waits_for_the_end_of_a_frame_written_piecemeal(void **state)
{
	const size_t len = 4 << 20;
	uint8_t *data = pattern(len);
	struct flow_conn *s, *c;
	size_t sent = 0;
	struct flow f;
	int n;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].no_buffer_all_partial_tx = 1;
	flow_open(&f);
	flow_open_second(&f);
	flow_pair(&f, &s, &c);
	n = flow_write(s, data, len, LWS_WRITE_BINARY);
	assert_true(n > 0 && (size_t)n < len);
	assert_int_equal(say(&f, "behind"), 1);
	for (sent = (size_t)n; sent < len; sent += (size_t)n) {
		FLOW_UNTIL(&f, !lws_send_pipe_choked(s->wsi));
		n = flow_write(s, data + sent, len - sent, LWS_WRITE_BINARY);
		assert_true(n >= 0);
	}
	assert_int_equal(say(&f, " it"), 1);
	FLOW_UNTIL(&f, c->got.len == len + 9);
	assert_memory_equal(c->got.p, data, len);
	assert_memory_equal(c->got.p + len, "behind it", 9);
	free(data);
	flow_end(&f);
}

/* ---- who does not read ---- */

/* Strangers with small buffers who read nothing. */
static void
deaf_ones(struct flow *f, struct flow_raw **r, struct flow_conn **s, unsigned n)
{
	unsigned k;

	for (k = 0; k < n; k++) {
		int bytes = 4096;

		r[k] = flow_raw_ws(f, 4096);
		r[k]->deaf = true;
		s[k] = flow_server(f, k);
		assert_int_equal(setsockopt(
			libwebsocket_get_socket_fd(s[k]->wsi), SOL_SOCKET,
			SO_SNDBUF, &bytes, sizeof(bytes)), 0);
	}
}

/* Say 1000 bytes numbered @n. */
static int
say_number(struct flow *f, unsigned n)
{
	char text[1001];

	memset(text, '.', 1000);
	snprintf(text, 16, "%06u", n);
	text[6] = ' ';
	return broadcast(f, NULL, text, 1000, LWS_WRITE_TEXT);
}

static void
test_those_who_do_not_read_share_what_waits(void **state)
{
	enum { PEERS = 8, MESSAGES = 2000 };
	struct flow_raw *r[PEERS];
	struct flow_conn *s[PEERS];
	struct flow f;
	size_t before, n;
	unsigned k;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	deaf_ones(&f, r, s, PEERS);
	before = flow_memory();
	for (k = 0; k < MESSAGES; k++)
		assert_int_equal(say_number(&f, k), PEERS);
	for (k = 0; k < PEERS; k++) {
		assert_int_equal(lws_partial_buffered(s[k]->wsi), 1);
		assert_true(lws_get_tx_queued(s[k]->wsi) > 1000 * 1000);
	}
	/* less than two of them would hold by themselves */
	assert_true(flow_memory() - before < 2 * MESSAGES * 1004);
	for (k = 0; k < PEERS; k++)
		r[k]->deaf = false;
	for (k = 0; k < PEERS; k++)
		FLOW_UNTIL(&f, r[k]->in.len >= MESSAGES * 1004);
	for (k = 0; k < PEERS; k++)
		for (n = 0; n < MESSAGES; n++) {
			const uint8_t *at = r[k]->in.p + n * 1004;
			char text[8];

			snprintf(text, sizeof(text), "%06u ", (unsigned)n);
			assert_memory_equal(at + 4, text, 7);
		}
	assert_int_equal(say_number(&f, 0), PEERS);
	assert_true(flow_memory() - before < 200 * 1024);
	flow_end(&f);
}

static void
test_who_has_too_much_waiting_is_ended_and_nobody_else(void **state)
{
	struct flow_raw *r[2];
	struct flow_conn *s[3], *c;
	unsigned n = 0;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.tx_limit = LIMIT;
	flow_open(&f);
	flow_open_second(&f);
	deaf_ones(&f, r, s, 2);
	flow_pair(&f, &s[2], &c);
	while (!s[0]->count[LWS_CALLBACK_CLOSED] ||
	       !s[1]->count[LWS_CALLBACK_CLOSED]) {
		assert_true(n < 10000);
		assert_true(say_number(&f, n++) >= 1);
		if (s[0]->wsi)
			assert_true(lws_get_tx_queued(s[0]->wsi) <=
				    LIMIT + 1004);
		FLOW_UNTIL(&f, c->got.len == n * 1000);
	}
	assert_int_equal(say_number(&f, n++), 1);
	FLOW_UNTIL(&f, c->got.len == n * 1000);
	assert_int_equal(s[2]->count[LWS_CALLBACK_CLOSED], 0);
	flow_end(&f);
}

static void
test_what_waits_goes_with_who_leaves(void **state)
{
	struct flow_raw *r[3];
	struct flow_conn *s[3];
	struct flow f;
	unsigned k;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	deaf_ones(&f, r, s, 3);
	for (k = 0; k < 1000; k++)
		say_number(&f, k);
	flow_raw_reset(r[0]);
	FLOW_UNTIL(&f, flow_over(s[0]));
	libwebsocket_close_and_free_session(f.side[0].context, s[1]->wsi,
					    LWS_CLOSE_STATUS_GOINGAWAY);
	assert_int_equal(say_number(&f, k), 1);
	r[1]->deaf = false;
	FLOW_UNTIL(&f, flow_over(s[1]) && r[1]->eof);
	assert_int_equal(r[1]->in.len, 1000 * 1004 + 4);
	flow_end(&f);
}

static void
test_the_muted_are_left_out(void **state)
{
	struct flow_conn *s[2], *c[2];
	struct flow f;

	(void)state;
	open_both(&f);
	flow_pair(&f, &s[0], &c[0]);
	flow_pair(&f, &s[1], &c[1]);
	assert_int_equal(say(&f, "a"), 2);
	lws_broadcast_mute(s[0]->wsi, 1);
	assert_int_equal(say(&f, "b"), 1);
	assert_int_equal(broadcast(&f, s[1], "c", 1, LWS_WRITE_TEXT), 0);
	assert_int_equal(broadcast(&f, s[0], "d", 1, LWS_WRITE_TEXT), 1);
	assert_int_equal(flow_text(s[0], "own"), 3);
	lws_broadcast_mute(s[0]->wsi, 0);
	assert_int_equal(say(&f, "e"), 2);
	assert_got(&f, c[0], "aowne");
	assert_got(&f, c[1], "abde");
	flow_end(&f);
}

static void
mute_amid(struct flow_conn *c)
{
	say(c->flow, "a");
	lws_broadcast_mute(three[1]->wsi, 1);
	say(c->flow, "b");
	say(c->flow, "c");
	lws_broadcast_mute(three[1]->wsi, 0);
	say(c->flow, "d");
}

static void
test_muting_counts_from_where_it_is_called(void **state)
{
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	do_inside(&f, three[0], mute_amid);
	assert_got(&f, c[0], "abcd");
	assert_got(&f, c[1], "ad");
	assert_got(&f, c[2], "abcd");
	flow_end(&f);
}

/* ---- what may wait ---- */

static int
say_later(struct flow *f, const char *text)
{
	return broadcast(f, NULL, text, strlen(text),
			 LWS_WRITE_TEXT | LWS_WRITE_MAY_WAIT);
}

/* As if the last round had taken very long. */
static struct lws_shares *
rest(struct flow *f)
{
	struct lws_shares *shares =
		lws_shares_need(f->side[0].context->loops);

	shares->rest_ms = flow_ms() + 1000000;
	return shares;
}

static void
hurry(struct lws_shares *shares)
{
	shares->rest_ms = 0;
	lws_alarm_set(shares->loop, &shares->alarm, 0);
}

static void
say_now_and_later(struct flow_conn *c)
{
	say_later(c->flow, "a");
	say_later(c->flow, "b");
}

static void
test_what_may_wait_leaves_at_once_when_nothing_was_sent_lately(void **state)
{
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	assert_int_equal(say_later(&f, "now"), 3);
	assert_got(&f, c[2], "now");
	do_inside(&f, three[0], say_now_and_later);
	for (n = 0; n < 3; n++)
		assert_got(&f, c[n], "nowab");
	flow_end(&f);
}

static void
test_what_may_wait_leaves_together_and_in_order(void **state)
{
	struct lws_shares *shares;
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	shares = rest(&f);
	do_inside(&f, three[0], say_now_and_later);
	assert_int_equal(say_later(&f, "c"), 3);
	flow_idle(&f, 20);
	for (n = 0; n < 3; n++)
		assert_int_equal(c[n]->got.len, 0);
	assert_int_equal(lws_get_tx_queued(three[2]->wsi), 9);
	/* one's own goes behind, and takes it along */
	flow_text(three[0], "own");
	assert_got(&f, c[0], "abcown");
	assert_int_equal(say_later(&f, "d"), 3);
	flow_idle(&f, 20);
	assert_int_equal(c[1]->got.len, 0);
	hurry(shares);
	assert_got(&f, c[0], "abcownd");
	assert_got(&f, c[1], "abcd");
	/* what may not wait takes all along */
	rest(&f);
	say_later(&f, "e");
	say(&f, "f");
	assert_got(&f, c[0], "abcowndef");
	assert_got(&f, c[2], "abcdef");
	flow_end(&f);
}

static void
test_who_leaves_while_it_waits_takes_it_along(void **state)
{
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	rest(&f);
	say_later(&f, "a");
	flow_write(three[0], "", 0, LWS_WRITE_CLOSE);
	libwebsockets_hangup_on_client(f.side[0].context, three[1]->fd);
	FLOW_UNTIL(&f, flow_over(c[0]) && flow_over(c[1]));
	assert_true(got(c[0], "a"));
	lws_broadcast_mute(three[2]->wsi, 1);
	assert_got(&f, c[2], "a");
	rest(&f);
	lws_broadcast_mute(three[2]->wsi, 0);
	say_later(&f, "never sent");
	flow_end(&f);
}

/* ---- ends ---- */

static void
close_amid(struct flow_conn *c)
{
	struct flow *f = c->flow;

	assert_int_equal(say(f, "1"), 3);
	flow_write(three[0], "", 0, LWS_WRITE_CLOSE);
	assert_int_equal(say(f, "2"), 2);
	libwebsockets_hangup_on_client(f->side[0].context, three[1]->fd);
	assert_int_equal(say(f, "3"), 1);
}

static void
test_who_begins_to_close_gets_no_more(void **state)
{
	struct flow_conn *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	for (n = 0; n < 3; n++)
		flow_pair(&f, &three[n], &c[n]);
	do_inside(&f, three[2], close_amid);
	FLOW_UNTIL(&f, flow_over(c[0]) && flow_over(c[1]));
	assert_true(got(c[0], "1"));
	assert_true(got(c[1], "12"));
	assert_got(&f, c[2], "123");
	flow_end(&f);
}

static int
farewell(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	 void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_CLOSED && !c->client)
		c->n = say(c->flow, "bye");
	if (reason == LWS_CALLBACK_ESTABLISHED)
		say(c->flow, "hi");
	return 0;
}

static void
test_comings_and_goings_can_be_told_to_all(void **state)
{
	struct flow_conn *s[3], *c[3];
	struct flow f;
	unsigned n;

	(void)state;
	open_both(&f);
	f.hook = farewell;
	for (n = 0; n < 3; n++)
		flow_pair(&f, &s[n], &c[n]);
	assert_got(&f, c[0], "hihihi");
	assert_got(&f, c[2], "hi");
	libwebsocket_close_and_free_session(f.side[1].context, c[1]->wsi,
					    LWS_CLOSE_STATUS_NORMAL);
	FLOW_UNTIL(&f, flow_over(s[1]));
	assert_int_equal(s[1]->n, 2);
	assert_got(&f, c[0], "hihihibye");
	assert_got(&f, c[2], "hibye");
	flow_end(&f);
}

/* ---- allocation ---- */

/*
 * Say some things while allocation @at fails; true when there was none of that
 * number.  Whoever is still there afterwards must work.
 */
static bool
stumbles(long at)
{
	struct flow_raw *r[1];
	struct flow_conn *s[4], *c[4];
	struct flow f;
	bool failed;
	unsigned n;

	flow_begin(&f);
	flow_open(&f);
	deaf_ones(&f, r, s, 1);
	for (n = 1; n < 4; n++)
		flow_pair(&f, &s[n], &c[n]);
	flow_write(s[3], "f", 1, FIRST);
	flow_fail_allocation(at);
	for (n = 0; n < 40; n++)
		say_number(&f, n);
	if (s[3]->wsi)
		flow_write(s[3], "", 0, LAST);
	failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	flow_idle(&f, 1);
	for (n = 1; n < 4; n++) {
		const size_t before = c[n]->got.len;

		if (!s[n]->wsi || !c[n]->wsi || flow_over(s[n]) ||
		    flow_over(c[n]))
			continue;
		if (say(&f, "?") <= 0)
			continue;
		FLOW_UNTIL(&f, flow_over(c[n]) || c[n]->got.len > before);
	}
	flow_end(&f);
	return failed;
}

static void
test_any_allocation_may_fail(void **state)
{
	long at = 0;

	(void)state;
	while (stumbles(at))
		assert_true(++at < 1000);
	assert_true(at > 5);
}

/* ---- many ---- */

#define MANY 1000

static unsigned opened;

static int
crowd(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	(void)context;
	(void)wsi;
	(void)user;
	(void)in;
	(void)len;
	if (reason == LWS_CALLBACK_ESTABLISHED)
		opened++;
	return 0;
}

static void
raise_limit(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int
join_crowd(int port)
{
	static const char ask[] =
		"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(send(fd, ask, sizeof(ask) - 1, 0), sizeof(ask) - 1);
	return fd;
}

/* Read until @len bytes have come behind the handshake; they are at the end. */
static void
expect(struct libwebsocket_context *context, int fd, char *data, size_t len)
{
	const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;
	size_t have = 0, size = 4096;
	const char *end;
	ssize_t n;

	for (;;) {
		end = have ? memmem(data, have, "\r\n\r\n", 4) : NULL;
		if (end && have - (size_t)(end + 4 - data) >= len)
			break;
		assert_true(flow_ms() < limit);
		n = recv(fd, data + have, size - have, MSG_DONTWAIT);
		if (n > 0)
			have += (size_t)n;
		else
			libwebsocket_service(context, 10);
	}
	assert_int_equal(have - (size_t)(end + 4 - data), len);
	memmove(data, end + 4, len);
}

static void
test_a_thousand_get_it(void **state)
{
	struct libwebsocket_protocols protocols[] = {
		{ .name = "crowd", .callback = crowd }, { .name = NULL },
	};
	struct lws_context_creation_info info;
	struct libwebsocket_context *context;
	static int fds[MANY];
	unsigned n;

	(void)state;
	raise_limit();
	memset(&info, 0, sizeof(info));
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.gid = info.uid = -1;
	context = libwebsocket_create_context(&info);
	assert_non_null(context);
	opened = 0;
	for (n = 0; n < MANY; n++) {
		const uint64_t limit = flow_ms() + FLOW_PATIENCE_MS;

		fds[n] = join_crowd(info.port);
		while (opened <= n) {
			assert_true(flow_ms() < limit);
			libwebsocket_service(context, 10);
		}
	}
	for (n = 0; n < 10; n++)
		assert_int_equal(lws_broadcast_message(
			protocols, NULL, (const unsigned char *)"0123456789",
			n + 1, LWS_WRITE_TEXT), MANY);
	for (n = 0; n < MANY; n++) {
		char data[4096];
		size_t at = 0, k;

		expect(context, fds[n], data, 75);
		for (k = 1; k <= 10; at += 2 + k++) {
			assert_int_equal((uint8_t)data[at], 0x81);
			assert_int_equal(data[at + 1], k);
			assert_memory_equal(data + at + 2, "0123456789", k);
		}
		close(fds[n]);
	}
	libwebsocket_context_destroy(context);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_connection_gets_every_size_in_every_version),
		cmocka_unit_test(
			test_version_76_is_left_out_where_it_cannot_carry_it),
		cmocka_unit_test(test_clients_of_the_context_get_it_masked),
		cmocka_unit_test(test_nobody_else_gets_it),
		cmocka_unit_test(test_other_kinds_are_refused),
		cmocka_unit_test(test_one_may_be_left_out),
		cmocka_unit_test(test_it_keeps_its_place_among_what_is_written),
		cmocka_unit_test(test_what_a_turn_says_leaves_in_one_call_each),
		cmocka_unit_test(
			test_it_waits_for_the_end_of_a_message_in_fragments),
		cmocka_unit_test(
			test_what_waits_for_fragments_ends_with_the_connection),
		cmocka_unit_test(
			test_what_waits_for_fragments_counts_towards_the_limit),
		cmocka_unit_test(
			test_it_waits_for_the_end_of_a_frame_written_piecemeal),
		cmocka_unit_test(test_those_who_do_not_read_share_what_waits),
		cmocka_unit_test(
			test_who_has_too_much_waiting_is_ended_and_nobody_else),
		cmocka_unit_test(test_what_waits_goes_with_who_leaves),
		cmocka_unit_test(test_the_muted_are_left_out),
		cmocka_unit_test(test_muting_counts_from_where_it_is_called),
		cmocka_unit_test(
			test_what_may_wait_leaves_at_once_when_nothing_was_sent_lately),
		cmocka_unit_test(
			test_what_may_wait_leaves_together_and_in_order),
		cmocka_unit_test(test_who_leaves_while_it_waits_takes_it_along),
		cmocka_unit_test(test_who_begins_to_close_gets_no_more),
		cmocka_unit_test(test_comings_and_goings_can_be_told_to_all),
		cmocka_unit_test(test_any_allocation_may_fail),
		cmocka_unit_test(test_a_thousand_get_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * flow/versions_test.c - every WebSocket version, the library on both sides or
 * a stranger on one.
 */
#include "flow/flow.h"

#include "base/limits.h"

/* newest first; a build speaks those from newest() on */
static const int versions[] = { 13, 8, 7, 6, 5, 4, 0, 76 };

static size_t
newest(void)
{
	size_t v = 0;

	while (versions[v] > SPEC_LATEST_SUPPORTED)
		v++;
	return v;
}

static bool
is_76(int version)
{
	return version == 0 || version == 76;
}

static void
open_pair(struct flow *f, int version, struct flow_conn **server,
	  struct flow_conn **client)
{
	f->version = version;
	flow_pair(f, server, client);
}

static uint8_t *
pattern(size_t len, bool text)
{
	uint8_t *p = malloc(len ? len : 1);
	size_t n;

	assert_non_null(p);
	for (n = 0; n < len; n++)
		p[n] = text ? (uint8_t)('a' + (n * 7 + (n >> 8)) % 26)
			    : (uint8_t)(n * 7 + (n >> 8));
	return p;
}

static unsigned
received(const struct flow_conn *c)
{
	return c->count[c->client ? LWS_CALLBACK_CLIENT_RECEIVE
				  : LWS_CALLBACK_RECEIVE];
}

/* ---- messages ---- */

/* what the last chunks of messages said, and how many there were */
static unsigned ends;
static int was_binary;

static int
count_ends(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	   void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_RECEIVE &&
	    reason != LWS_CALLBACK_CLIENT_RECEIVE)
		return 0;
	was_binary = lws_frame_is_binary(c->wsi);
	if (!libwebsockets_remaining_packet_payload(c->wsi) &&
	    libwebsocket_is_final_fragment(c->wsi))
		ends++;
	return 0;
}

static void
send_one(struct flow *f, struct flow_conn *from, struct flow_conn *to,
	 size_t len, bool text)
{
	uint8_t *payload = pattern(len, text);

	ends = 0;
	to->got.len = 0;
	assert_int_equal(flow_write(from, payload, len,
				    text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY),
			 (int)len);
	FLOW_UNTIL(f, ends == 1);
	assert_int_equal(to->got.len, len);
	if (len)
		assert_memory_equal(to->got.p, payload, len);
	assert_int_equal(was_binary, !text);
	free(payload);
}

static void
test_messages_of_every_length_come_through_both_ways(void **state)
{
	static const size_t lengths[] = {
		0, 1, 20, 125, 126, 127, 4095, 4096, 4097, 8192, 65535, 65536,
		300000,
	};
	struct flow_conn *s, *c;
	struct flow f;
	size_t v, n;
	int text;

	(void)state;
	flow_begin(&f);
	f.hook = count_ends;
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		for (n = 0; n < COUNT(lengths); n++)
			for (text = is_76(versions[v]); text < 2; text++) {
				send_one(&f, c, s, lengths[n], text);
				send_one(&f, s, c, lengths[n], text);
			}
	}
	flow_end(&f);
}

/* The loop that collects a message gets every byte once, however it comes. */
static void
send_fragments(struct flow *f, struct flow_conn *from, struct flow_conn *to,
	       int kind)
{
	static const size_t parts[] = { 3, 0, 130, 5000, 0, 1 };
	struct flow_bytes all = { NULL, 0, 0 };
	const bool pings = !is_76(f->version);
	size_t n, len;
	uint8_t *p;

	ends = 0;
	to->got.len = 0;
	for (n = 0; n < COUNT(parts); n++) {
		len = parts[n];
		p = pattern(len, true);
		flow_add(&all, p, len);
		assert_int_equal(
			flow_write(from, p, len,
				   (n ? LWS_WRITE_CONTINUATION : kind) |
				   (n + 1 < COUNT(parts) ? LWS_WRITE_NO_FIN
							 : 0)), (int)len);
		free(p);
		assert_int_equal(flow_write(from, "!", 1, LWS_WRITE_PING), 1);
		if (n % 2)
			flow_idle(f, 2);
		if (n + 1 < COUNT(parts))
			assert_int_equal(ends, 0);
	}
	FLOW_UNTIL(f, ends == 1);
	assert_int_equal(to->got.len, all.len);
	assert_memory_equal(to->got.p, all.p, all.len);
	if (pings && from->client)
		FLOW_UNTIL(f, from->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] %
			      COUNT(parts) == 0);
	flow_free(&all);
}

static void
test_fragments_among_pings_make_one_message(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	f.hook = count_ends;
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		send_fragments(&f, c, s, LWS_WRITE_TEXT);
		send_fragments(&f, s, c, LWS_WRITE_TEXT);
		if (is_76(versions[v]))
			continue;
		send_fragments(&f, c, s, LWS_WRITE_BINARY);
		send_fragments(&f, s, c, LWS_WRITE_BINARY);
	}
	flow_end(&f);
}

static void
test_whole_messages_come_once_and_are_bounded(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t v, n;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].max_message_size = 6000;
	f.hook = count_ends;
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		uint8_t *p = pattern(6001, true);

		open_pair(&f, versions[v], &s, &c);
		send_one(&f, c, s, 6000, true);
		send_one(&f, s, c, 0, true);
		n = received(s);
		send_fragments(&f, c, s, LWS_WRITE_TEXT);
		assert_int_equal(received(s), n + 1);
		assert_int_equal(flow_write(c, p, 6001, LWS_WRITE_TEXT), 6001);
		FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
		assert_int_equal(received(s), n + 1);
		free(p);
	}
	flow_end(&f);
}

static void
test_a_frame_is_written_piecemeal(void **state)
{
	const size_t len = 3000000;
	struct flow_conn *s, *c;
	uint8_t *p = pattern(len, true);
	struct flow f;
	size_t v, at;
	int n;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].no_buffer_all_partial_tx = 1;
	f.hook = count_ends;
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		ends = 0;
		for (at = 0; at < len; at += (size_t)n) {
			n = flow_write(c, p + at, len - at, LWS_WRITE_TEXT);
			assert_true(n >= 0);
			assert_true(!ends || at + (size_t)n == len);
			flow_turn(&f);
		}
		FLOW_UNTIL(&f, ends == 1);
		assert_int_equal(s->got.len, len);
		assert_memory_equal(s->got.p, p, len);
		send_one(&f, c, s, 0, true);
		s->got.len = 0;
	}
	flow_end(&f);
	free(p);
}

static void
test_clients_may_leave_the_mask_out(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	f.side[0].info.options |= LWS_SERVER_OPTION_DEFEAT_CLIENT_MASK;
	f.hook = count_ends;
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		send_one(&f, c, s, 20, true);
		send_one(&f, c, s, 70000, true);
		s->got.len = 0;
		assert_int_equal(flow_write(c, "naked", 5, LWS_WRITE_TEXT |
				LWS_WRITE_CLIENT_IGNORE_XOR_MASK), 5);
		FLOW_UNTIL(&f, s->got.len == 5);
		assert_memory_equal(s->got.p, "naked", 5);
	}
	flow_end(&f);
}

static void
test_a_zero_mask_is_understood(void **state)
{
	static const int plain[] = { 13, 8, 7, 6, 5 };
	struct flow_conn *s, *c;
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = 0; v < COUNT(plain); v++) {
		if (plain[v] > SPEC_LATEST_SUPPORTED)
			continue;
		open_pair(&f, plain[v], &s, &c);
		assert_int_equal(flow_write(c, "naked", 5, LWS_WRITE_TEXT |
				LWS_WRITE_CLIENT_IGNORE_XOR_MASK), 5);
		FLOW_UNTIL(&f, s->got.len == 5);
		assert_memory_equal(s->got.p, "naked", 5);
	}
	flow_end(&f);
}

/* ---- what a version lacks ---- */

static void
test_76_refuses_what_it_cannot_carry_and_goes_on(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.hook = count_ends;
	flow_open(&f);
	open_pair(&f, 76, &s, &c);
	ends = 0;
	assert_int_equal(flow_write(c, "x", 1, LWS_WRITE_BINARY), -1);
	assert_int_equal(flow_write(s, "x", 1, LWS_WRITE_BINARY), -1);
	assert_int_equal(flow_write(c, "a\xff", 2, LWS_WRITE_TEXT), -1);
	assert_int_equal(flow_write(c, "x", 1, LWS_WRITE_CONTINUATION), -1);
	assert_int_equal(flow_write(c, "ping", 4, LWS_WRITE_PING), 4);
	assert_int_equal(flow_write(s, "pong", 4, LWS_WRITE_PONG), 4);
	assert_int_equal(flow_write(c, "part", 4,
				    LWS_WRITE_TEXT | LWS_WRITE_NO_FIN), 4);
	assert_int_equal(flow_write(c, "\xff", 1, LWS_WRITE_CONTINUATION), -1);
	assert_int_equal(flow_write(c, "", 0, LWS_WRITE_CONTINUATION), 0);
	FLOW_UNTIL(&f, ends == 1);
	assert_memory_equal(s->got.p, "part", 4);
	send_one(&f, c, s, 10, true);
	send_one(&f, s, c, 10, true);
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG], 0);
	flow_end(&f);
}

static void
test_text_is_checked_from_version_8_on(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		flow_write(c, "\xc0\x80", 2, LWS_WRITE_TEXT);
		if (versions[v] == 13 || versions[v] == 8) {
			FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
			assert_int_equal(received(s), 0);
		} else {
			FLOW_UNTIL(&f, received(s));
			assert_memory_equal(s->got.p, "\xc0\x80", 2);
		}
	}
	flow_end(&f);
}

static void
test_a_ping_is_answered(void **state)
{
	struct flow_conn *s, *c;
	uint8_t *p = pattern(125, false);
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		if (is_76(versions[v]))
			continue;
		open_pair(&f, versions[v], &s, &c);
		assert_int_equal(flow_write(c, p, 125, LWS_WRITE_PING), 125);
		assert_int_equal(flow_write(c, p, 0, LWS_WRITE_PING), 0);
		assert_int_equal(flow_write(s, p, 9, LWS_WRITE_PING), 9);
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_RECEIVE_PONG] == 2);
	}
	flow_end(&f);
	free(p);
}

/* ---- the end ---- */

static void
end_it(struct flow *f, struct flow_conn *c, int how)
{
	if (how == 0)
		libwebsocket_close_and_free_session(f->side[0].context, c->wsi,
						    LWS_CLOSE_STATUS_NORMAL);
	else if (how == 1)
		assert_int_equal(flow_write(c, "\x0f\xa0" "bye", 5,
					    LWS_WRITE_CLOSE), 5);
	else
		assert_int_equal(flow_write(c, NULL, 0, LWS_WRITE_CLOSE), 0);
}

/*
 * An unanswered Close takes a second, which is fifty turns that wait; the answer
 * is there after a few, however long these take.
 */
static void
test_a_close_of_either_side_is_answered(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	long began;
	size_t v;
	int how;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++)
		for (how = 0; how < 6; how++) {
			open_pair(&f, versions[v], &s, &c);
			began = f.turns;
			end_it(&f, how % 2 ? s : c, how / 2);
			FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
			assert_true(f.turns - began < 25);
			assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
			assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
		}
	assert_int_equal(flow_errors(), 0);
	flow_end(&f);
}

/* A Close in the middle of a message loses the message, not the handshake. */
static void
test_a_close_amid_fragments_is_answered(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	size_t v;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		open_pair(&f, versions[v], &s, &c);
		assert_int_equal(flow_write(c, "half", 4, LWS_WRITE_TEXT |
					    LWS_WRITE_NO_FIN), 4);
		end_it(&f, c, 0);
		FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
		assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	}
	flow_end(&f);
}

/* ---- memory ---- */

static void
test_any_allocation_of_the_handshake_may_fail(void **state)
{
	struct flow_conn *c;
	struct flow f;
	bool failed;
	size_t v;
	long n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (v = newest(); v < COUNT(versions); v++) {
		f.version = versions[v];
		for (n = 0, failed = true; failed; n++) {
			flow_fail_allocation(n);
			c = flow_connect(&f, 0, "second");
			if (c)
				FLOW_UNTIL(&f, flow_over(c) ||
					   c->count
					   [LWS_CALLBACK_CLIENT_ESTABLISHED]);
			if (c && !flow_over(c)) {
				end_it(&f, c, 0);
				FLOW_UNTIL(&f, flow_over(c));
			}
			failed = flow_allocation_failed();
			flow_fail_allocation(-1);
		}
		assert_true(n > 3);
	}
	flow_end(&f);
}

/* ---- strangers: requests ---- */

static struct flow_raw *
ask(struct flow *f, const char *fields)
{
	struct flow_raw *r = flow_raw(f, 0);

	flow_raw_puts(f, r, "GET /chat?a=b HTTP/1.1\r\nHost: localhost\r\n"
		      "Upgrade: WebSocket\r\nConnection: Upgrade\r\n"
		      "Sec-WebSocket-Protocol: other second\r\n");
	flow_raw_puts(f, r, fields);
	return r;
}

/* What of "13, 8, 7, 6, 5, 4" this build speaks. */
static void
list_versions(char *out, size_t room)
{
	size_t v, n = 0;

	*out = 0;
	for (v = newest(); !is_76(versions[v]); v++)
		n += (size_t)snprintf(out + n, room - n, "%s%d", n ? ", " : "",
				      versions[v]);
}

static void
expect_426(struct flow *f, const char *version)
{
	char fields[128], list[32], want[64];
	struct flow_raw *r;

	snprintf(fields, sizeof(fields),
		 "Sec-WebSocket-Version: %s\r\nSec-WebSocket-Key: "
		 "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", version);
	list_versions(list, sizeof(list));
	snprintf(want, sizeof(want), "\r\nSec-WebSocket-Version: %s\r\n",
		 list);
	r = ask(f, fields);
	FLOW_UNTIL(f, r->eof);
	assert_true(flow_raw_has(r, "HTTP/1.1 426 "));
	assert_true(flow_raw_has(r, want));
}

static void
test_other_versions_get_426_and_the_list(void **state)
{
	static const char *const other[] = {
		"9", "10", "11", "12", "14", "76", "0", "00", "013", "08",
		"+13", "0x0d", "-13", "4294967309", "18446744073709551629", "",
		"13, 8", "13\r\nSec-WebSocket-Version: 13",
	};
	char number[8];
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(other); n++)
		expect_426(&f, other[n]);
	for (n = 0; n < newest(); n++) {
		snprintf(number, sizeof(number), "%d", versions[n]);
		expect_426(&f, number);
	}
	flow_end(&f);
}

#define KEY1 "Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5\r\n"
#define KEY2 "Sec-WebSocket-Key2: 12998 5 Y3 1  .P00\r\n"
#define FROM "Origin: http://e.org\r\n"
#define BODY "^n:ds[4U"

static const char answer_76[] =
	"HTTP/1.1 101 WebSocket Protocol Handshake\r\n"
	"Upgrade: WebSocket\r\n"
	"Connection: Upgrade\r\n"
	"Sec-WebSocket-Origin: http://e.org\r\n"
	"Sec-WebSocket-Location: ws://localhost/chat?a=b\r\n"
	"Sec-WebSocket-Protocol: second\r\n\r\n"
	"8jKS'y:G*Co,Wxa-";

/* Send @text in two parts, the second after a while if there is one. */
static void
send_cut(struct flow *f, struct flow_raw *r, const char *text, size_t len,
	 size_t cut)
{
	flow_raw_send(f, r, text, cut);
	flow_turn(f);
	flow_turn(f);
	flow_raw_send(f, r, text + cut, len - cut);
}

static void
test_the_body_of_76_may_be_cut_anywhere(void **state)
{
	static const char rest[] = FROM KEY1 KEY2 "\r\n" BODY "\0Hi\xff\xff";
	const size_t head = sizeof(FROM KEY1 KEY2 "\r\n") - 1;
	const size_t len = sizeof(rest);	/* and a 00 that ends it */
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t cut;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (cut = head - 4; cut <= len; cut++) {
		r = ask(&f, "");
		send_cut(&f, r, rest, len, cut);
		FLOW_UNTIL(&f, r->in.len >= sizeof(answer_76) - 1);
		assert_memory_equal(r->in.p, answer_76, sizeof(answer_76) - 1);
		FLOW_UNTIL(&f, r->eof);
		assert_int_equal(r->in.len, sizeof(answer_76) + 1);
		assert_memory_equal(r->in.p + r->in.len - 2, "\xff\0", 2);
		s = flow_server(&f, (unsigned)(cut - (head - 4)));
		assert_int_equal(s->got.len, 2);
		assert_memory_equal(s->got.p, "Hi", 2);
		flow_raw_close(r);
	}
	flow_end(&f);
}

static void
test_the_body_of_76_may_come_byte_by_byte(void **state)
{
	static const char rest[] = FROM KEY1 KEY2 "Sec-WebSocket-Version: 0\r\n"
				   "\r\n" BODY "\0Hi\xff";
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	r = ask(&f, "");
	for (n = 0; n < sizeof(rest) - 1; n++) {
		flow_raw_send(&f, r, rest + n, 1);
		flow_turn(&f);
	}
	FLOW_UNTIL(&f, received(flow_server(&f, 0)));
	FLOW_UNTIL(&f, r->in.len >= sizeof(answer_76) - 1);
	assert_memory_equal(r->in.p, answer_76, sizeof(answer_76) - 1);
	flow_end(&f);
}

static void
test_wrong_requests_of_76_are_refused_without_waiting(void **state)
{
	static const struct {
		const char *fields, *status;
	} rows[] = {
		{ KEY1 KEY2 "\r\n", "400" },		/* no origin */
		{ FROM KEY1 "\r\n", "426" },
		{ FROM KEY2 "\r\n", "426" },
		{ FROM KEY1 KEY1 KEY2 "\r\n", "400" },
		{ FROM KEY1 "Sec-WebSocket-Key2: 12345\r\n\r\n", "400" },
		{ FROM KEY1 "Sec-WebSocket-Key2: 1 2 3 4 5\r\n\r\n", "400" },
		{ FROM KEY1 "Sec-WebSocket-Key2: a b c\r\n\r\n", "400" },
		{ FROM KEY1 "Sec-WebSocket-Key2: 4294967296 x\r\n\r\n",
		  "400" },
		{ FROM KEY1 "Sec-WebSocket-Key2: 18446744073709551616 x\r\n"
		  "\r\n", "400" },
		{ FROM KEY1 KEY2 "Content-Length: 8\r\n\r\n", "400" },
		{ FROM KEY1 KEY2 "Sec-WebSocket-Version: 76\r\n\r\n", "426" },
	};
	char want[32];
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(rows); n++) {
		r = ask(&f, rows[n].fields);
		FLOW_UNTIL(&f, r->eof);
		snprintf(want, sizeof(want), "HTTP/1.1 %s ", rows[n].status);
		if (!flow_raw_has(r, want))
			fail_msg("row %zu", n);
	}
	flow_end(&f);
}

static void
test_a_body_that_does_not_come_is_given_up(void **state)
{
	struct flow_raw *r, *half;
	uint64_t began;
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	began = flow_ms();
	r = ask(&f, FROM KEY1 KEY2 "\r\n");
	half = ask(&f, FROM KEY1 KEY2 "\r\n" "^n:ds[4");
	FLOW_UNTIL(&f, r->eof && half->eof);
	assert_true(flow_raw_has(r, "HTTP/1.1 408 "));
	assert_true(flow_raw_has(half, "HTTP/1.1 408 "));
	assert_true(flow_ms() - began + 1100 >=
		    UINT64_C(1000) * AWAITING_TIMEOUT);
	flow_end(&f);
}

/* ---- strangers: frames of 76 ---- */

/* The server drops it without a Close, delivers nothing, allocates little. */
static void
check_dropped(struct flow *f, const void *bytes, size_t len)
{
	struct flow_raw *r = ask(f, FROM KEY1 KEY2 "\r\n" BODY);
	unsigned n = 0;
	size_t memory;

	FLOW_UNTIL(f, r->in.len == sizeof(answer_76) - 1);
	while (flow_server(f, n + 1))
		n++;
	memory = flow_memory();
	flow_raw_send(f, r, bytes, len);
	FLOW_UNTIL(f, r->eof || r->reset);
	assert_int_equal(r->in.len, sizeof(answer_76) - 1);
	assert_int_equal(received(flow_server(f, n)), 0);
	assert_true(flow_memory() <= memory + 1024);
	assert_true(flow_over(flow_server(f, n)));
}

static void
test_a_length_of_76_beyond_all_bounds_is_dropped(void **state)
{
	struct flow f;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	check_dropped(&f, "\x80\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
	check_dropped(&f, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 11);
	check_dropped(&f, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10);
	flow_end(&f);
}

static void
test_what_76_skips_may_lie_between_texts(void **state)
{
	static const char wire[] = "\x80\x03" "abc\x00" "one\xff\x01" "not\xff"
				   "\xff\x01x\x00" "two\xff";
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	f.hook = count_ends;
	flow_open(&f);
	r = ask(&f, FROM KEY1 KEY2 "\r\n" BODY);
	FLOW_UNTIL(&f, r->in.len == sizeof(answer_76) - 1);
	s = flow_server(&f, 0);
	ends = 0;
	flow_raw_send(&f, r, wire, sizeof(wire) - 1);
	FLOW_UNTIL(&f, ends == 2);
	for (n = 0; n < sizeof(wire) - 1; n++) {
		flow_raw_send(&f, r, wire + n, 1);
		flow_turn(&f);
	}
	FLOW_UNTIL(&f, ends == 4);
	assert_int_equal(s->got.len, 12);
	assert_memory_equal(s->got.p, "onetwoonetwo", 12);
	flow_end(&f);
}

/* A chunk is full before the end is seen: the end then comes by itself. */
static void
test_a_text_of_76_that_ends_in_another_read_ends_once(void **state)
{
	struct flow_conn *s;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].rx_buffer_size = 4;
	f.hook = count_ends;
	flow_open(&f);
	r = ask(&f, FROM KEY1 KEY2 "\r\n" BODY);
	FLOW_UNTIL(&f, r->in.len == sizeof(answer_76) - 1);
	s = flow_server(&f, 0);
	ends = 0;
	flow_raw_send(&f, r, "\x00" "full", 5);
	FLOW_UNTIL(&f, s->got.len == 4);
	assert_int_equal(ends, 0);
	flow_raw_send(&f, r, "\xff", 1);
	FLOW_UNTIL(&f, ends == 1);
	assert_int_equal(received(s), 2);

	flow_raw_send(&f, r, "\x00" "abc", 4);
	flow_idle(&f, 20);
	assert_int_equal(received(s), 2);
	flow_raw_send(&f, r, "\xff\x00\xff", 3);
	FLOW_UNTIL(&f, ends == 3);
	assert_int_equal(received(s), 4);
	assert_int_equal(s->got.len, 7);
	assert_memory_equal(s->got.p, "fullabc", 7);
	flow_end(&f);
}

/* ---- strangers: servers ---- */

/* Everything that 76 says back but the last byte of the challenge. */
static const char *
field_of(const struct flow_raw *r, const char *name, char *out, size_t room)
{
	const char *at = strstr((const char *)r->in.p, name);

	assert_non_null(at);
	at += strlen(name);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\r"), at);
	return out;
}

static struct flow_conn *
client_of(struct flow *f, struct flow_raw *l, int port, int version,
	  struct flow_raw **r)
{
	struct flow_conn *c;

	f->version = version;
	c = flow_connect_to(f, 0, port, "second", NULL);
	assert_non_null(c);
	*r = flow_raw_accept(f, l);
	FLOW_UNTIL(f, flow_raw_has(*r, "\r\n\r\n"));
	flow_add(&(*r)->in, "", 1);
	return c;
}

static void
test_a_wrong_answer_of_76_is_an_error(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.1 101 W\r\nUpgrade: WebSocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Origin: null\r\n"
		"Sec-WebSocket-Location: ws://localhost/\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n",
		"HTTP/1.1 101 W\r\nUpgrade: WebSocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Location: ws://localhost/\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n",
		"HTTP/1.1 101 W\r\nUpgrade: WebSocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Origin: null\r\n"
		"Sec-WebSocket-Location: ws://elsewhere/\r\n"
		"Sec-WebSocket-Protocol: second\r\n\r\n",
		"HTTP/1.1 101 W\r\nUpgrade: WebSocket\r\n"
		"Connection: Upgrade\r\nSec-WebSocket-Origin: null\r\n"
		"Sec-WebSocket-Location: ws://localhost/\r\n\r\n",
		"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n",
	};
	static const char *const whys[] = {
		"challenge", "Origin", "Location", "challenge", "400",
	};
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(heads); n++) {
		c = client_of(&f, l, port, 76, &r);
		flow_raw_puts(&f, r, heads[n]);
		flow_raw_puts(&f, r, "0123456789abcdef");
		FLOW_UNTIL(&f, flow_over(c));
		assert_int_equal(
			c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
		assert_int_equal(c->count[LWS_CALLBACK_CLIENT_ESTABLISHED], 0);
		if (!strstr(c->why, whys[n]))
			fail_msg("row %zu: %s", n, c->why);
	}
	flow_end(&f);
}

static void
test_the_body_of_an_answer_of_76_that_does_not_come_is_an_error(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	c = client_of(&f, l, port, 76, &r);
	flow_raw_puts(&f, r, "HTTP/1.1 101 W\r\nUpgrade: WebSocket\r\n"
		      "Connection: Upgrade\r\n\r\n0123456789");
	flow_idle(&f, 20);
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 0);
	flow_raw_close(r);
	FLOW_UNTIL(&f, flow_over(c));
	assert_int_equal(c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
	flow_end(&f);
}

/* The answer that version 13 takes is that of the others, but for 4. */
static void
test_version_4_insists_on_a_nonce(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port, v;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (v = 4; v <= 8 && v <= SPEC_LATEST_SUPPORTED; v++) {
		c = client_of(&f, l, port, v, &r);
		flow_raw_answer(&f, r);
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED] ||
			   flow_over(c));
		assert_int_equal(
			c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR],
			v == 4);
		assert_int_equal(c->count[LWS_CALLBACK_CLIENT_ESTABLISHED],
				 v != 4);
	}
	flow_end(&f);
}

static void
test_a_request_has_the_fields_of_its_version(void **state)
{
	struct flow_raw *l, *r;
	struct flow f;
	char text[64], want[8];
	size_t v;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (v = newest(); v < COUNT(versions); v++) {
		client_of(&f, l, port, versions[v], &r);
		if (is_76(versions[v])) {
			assert_false(flow_raw_has(r, "Sec-WebSocket-Version"));
			assert_true(flow_raw_has(r, "Upgrade: WebSocket\r\n"));
			assert_true(flow_raw_has(r, "Sec-WebSocket-Key1: "));
			continue;
		}
		snprintf(want, sizeof(want), "%d", versions[v]);
		assert_string_equal(field_of(r, "Sec-WebSocket-Version: ",
					     text, sizeof(text)), want);
		assert_true(flow_raw_has(r, "Upgrade: websocket\r\n"));
	}
	flow_end(&f);
}

static void
test_a_client_of_no_version_is_refused_at_once(void **state)
{
	static const int none[] = { 1, 2, 3, 9, 10, 11, 12, 14, 75, 77 };
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(none); n++) {
		f.version = none[n];
		assert_null(flow_connect(&f, 0, "second"));
	}
	for (n = 0; n < newest(); n++) {
		f.version = versions[n];
		assert_null(flow_connect(&f, 0, "second"));
	}
	flow_end(&f);
}

static void
test_what_76_cannot_say_is_not_queued(void **state)
{
	struct flow_conn *s, *c;
	lws_handle to;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.version = 76;
	flow_open(&f);
	flow_pair(&f, &s, &c);
	to = lws_get_handle(s->wsi);
	assert_int_equal(lws_queue_write(to, "x", 1, LWS_WRITE_BINARY), -1);
	assert_int_equal(lws_queue_write(to, "x", 1, LWS_WRITE_PING), -1);
	assert_int_equal(lws_queue_write(to, "a\377b", 3, LWS_WRITE_TEXT), -1);
	assert_int_equal(lws_queue_write(to, "text", 4, LWS_WRITE_TEXT), 0);
	FLOW_UNTIL(&f, c->got.len == 4);
	assert_memory_equal(c->got.p, "text", 4);
	assert_int_equal(lws_queue_write(to, "", 0, LWS_WRITE_CLOSE), 0);
	FLOW_UNTIL(&f, flow_over(s) && flow_over(c));
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_messages_of_every_length_come_through_both_ways),
		cmocka_unit_test(test_fragments_among_pings_make_one_message),
		cmocka_unit_test(
			test_whole_messages_come_once_and_are_bounded),
		cmocka_unit_test(test_a_frame_is_written_piecemeal),
		cmocka_unit_test(test_clients_may_leave_the_mask_out),
		cmocka_unit_test(test_a_zero_mask_is_understood),
		cmocka_unit_test(
			test_76_refuses_what_it_cannot_carry_and_goes_on),
		cmocka_unit_test(test_text_is_checked_from_version_8_on),
		cmocka_unit_test(test_a_ping_is_answered),
		cmocka_unit_test(test_a_close_of_either_side_is_answered),
		cmocka_unit_test(test_a_close_amid_fragments_is_answered),
		cmocka_unit_test(
			test_any_allocation_of_the_handshake_may_fail),
		cmocka_unit_test(test_other_versions_get_426_and_the_list),
		cmocka_unit_test(test_the_body_of_76_may_be_cut_anywhere),
		cmocka_unit_test(test_the_body_of_76_may_come_byte_by_byte),
		cmocka_unit_test(
			test_wrong_requests_of_76_are_refused_without_waiting),
		cmocka_unit_test(test_a_body_that_does_not_come_is_given_up),
		cmocka_unit_test(
			test_a_length_of_76_beyond_all_bounds_is_dropped),
		cmocka_unit_test(test_what_76_skips_may_lie_between_texts),
		cmocka_unit_test(
			test_a_text_of_76_that_ends_in_another_read_ends_once),
		cmocka_unit_test(test_a_wrong_answer_of_76_is_an_error),
		cmocka_unit_test(
			test_the_body_of_an_answer_of_76_that_does_not_come_is_an_error),
		cmocka_unit_test(test_version_4_insists_on_a_nonce),
		cmocka_unit_test(test_a_request_has_the_fields_of_its_version),
		cmocka_unit_test(
			test_a_client_of_no_version_is_refused_at_once),
		cmocka_unit_test(test_what_76_cannot_say_is_not_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

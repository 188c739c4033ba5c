/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of what strangers send that they should not: frames (RFC 6455 section
 * 5 and 7), and the answers that clients get.
 */
#include "flow/flow.h"
#include "base/limits.h"
#include "ws/wire.h"

static const struct bad {
	const char *what;
	const char *bytes;
	size_t len;
	int code;
	unsigned delivered;	/* RECEIVE before the fault */
} to_server[] = {
#define ROW(what, bytes, code, delivered) \
	{ what, bytes, sizeof(bytes) - 1, code, delivered }
#define M "\x80\0\0\0\0"	/* no payload, masked with zeros */
	ROW("F1 not masked", "\x81\x01x", 1002, 0),
	ROW("F1 behind a good one", "\x81\x81\0\0\0\0a\x81\x01x", 1002, 1),
	ROW("F3 RSV1", "\xc1" M, 1002, 0),
	ROW("F3 RSV2", "\xa1" M, 1002, 0),
	ROW("F3 RSV3", "\x91" M, 1002, 0),
	ROW("F3 RSV1 on a ping", "\xc9" M, 1002, 0),
	ROW("F4 opcode 3", "\x83" M, 1002, 0),
	ROW("F4 opcode 7", "\x87" M, 1002, 0),
	ROW("F4 opcode b", "\x8b" M, 1002, 0),
	ROW("F4 opcode f", "\x8f" M, 1002, 0),
	ROW("F4 does not wait for payload", "\x83\xfe\x7f\xff", 1002, 0),
	ROW("F5 ping without FIN", "\x09" M, 1002, 0),
	ROW("F5 close without FIN", "\x08" M, 1002, 0),
	ROW("F6 ping of 126", "\x89\xfe\x00\x7e\0\0\0\0", 1002, 0),
	ROW("F6 close of 127", "\x88\xff\0\0\0\0\0\1\0\0\0\0\0\0", 1002, 0),
	ROW("F7 top bit", "\x82\xff\x80\0\0\0\0\0\0\0\0\0\0\0", 1002, 0),
	ROW("F8 short in 16 bits", "\x82\xfe\0\x7d\0\0\0\0", 1002, 0),
	ROW("F8 short in 64 bits", "\x82\xff\0\0\0\0\0\0\xff\xff\0\0\0\0",
	    1002, 0),
	ROW("F9 nothing to continue", "\x80" M, 1002, 0),
	ROW("F9 after a whole message", "\x81" M "\x80" M, 1002, 1),
	ROW("F10 text in a message", "\x01" M "\x81" M, 1002, 1),
	ROW("F10 binary in a message", "\x01" M "\x02" M, 1002, 1),
	ROW("F11 not UTF-8", "\x81\x81\0\0\0\0\xff", 1007, 0),
	ROW("F11 cut short", "\x81\x82\0\0\0\0\xe2\x82", 1007, 0),
	ROW("F11 at once", "\x81\x85\0\0\0\0\xed\xa0", 1007, 0),
	ROW("F11 over fragments", "\x01\x81\0\0\0\0\xe2\x80\x81\0\0\0\0\x41",
	    1007, 1),
	ROW("F12 close of one byte", "\x88\x81\0\0\0\0\x03", 1002, 0),
	ROW("F13 code 999", "\x88\x82\0\0\0\0\x03\xe7", 1002, 0),
	ROW("F13 code 1004", "\x88\x82\0\0\0\0\x03\xec", 1002, 0),
	ROW("F13 code 1005", "\x88\x82\0\0\0\0\x03\xed", 1002, 0),
	ROW("F13 code 1006", "\x88\x82\0\0\0\0\x03\xee", 1002, 0),
	ROW("F13 code 1015", "\x88\x82\0\0\0\0\x03\xf7", 1002, 0),
	ROW("F13 code 2999", "\x88\x82\0\0\0\0\x0b\xb7", 1002, 0),
	ROW("F13 code 5000", "\x88\x82\0\0\0\0\x13\x88", 1002, 0),
	ROW("F14 reason not UTF-8", "\x88\x83\0\0\0\0\x03\xe8\xff", 1007, 0),
};

static const struct bad to_client[] = {
	ROW("F2 masked", "\x81\x81\0\0\0\0x", 1002, 0),
	ROW("F2 masked and empty", "\x81" M, 1002, 0),
	ROW("F3 RSV1", "\xc1\0", 1002, 0),
	ROW("F4 opcode 5", "\x85\0", 1002, 0),
	ROW("F5 pong without FIN", "\x0a\0", 1002, 0),
	ROW("F6 pong of 126", "\x8a\x7e\0\x7e", 1002, 0),
	ROW("F7 top bit", "\x82\x7f\xff\0\0\0\0\0\0\0", 1002, 0),
	ROW("F9 nothing to continue", "\0\0", 1002, 0),
	ROW("F10 text in a message", "\1\0\1\0", 1002, 1),
	ROW("F11 not UTF-8", "\x81\1\xc0", 1007, 0),
	ROW("F12 close of one byte", "\x88\1\3", 1002, 0),
	ROW("F13 code 1005", "\x88\2\x03\xed", 1002, 0),
};

/* The status of a masked Close frame at the end of what was read, or -1. */
static int
masked_close_code(const struct flow_raw *r)
{
	const uint8_t *p = r->in.p;

	if (r->in.len < 8 || p[0] != 0x88 || p[1] != 0x82)
		return -1;
	return (p[6] ^ p[2]) << 8 | (p[7] ^ p[3]);
}

static void
fault(struct flow *f, const struct bad *row, bool slowly)
{
	struct flow_raw *r = flow_raw_ws(f, 0);
	struct flow_conn *s;
	unsigned k = 0;
	size_t n;

	while (flow_server(f, k + 1))
		k++;
	s = flow_server(f, k);
	for (n = 0; slowly && n < row->len; n++) {
		flow_raw_send(f, r, row->bytes + n, 1);
		flow_turn(f);
	}
	if (!slowly)
		flow_raw_send(f, r, row->bytes, row->len);
	/* F24: nobody looks at what follows */
	flow_raw_send(f, r, "\x89\x81\0\0\0\0?\xff\xff\xff", 10);
	FLOW_UNTIL(f, flow_raw_close_code(r) >= 0 && flow_over(s));
	if (flow_raw_close_code(r) != row->code)
		fail_msg("%s: %d", row->what, flow_raw_close_code(r));
	if (s->count[LWS_CALLBACK_RECEIVE] != row->delivered)
		fail_msg("%s: %u delivered", row->what,
			 s->count[LWS_CALLBACK_RECEIVE]);
	assert_int_equal(s->count[LWS_CALLBACK_CLOSED], 1);
	FLOW_UNTIL(f, r->eof || r->reset);
	assert_int_equal(r->in.len, 4);
	flow_raw_forget(r);
}

static void
test_a_server_fails_each_fault_with_its_code(void **state)
{
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(to_server); n++)
		fault(&f, &to_server[n], false);
	flow_end(&f);
}

static void
test_byte_by_byte_it_is_the_same(void **state)
{
	struct flow f;
	size_t n;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(to_server); n++)
		fault(&f, &to_server[n], true);
	flow_end(&f);
}

static void
test_a_client_fails_each_fault_with_its_code(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(to_client); n++) {
		c = flow_connect_to(&f, 0, port, "second", NULL);
		r = flow_raw_accept(&f, l);
		flow_raw_answer(&f, r);
		flow_raw_send(&f, r, to_client[n].bytes, to_client[n].len);
		FLOW_UNTIL(&f, masked_close_code(r) >= 0 && flow_over(c));
		if (masked_close_code(r) != to_client[n].code)
			fail_msg("%s: %d", to_client[n].what,
				 masked_close_code(r));
		assert_int_equal(c->count[LWS_CALLBACK_CLIENT_RECEIVE],
				 to_client[n].delivered);
		flow_raw_forget(r);
	}
	flow_end(&f);
}

static void
test_a_length_of_nearly_everything_allocates_nothing_on_promise(void **state)
{
	struct flow_raw *r;
	struct flow f;
	size_t before;

	(void)state;
	flow_begin(&f);
	f.side[0].protocols[1].rx_buffer_size = 1 << 30;
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	before = flow_memory();
	/* the most that this machine can count */
	flow_raw_send(&f, r, "\x82\xff", 2);
	flow_raw_send(&f, r, sizeof(size_t) < 8
		      ? "\0\0\0\0\xff\xff\xff\xff"
		      : "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
	flow_raw_send(&f, r, "\0\0\0\0some", 8);
	flow_idle(&f, 20);
	assert_true(flow_memory() - before < 4096);
	assert_false(flow_over(flow_server(&f, 0)));
	flow_end(&f);
}

static void
test_unchecked_text_is_for_who_asks(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	flow_begin(&f);
	f.side[0].info.options = LWS_SERVER_OPTION_SKIP_UTF8_CHECK;
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "\xff\xc0", 2);
	FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 2);
	flow_end(&f);
}

/* ---- upgrade requests ---- */

#define REQUEST	"GET / HTTP/1.1\r\n"
#define HOST	"Host: h\r\n"
#define UP	"Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define KEY	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define V13	"Sec-WebSocket-Version: 13\r\n"

static const struct request {
	const char *text;
	const char *status;
} requests[] = {
	{ "POST / HTTP/1.1\r\n" HOST UP KEY V13, "405 " },
	{ "GET / HTTP/1.0\r\n" HOST UP KEY V13, "400 " },
	{ REQUEST UP KEY V13, "400 " },
	{ REQUEST HOST HOST UP KEY V13, "400 " },
	{ REQUEST HOST "Upgrade: websocket\r\n" KEY V13, "400 " },
	{ REQUEST HOST "Upgrade: websocket\r\nConnection: close\r\n" KEY V13,
	  "400 " },
	{ REQUEST HOST UP V13, "400 " },
	{ REQUEST HOST UP "Sec-WebSocket-Key:\r\n" V13, "400 " },
	{ REQUEST HOST UP KEY KEY V13, "400 " },
	{ REQUEST HOST UP "Sec-WebSocket-Key: abcd\r\n" V13, "400 " },
	{ REQUEST HOST UP KEY, "426 " },
	{ REQUEST HOST UP KEY "Sec-WebSocket-Version: 12\r\n", "426 " },
	{ REQUEST HOST UP KEY "Sec-WebSocket-Version: 013\r\n", "426 " },
	{ REQUEST HOST UP KEY "Sec-WebSocket-Version: 4294967309\r\n",
	  "426 " },
	{ REQUEST HOST UP KEY V13 V13, "426 " },
	{ REQUEST HOST UP KEY "Sec-WebSocket-Version: 13 \r\n", "101 " },
	{ REQUEST HOST UP KEY V13 "Sec-WebSocket-Protocol: third\r\n",
	  "400 " },
	{ REQUEST HOST UP KEY V13 "Sec-WebSocket-Protocol: x, second ,y\r\n",
	  "101 " },
	{ REQUEST HOST UP KEY V13 "Sec-WebSocket-Protocol: x\r\n"
	  "Sec-WebSocket-Protocol: first\r\n", "101 " },
	{ REQUEST HOST "upgrade: foo, WebSocket\r\n"
	  "CONNECTION: keep-alive, uPgrade\r\n" KEY V13, "101 " },
};

static void
test_upgrade_requests_get_the_status_they_deserve(void **state)
{
	char list[64];
	struct flow_raw *r;
	struct flow f;
	char want[32];
	size_t n;

	(void)state;
	snprintf(list, sizeof(list), "\r\nSec-WebSocket-Version: %s\r\n",
		 lws_wire_versions());
	flow_begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(requests); n++) {
		r = flow_raw(&f, 0);
		flow_raw_puts(&f, r, requests[n].text);
		flow_raw_puts(&f, r, "\r\n");
		FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		snprintf(want, sizeof(want), "HTTP/1.1 %s",
			 requests[n].status);
		if (strncmp((char *)r->in.p, want, strlen(want)) &&
		    strncmp((char *)r->in.p + 9, want + 9, 4))
			fail_msg("%s\n%s", requests[n].text, (char *)r->in.p);
		if (requests[n].status[0] == '1') {
			flow_raw_forget(r);
			continue;
		}
		FLOW_UNTIL(&f, r->eof);
		assert_true(flow_raw_has(r, "Connection: close\r\n"));
		assert_int_equal(flow_raw_has(r, list),
				 !strcmp(requests[n].status, "426 "));
		flow_raw_forget(r);
	}
	flow_end(&f);
}

/* ---- answers to a client ---- */

#define SWITCH	"HTTP/1.1 101 Switching Protocols\r\n"
#define ACCEPT	"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

static const struct answer {
	const char *text;
	const char *why;
} answers[] = {
	{ "what is this\r\n\r\n", "not HTTP" },
	{ "HTTP/1.1 200 OK\r\n\r\n", "200" },
	{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", "403" },
	{ SWITCH "Connection: Upgrade\r\n" ACCEPT "\r\n", "Upgrade" },
	{ SWITCH "Upgrade: websocket\r\n" ACCEPT "\r\n", "Upgrade" },
	{ SWITCH UP "\r\n", "Sec-WebSocket-Accept" },
	{ SWITCH UP ACCEPT "\r\n", "Accept" },
	{ SWITCH UP ACCEPT ACCEPT "\r\n", "Accept" },
};

static void
test_a_client_takes_no_answer_that_is_not_right(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(answers); n++) {
		c = flow_connect_to(&f, 0, port, "second", NULL);
		r = flow_raw_accept(&f, l);
		FLOW_UNTIL(&f, flow_raw_has(r, "\r\n\r\n"));
		flow_raw_puts(&f, r, answers[n].text);
		FLOW_UNTIL(&f, flow_over(c));
		if (!strstr(c->why, answers[n].why))
			fail_msg("%s\n%s", answers[n].text, c->why);
		assert_int_equal(c->count[
				LWS_CALLBACK_CLIENT_CONNECTION_ERROR], 1);
		flow_raw_forget(r);
	}
	flow_end(&f);
}

/* The right answer, with one line more. */
static void
answer_with(struct flow *f, struct flow_raw *l, int port, const char *protocol,
	    const char *lines, const char *why)
{
	struct flow_conn *c = flow_connect_to(f, 0, port, protocol, NULL);
	struct flow_raw *r = flow_raw_accept(f, l);
	char text[128], accept[64];
	unsigned char digest[20];
	const char *key;

	FLOW_UNTIL(f, flow_raw_has(r, "\r\n\r\n"));
	key = strstr((char *)r->in.p, "Sec-WebSocket-Key: ");
	snprintf(text, sizeof(text), "%.24s%s", key + 19,
		 "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
	libwebsockets_SHA1((unsigned char *)text, strlen(text), digest);
	lws_b64_encode_string((char *)digest, 20, accept, sizeof(accept));
	flow_raw_puts(f, r, SWITCH UP "Sec-WebSocket-Accept:   ");
	flow_raw_puts(f, r, accept);
	flow_raw_puts(f, r, "\r\n");
	flow_raw_puts(f, r, lines);
	flow_raw_puts(f, r, "\r\n");
	if (why) {
		FLOW_UNTIL(f, flow_over(c));
		assert_non_null(strstr(c->why, why));
	} else {
		FLOW_UNTIL(f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	}
	flow_raw_forget(r);
}

static void
test_a_client_takes_only_what_it_offered(void **state)
{
	static const char p[] = "Sec-WebSocket-Protocol: ";
	struct flow_raw *l;
	char line[256];
	struct flow f;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	answer_with(&f, l, port, NULL, "", NULL);
	answer_with(&f, l, port, "second", "", NULL);
	answer_with(&f, l, port, "x, second,y",
		    "Sec-WebSocket-Protocol: second\r\n", NULL);
	answer_with(&f, l, port, "x,second",
		    "Sec-WebSocket-Protocol: first\r\n", "subprotocol");
	answer_with(&f, l, port, NULL,
		    "Sec-WebSocket-Protocol: first\r\n", "subprotocol");
	answer_with(&f, l, port, "x",
		    "Sec-WebSocket-Protocol: x\r\n", "subprotocol");
	snprintf(line, sizeof(line), "%sfirst\r\n%sfirst\r\n", p, p);
	answer_with(&f, l, port, "first", line, "subprotocol");
	answer_with(&f, l, port, "first",
		    "Sec-WebSocket-Extensions: permessage-deflate\r\n",
		    "extension");
	flow_end(&f);
}

static void
test_an_endless_answer_ends(void **state)
{
	static char line[4000];
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	const size_t most = 2 * LWS_MAX_HEAD_LEN / sizeof(line) + 68;
	size_t n;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	c = flow_connect_to(&f, 0, port, "second", NULL);
	r = flow_raw_accept(&f, l);
	flow_raw_puts(&f, r, SWITCH);
	memset(line, 'x', sizeof(line) - 1);
	memcpy(line, "X: ", 3);
	memcpy(line + sizeof(line) - 3, "\r\n", 3);
	for (n = 0; n < most && !flow_over(c); n++) {
		flow_raw_puts(&f, r, line);
		flow_turn(&f);
	}
	assert_true(flow_over(c));
	assert_non_null(strstr(c->why, "too long"));
	flow_end(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_server_fails_each_fault_with_its_code),
		cmocka_unit_test(test_byte_by_byte_it_is_the_same),
		cmocka_unit_test(test_a_client_fails_each_fault_with_its_code),
		cmocka_unit_test(
			test_a_length_of_nearly_everything_allocates_nothing_on_promise),
		cmocka_unit_test(test_unchecked_text_is_for_who_asks),
		cmocka_unit_test(
			test_upgrade_requests_get_the_status_they_deserve),
		cmocka_unit_test(
			test_a_client_takes_no_answer_that_is_not_right),
		cmocka_unit_test(test_a_client_takes_only_what_it_offered),
		cmocka_unit_test(test_an_endless_answer_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

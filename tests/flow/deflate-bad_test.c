/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of what strangers do with compression that they should not: data that
 * does not inflate, or inflates to more than anybody has memory for, marks
 * where none belong, and answers and offers that do not fit.
 */
#include "flow/zip.h"

#include "base/limits.h"

#define FIELD "Sec-WebSocket-Extensions: "

#define KIB 1024
#define MIB (1024 * KIB)

/* bytes of a message where messages are taken whole */
#define MOST 1000

/* what inflating may cost beside a limit, as is promised */
#define BESIDE (256 * KIB)

/* ---- setting up ---- */

static void
begin(struct flow *f)
{
	flow_begin(f);
	f->hasty = true;
	f->side[0].info.extensions = libwebsocket_get_internal_extensions();
}

/* deflate-stream can be left out of a build. */
static bool
has_stream(void)
{
	const struct libwebsocket_extension *e;

	for (e = libwebsocket_get_internal_extensions(); e->callback; e++)
		if (!strcmp(e->name, "deflate-stream"))
			return true;
	return false;
}

/* A stranger at the server who has agreed on @offer. */
static struct flow_raw *
raw_agreed(struct flow *f, const char *offer)
{
	struct flow_raw *r = flow_raw(f, 0);
	char field[256];

	snprintf(field, sizeof(field), FIELD "%s\r\n", offer);
	flow_raw_ask(f, r, field);
	assert_true(flow_raw_has(r, "HTTP/1.1 101 "));
	assert_true(flow_raw_has(r, FIELD));
	r->in.len = 0;
	return r;
}

/* A stranger that a client has agreed on @answer with. */
static struct flow_raw *
raw_serving(struct flow *f, struct flow_raw *listener, int port,
	    const char *answer, struct flow_conn **c)
{
	struct flow_raw *r;
	char field[256];

	*c = flow_connect_to(f, 0, port, "second", NULL);
	assert_non_null(*c);
	r = flow_raw_accept(f, listener);
	snprintf(field, sizeof(field), FIELD "%s\r\n", answer);
	flow_raw_answer_with(f, r, *answer ? field : "");
	return r;
}

/* The latest server connection. */
static struct flow_conn *
latest(const struct flow *f)
{
	unsigned n = 0;

	while (flow_server(f, n + 1))
		n++;
	return flow_server(f, n);
}

/* One frame as servers send it. */
static void
bare_frame(struct flow *f, struct flow_raw *r, int first, const void *data,
	   size_t len)
{
	uint8_t head[10] = { (uint8_t)first };
	size_t n = 2, bytes = len < 126 ? 0 : len < 65536 ? 2 : 8;

	head[1] = (uint8_t)(!bytes ? len : bytes == 2 ? 126 : 127);
	while (bytes--)
		head[n++] = (uint8_t)((uint64_t)len >> 8 * bytes);
	flow_raw_send(f, r, head, n);
	flow_raw_send(f, r, data, len);
}

static void
frame(struct flow *f, struct flow_raw *r, bool server, int first,
      const struct flow_bytes *data)
{
	if (server)
		bare_frame(f, r, first, data->p, data->len);
	else
		flow_raw_frame(f, r, first, data->p, data->len);
}

/* The status of the masked Close frame that was read first, or -1. */
static int
masked_close_code(const struct flow_raw *r)
{
	const uint8_t *p = r->in.p;

	if (r->in.len < 8 || p[0] != 0x88 || (p[1] & 0x7f) < 2)
		return -1;
	return (p[6] ^ p[2]) << 8 | (p[7] ^ p[3]);
}

static int
close_code(const struct flow_raw *r, bool server)
{
	return server ? masked_close_code(r) : flow_raw_close_code(r);
}

/* ---- faults in frames ---- */

static const char permessage[] = "permessage-deflate";
static const char per_frame[] = "deflate-frame";

/* head and payload of frames, not masked; lengths are below 126 */
static const struct fault {
	const char *what;
	const char *extension;
	const char *bytes;
	size_t len;
	int code;
	unsigned delivered;
} faults[] = {
#define ROW(what, extension, bytes, code, delivered) \
	{ what, extension, bytes, sizeof(bytes) - 1, code, delivered }
	ROW("F3 RSV2", permessage, "\xa1\0", 1002, 0),
	ROW("F3 RSV3", permessage, "\x91\0", 1002, 0),
	ROW("F3 RSV1 and RSV2", permessage, "\xe1\0", 1002, 0),
	ROW("F18 ping", permessage, "\xc9\0", 1002, 0),
	ROW("F18 ping that inflates", permessage,
	    "\xc9\7\xf2\x48\xcd\xc9\xc9\7\0", 1002, 0),
	ROW("F18 pong", permessage, "\xca\0", 1002, 0),
	ROW("F18 close", permessage, "\xc8\0", 1002, 0),
	ROW("F18 continuation", permessage,
	    "\x41\3\xf2\x48\xcd\xc0\4\xc9\xc9\7\0", 1002, 1),
	ROW("F18 continuation of a plain one", permessage,
	    "\1\1a\xc0\7\xf2\x48\xcd\xc9\xc9\7\0", 1002, 1),
	ROW("F10 another message", permessage,
	    "\x41\3\xf2\x48\xcd\xc1\7\xf2\x48\xcd\xc9\xc9\7\0", 1002, 1),
	ROW("F17 reserved block type", permessage, "\xc2\1\6", 1007, 0),
	ROW("F17 length of a stored block", permessage,
	    "\xc2\x0b\0\5\0\0\0Hello\0", 1007, 0),
	ROW("F17 cut short", permessage, "\xc2\3\xf2\x48\xcd", 1007, 0),
	ROW("F17 stored block cut short", permessage, "\xc2\7\0\5\0\xfa\xff"
	    "He", 1007, 0),
	ROW("F17 distance into nothing", permessage, "\xc2\5\xf2\0\x11\0\0",
	    1007, 0),
	ROW("F17 behind a good one", permessage,
	    "\xc1\7\xf2\x48\xcd\xc9\xc9\7\0\xc2\1\6", 1007, 1),
	ROW("F17 in the second fragment", permessage,
	    "\x42\3\xf2\x48\xcd\x80\1\6", 1007, 1),
	ROW("F11 inflates to what is not UTF-8", permessage,
	    "\xc1\x08\0\2\0\xfd\xff\xc3\x28\0", 1007, 0),
	ROW("F11 inflates to half a character", permessage,
	    "\xc1\7\0\1\0\xfe\xff\xc3\0", 1007, 0),
	ROW("F3 RSV2", per_frame, "\xa1\0", 1002, 0),
	ROW("F18 ping", per_frame, "\xc9\0", 1002, 0),
	ROW("F18 close", per_frame, "\xc8\7\xf2\x48\xcd\xc9\xc9\7\0", 1002,
	    0),
	ROW("F17 reserved block type", per_frame, "\xc2\1\6", 1007, 0),
	ROW("F17 in a continuation", per_frame,
	    "\x41\5\xf2\x48\xcd\1\0\xc0\1\6", 1007, 1),
	ROW("F17 cut short in a fragment", per_frame, "\x42\3\xf2\x48\xcd",
	    1007, 0),
	ROW("F11 over fragments", per_frame,
	    "\x41\7\0\1\0\xfe\xff\xc3\0\x80\1a", 1007, 1),
};

/* The same frames as a client sends them, the mask being all zero. */
static size_t
mask(uint8_t *out, const struct fault *row)
{
	const uint8_t *p = (const uint8_t *)row->bytes, *end = p + row->len;
	size_t n = 0;

	while (end - p >= 2) {
		const size_t len = p[1];

		out[n++] = p[0];
		out[n++] = (uint8_t)(0x80 | len);
		memset(out + n, 0, 4);
		n += 4;
		memcpy(out + n, p + 2, len);
		n += len;
		p += 2 + len;
	}
	assert_ptr_equal(p, end);
	return n;
}

static void
send_slowly(struct flow *f, struct flow_raw *r, const uint8_t *p, size_t len,
	    bool slowly)
{
	size_t n;

	for (n = 0; slowly && n < len; n++) {
		flow_raw_send(f, r, p + n, 1);
		flow_turn(f);
	}
	if (!slowly)
		flow_raw_send(f, r, p, len);
}

static void
check_fault(struct flow *f, const struct fault *row, struct flow_raw *r,
	    struct flow_conn *c)
{
	unsigned got;

	FLOW_UNTIL(f, close_code(r, c->client) >= 0 && flow_over(c));
	got = c->count[c->client ? LWS_CALLBACK_CLIENT_RECEIVE
				 : LWS_CALLBACK_RECEIVE];
	if (close_code(r, c->client) != row->code)
		fail_msg("%s: %d", row->what, close_code(r, c->client));
	if (got != row->delivered)
		fail_msg("%s: %u delivered", row->what, got);
	assert_int_equal(c->count[LWS_CALLBACK_CLOSED], 1);
	flow_raw_forget(r);
}

static void
test_a_server_fails_each_fault_with_its_code(void **state)
{
	uint8_t bytes[128];
	struct flow_raw *r;
	struct flow f;
	size_t n, len;
	int slowly;

	(void)state;
	begin(&f);
	flow_open(&f);
	for (slowly = 0; slowly < 2; slowly++)
		for (n = 0; n < COUNT(faults); n++) {
			r = raw_agreed(&f, faults[n].extension);
			len = mask(bytes, &faults[n]);
			send_slowly(&f, r, bytes, len, slowly);
			check_fault(&f, &faults[n], r, latest(&f));
		}
	flow_end(&f);
}

static void
test_a_client_fails_each_fault_with_its_code(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port, slowly;
	size_t n;

	(void)state;
	begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (slowly = 0; slowly < 2; slowly++)
		for (n = 0; n < COUNT(faults); n++) {
			r = raw_serving(&f, l, port, faults[n].extension, &c);
			send_slowly(&f, r, (const uint8_t *)faults[n].bytes,
				    faults[n].len, slowly);
			check_fault(&f, &faults[n], r, c);
		}
	flow_end(&f);
}

static void
test_rsv1_without_an_extension_is_a_fault(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0xc1, "\xf2\x48\xcd\xc9\xc9\7\0", 7);
	FLOW_UNTIL(&f, flow_raw_close_code(r) == 1002);
	r = raw_serving(&f, l, port, "", &c);
	bare_frame(&f, r, 0xc1, "\xf2\x48\xcd\xc9\xc9\7\0", 7);
	FLOW_UNTIL(&f, masked_close_code(r) == 1002);
	flow_end(&f);
}

/* Whatever is inflated is looked at as if it had been sent like that. */
static void
test_a_stream_that_breaks_ends_the_connection(void **state)
{
	static const uint8_t ping[] = { 0xc9, 0x80, 0, 0, 0, 0 };
	struct flow_bytes got = { NULL, 0, 0 };
	struct flow_zip z;
	struct flow_raw *r;
	struct flow f;

	(void)state;
	if (!has_stream())
		skip();
	begin(&f);
	flow_open(&f);
	r = raw_agreed(&f, "deflate-stream");
	flow_raw_send(&f, r, "\6\xff\xff\xff", 4);
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_true(flow_over(latest(&f)));

	flow_zip_begin(&z, 15, 15);
	r = raw_agreed(&f, "deflate-stream");
	flow_deflate_bytes(&z, ping, sizeof(ping), &got);
	flow_raw_send(&f, r, got.p, got.len);
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_true(flow_over(latest(&f)));
	flow_zip_end(&z);
	/* the Close is compressed, too */
	flow_zip_begin(&z, 15, 15);
	got.len = 0;
	assert_true(r->in.len > 4);
	assert_true(flow_inflate(&z, r->in.p, r->in.len - 4, &got));
	assert_int_equal(got.len, 4);
	assert_memory_equal(got.p, "\x88\x02\x03\xea", 4);
	flow_zip_end(&z);
	flow_free(&got);
	flow_end(&f);
}

/* ---- limits ---- */

static unsigned messages;

static int
count_messages(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	       void *in, size_t len)
{
	(void)in;
	if (reason != LWS_CALLBACK_RECEIVE &&
	    reason != LWS_CALLBACK_CLIENT_RECEIVE)
		return 0;
	assert_true(libwebsocket_is_final_fragment(c->wsi));
	assert_int_equal(libwebsockets_remaining_packet_payload(c->wsi), 0);
	assert_true(len <= MOST);
	messages++;
	return 0;
}

static void
squeeze(const void *data, size_t len, struct flow_bytes *to)
{
	struct flow_zip z;

	flow_zip_begin(&z, 15, 15);
	to->len = 0;
	flow_deflate(&z, data, len, to);
	flow_zip_end(&z);
}

/* Someone on the other side of @server, or of a client. */
static struct flow_raw *
other_side(struct flow *f, bool server, const char *extension,
	   struct flow_raw *listener, int port, struct flow_conn **c)
{
	struct flow_raw *r;

	if (!server)
		return raw_serving(f, listener, port, extension, c);
	r = raw_agreed(f, extension);
	*c = latest(f);
	return r;
}

static void
test_a_message_of_the_limit_is_taken_and_no_byte_more(void **state)
{
	static const char *const extensions[] = { permessage, per_frame };
	struct flow_bytes z = { NULL, 0, 0 };
	uint8_t text[MOST + 1];
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port, server;
	size_t n;

	(void)state;
	memset(text, 'a', sizeof(text));
	begin(&f);
	f.hook = count_messages;
	f.side[0].protocols[1].max_message_size = MOST;
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < 4; n++) {
		server = n & 1;
		messages = 0;
		r = other_side(&f, server, extensions[n / 2], l, port, &c);
		squeeze(text, MOST, &z);
		frame(&f, r, !server, 0xc1, &z);
		FLOW_UNTIL(&f, messages == 1);
		squeeze(text, MOST + 1, &z);
		frame(&f, r, !server, 0xc1, &z);
		FLOW_UNTIL(&f, close_code(r, !server) == 1009);
		FLOW_UNTIL(&f, flow_over(c));
		assert_int_equal(messages, 1);
		assert_int_equal(c->got.len, MOST);
	}
	flow_free(&z);
	flow_end(&f);
}

static void
test_fragments_count_together(void **state)
{
	struct flow_bytes z = { NULL, 0, 0 };
	uint8_t text[MOST + 1];
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	memset(text, 'a', sizeof(text));
	begin(&f);
	f.hook = count_messages;
	f.side[0].protocols[1].max_message_size = MOST;
	flow_open(&f);
	for (n = MOST; n <= MOST + 1; n++) {
		messages = 0;
		squeeze(text, n, &z);
		r = raw_agreed(&f, permessage);
		flow_raw_frame(&f, r, 0x41, z.p, 2);
		flow_raw_frame(&f, r, 0x00, z.p + 2, z.len - 2);
		flow_raw_frame(&f, r, 0x89, "ping", 4);
		flow_raw_frame(&f, r, 0x80, "", 0);
		if (n == MOST)
			FLOW_UNTIL(&f, messages == 1);
		else
			FLOW_UNTIL(&f, flow_raw_close_code(r) == 1009);
	}
	assert_int_equal(messages, 0);
	flow_free(&z);
	flow_end(&f);
}

/* ---- bombs ---- */

static unsigned
bomb_mib(void)
{
	return flow_is_slow() ? 64 : 1024;
}

/* bytes delivered of the bomb, and where the application has enough */
static size_t delivered, enough;

static int
count_bytes(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	    void *in, size_t len)
{
	(void)c;
	(void)in;
	if (reason != LWS_CALLBACK_RECEIVE &&
	    reason != LWS_CALLBACK_CLIENT_RECEIVE)
		return 0;
	delivered += len;
	return enough && delivered >= enough ? -1 : 0;
}

/* As one message; it is given to the system as far as anyone reads. */
static void
make_bomb(struct flow_bytes *bomb, bool server)
{
	struct flow_bytes z = { NULL, 0, 0 };
	uint8_t head[14] = { 0xc2, (uint8_t)(server ? 127 : 0xff) };
	size_t n;

	flow_bomb(&z, bomb_mib());
	z.len -= 4;
	for (n = 0; n < 8; n++)
		head[2 + n] = (uint8_t)((uint64_t)z.len >> 8 * (7 - n));
	/* whoever masks does it with zeros */
	flow_add(bomb, head, server ? 10 : 14);
	flow_add(bomb, z.p, z.len);
	flow_free(&z);
}

/* Send what fits; true when that was all. */
static bool
send_some(struct flow_raw *r, const struct flow_bytes *b, size_t *at)
{
	ssize_t n = send(r->fd, b->p + *at, b->len - *at,
			 MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0)
		*at += (size_t)n;
	return *at == b->len;
}

/* Throw it at one who fails it; the most memory that cost. */
static size_t
defuse(struct flow *f, struct flow_raw *r, bool server, int code)
{
	struct flow_bytes bomb = { NULL, 0, 0 };
	size_t before = flow_memory(), at = 0;

	make_bomb(&bomb, server);
	flow_memory_peak();
	FLOW_UNTIL(f, (send_some(r, &bomb, &at),
		       close_code(r, server) == code));
	flow_free(&bomb);
	return flow_memory_peak() - before;
}

static void
test_a_bomb_ends_at_the_limit_of_a_message(void **state)
{
	const size_t limit = 100 * KIB;
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port, server;

	(void)state;
	enough = 0;
	begin(&f);
	f.quiet = true;
	f.hook = count_bytes;
	f.side[0].protocols[1].max_message_size = limit;
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (server = 0; server < 2; server++) {
		delivered = 0;
		r = other_side(&f, server, permessage, l, port, &c);
		assert_true(defuse(&f, r, !server, 1009) < limit + BESIDE);
		FLOW_UNTIL(&f, flow_over(c));
		assert_int_equal(delivered, 0);
	}
	flow_end(&f);
}

static void
test_a_bomb_in_one_frame_ends_at_the_limit_of_frames(void **state)
{
	struct flow_raw *l, *r;
	struct flow_conn *c;
	struct flow f;
	int port, server;

	(void)state;
	enough = 0;
	begin(&f);
	f.quiet = true;
	f.hook = count_bytes;
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (server = 0; server < 2; server++) {
		delivered = 0;
		r = other_side(&f, server, per_frame, l, port, &c);
		assert_true(defuse(&f, r, !server, 1009) <
			    LWS_MAX_ZLIB_CONN_BUFFER + BESIDE);
		FLOW_UNTIL(&f, flow_over(c));
		assert_true(delivered <= LWS_MAX_ZLIB_CONN_BUFFER);
	}
	flow_end(&f);
}

/* Frames of the limit are taken. */
static void
test_a_frame_of_the_limit_is_inflated_and_no_byte_more(void **state)
{
	static uint8_t zeros[LWS_MAX_ZLIB_CONN_BUFFER + 1];
	struct flow_bytes z = { NULL, 0, 0 };
	struct flow_raw *r;
	struct flow f;

	(void)state;
	enough = delivered = 0;
	begin(&f);
	f.hook = count_bytes;
	flow_open(&f);
	r = raw_agreed(&f, per_frame);
	squeeze(zeros, sizeof(zeros) - 1, &z);
	flow_raw_frame(&f, r, 0x42, z.p, z.len);
	flow_raw_frame(&f, r, 0xc0, z.p, z.len);
	FLOW_UNTIL(&f, delivered == 2 * (sizeof(zeros) - 1));
	squeeze(zeros, sizeof(zeros), &z);
	flow_raw_frame(&f, r, 0xc2, z.p, z.len);
	FLOW_UNTIL(&f, flow_raw_close_code(r) == 1009);
	flow_free(&z);
	flow_end(&f);
}

/*
 * Who takes chunks gets them, in turns that others have theirs between.  In one
 * turn there may be the rest of a share and, when input ends there, the next.
 */
static void
stream_bomb(const char *extension, const struct flow_bytes *bomb)
{
	const size_t fair = 2 * 256 * KIB + 32 * KIB;
	struct flow_raw *r, *other;
	struct flow_conn *s;
	struct flow f;
	size_t at = 0, before, last = 0;
	unsigned pings = 0;

	delivered = 0;
	enough = (size_t)(flow_is_slow() ? 8 : 64) * MIB;
	begin(&f);
	f.quiet = true;
	f.hook = count_bytes;
	flow_open(&f);
	r = raw_agreed(&f, extension);
	s = latest(&f);
	other = raw_agreed(&f, permessage);
	before = flow_memory();
	flow_memory_peak();
	while (!flow_over(s)) {
		send_some(r, bomb, &at);
		flow_raw_frame(&f, other, 0x89, "x", 1);
		flow_turn(&f);
		assert_true(delivered - last <= fair);
		last = delivered;
		pings++;
		/* the Close of a stream is deflated, which is not the bomb's */
		if (delivered < enough)
			assert_true(flow_memory_peak() - before < BESIDE);
	}
	FLOW_UNTIL(&f, flow_raw_times(other, "\x8a\1x") == pings);
	assert_true(pings > enough / fair);
	assert_in_range(delivered, enough, enough + 4096);
	assert_false(flow_over(latest(&f)));
	flow_end(&f);
}

static void
test_a_bomb_is_streamed_while_others_have_their_turns(void **state)
{
	struct flow_bytes bomb = { NULL, 0, 0 };

	(void)state;
	make_bomb(&bomb, false);
	stream_bomb(permessage, &bomb);
	flow_free(&bomb);
}

/* The same of a frame that is as large as the bomb, in a stream. */
static void
test_a_bomb_of_bytes_is_streamed_as_well(void **state)
{
	struct flow_bytes bomb = { NULL, 0, 0 };
	const uint64_t len = (uint64_t)bomb_mib() * MIB;
	uint8_t head[14] = { 0x82, 0xff };
	struct flow_zip z;
	size_t n;

	(void)state;
	if (!has_stream())
		skip();
	for (n = 0; n < 8; n++)
		head[2 + n] = (uint8_t)(len >> 8 * (7 - n));
	flow_zip_begin(&z, 15, 15);
	flow_deflate_bytes(&z, head, sizeof(head), &bomb);
	flow_bomb(&bomb, bomb_mib());
	stream_bomb("deflate-stream", &bomb);
	flow_zip_end(&z);
	flow_free(&bomb);
}

/* A pong comes in the turn after the next at most, whatever is inflated. */
static void
test_a_ping_is_answered_while_a_bomb_is_inflated(void **state)
{
	struct flow_bytes bomb = { NULL, 0, 0 };
	struct flow_raw *r, *other;
	struct flow f;
	size_t at = 0, then;
	long turn;

	(void)state;
	enough = delivered = 0;
	make_bomb(&bomb, false);
	begin(&f);
	f.quiet = true;
	f.hook = count_bytes;
	flow_open(&f);
	r = raw_agreed(&f, permessage);
	other = raw_agreed(&f, permessage);
	FLOW_UNTIL(&f, (send_some(r, &bomb, &at), delivered > MIB));
	flow_raw_frame(&f, other, 0x89, "ping", 4);
	turn = f.turns;
	then = delivered;
	FLOW_UNTIL(&f, flow_raw_has(other, "\x8a\4ping"));
	assert_true(f.turns - turn <= 3);
	assert_true(delivered - then <= MIB);
	assert_true(delivered < (size_t)bomb_mib() * MIB);
	/* and who wants all of it can have it */
	FLOW_UNTIL(&f, (send_some(r, &bomb, &at),
			delivered == (size_t)bomb_mib() * MIB));
	flow_raw_frame(&f, r, 0x81, "over", 4);
	FLOW_UNTIL(&f, delivered == (size_t)bomb_mib() * MIB + 4);
	flow_free(&bomb);
	flow_end(&f);
}

/* While the application has stopped, a bomb waits, and is small. */
static int
stop_at_once(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	     void *in, size_t len)
{
	(void)in;
	if (reason == LWS_CALLBACK_RECEIVE) {
		delivered += len;
		libwebsocket_rx_flow_control(c->wsi, 0);
	}
	return 0;
}

static void
test_a_bomb_waits_while_the_application_has_stopped(void **state)
{
	struct flow_bytes bomb = { NULL, 0, 0 };
	struct flow_raw *r;
	struct flow f;
	size_t at = 0, before;
	unsigned n;

	(void)state;
	delivered = 0;
	make_bomb(&bomb, false);
	begin(&f);
	f.quiet = true;
	f.hook = stop_at_once;
	flow_open(&f);
	r = raw_agreed(&f, permessage);
	before = flow_memory();
	flow_memory_peak();
	for (n = 1; n < 20; n++) {
		FLOW_UNTIL(&f, (send_some(r, &bomb, &at),
				delivered == n * 4096));
		flow_turn(&f);
		flow_turn(&f);
		assert_int_equal(delivered, n * 4096);
		libwebsocket_rx_flow_control(latest(&f)->wsi, 1);
	}
	assert_true(flow_memory_peak() - before < BESIDE);
	flow_free(&bomb);
	flow_end(&f);
}

/* ---- answers of servers ---- */

static const struct answer {
	const char *text;
	const char *why;	/* NULL: taken */
} answers[] = {
	{ "", NULL },
	{ ",", NULL },
	{ "permessage-deflate", NULL },
	{ " , permessage-deflate\t,,", NULL },
	{ "permessage-deflate; server_no_context_takeover", NULL },
	{ "permessage-deflate; client_no_context_takeover; "
	  "server_no_context_takeover; client_max_window_bits=9; "
	  "server_max_window_bits=10", NULL },
	{ "permessage-deflate;client_max_window_bits=\"8\"", NULL },
	{ "deflate-frame", NULL },
	{ "deflate-frame; max_window_bits=8; no_context_takeover", NULL },
	{ "foo", "not offered" },
	{ "Permessage-deflate", "not offered" },
	{ "permessage-deflat", "not offered" },
	{ "x-webkit-deflate-frame", "not offered" },
	{ "permessage-deflate, foo", "not offered" },
	{ "permessage-deflate, permessage-deflate", "" },
	{ "permessage-deflate\r\n" FIELD "permessage-deflate", "" },
	{ "deflate-frame, permessage-deflate", "exclude" },
	{ "permessage-deflate, deflate-stream", "exclude" },
	{ "permessage-deflate; foo", "unknown" },
	{ "permessage-deflate; server_no_context_takeover; "
	  "server_no_context_takeover", "twice" },
	{ "permessage-deflate; server_no_context_takeover=1",
	  "server_no_context_takeover" },
	{ "permessage-deflate; client_no_context_takeover=\"\"", "" },
	{ "permessage-deflate; server_max_window_bits",
	  "server_max_window_bits" },
	{ "permessage-deflate; server_max_window_bits=7",
	  "server_max_window_bits" },
	{ "permessage-deflate; server_max_window_bits=16",
	  "server_max_window_bits" },
	{ "permessage-deflate; server_max_window_bits=08",
	  "server_max_window_bits" },
	{ "permessage-deflate; client_max_window_bits",
	  "client_max_window_bits" },
	{ "permessage-deflate; client_max_window_bits=16",
	  "client_max_window_bits" },
	{ "deflate-frame; max_window_bits", "max_window_bits" },
	{ "deflate-frame; max_window_bits=16", "max_window_bits" },
	{ "deflate-frame; no_context_takeover=1", "no_context_takeover" },
	{ "deflate-frame; foo", "unknown" },
	{ "deflate-stream; foo", "parameters" },
	{ "permessage-deflate;", "malformed" },
	{ ";", "malformed" },
	{ "permessage-deflate=1", "malformed" },
	{ "permessage-deflate deflate-frame", "malformed" },
	{ "permessage-deflate; server_max_window_bits=\"10", "malformed" },
};

/* What only fails who has asked for more. */
static const struct answer stricter[] = {
	{ "permessage-deflate; server_no_context_takeover; "
	  "server_max_window_bits=10", NULL },
	{ "permessage-deflate; server_max_window_bits=9; "
	  "server_no_context_takeover", NULL },
	{ "permessage-deflate; server_max_window_bits=10",
	  "server_no_context_takeover" },
	{ "permessage-deflate; server_no_context_takeover",
	  "server_max_window_bits" },
	{ "permessage-deflate; server_no_context_takeover; "
	  "server_max_window_bits=11", "server_max_window_bits" },
};

static void
hear_answer(struct flow *f, struct flow_raw *l, int port,
	    const struct answer *a)
{
	struct flow_conn *c;
	struct flow_raw *r = raw_serving(f, l, port, a->text, &c);
	const char *why = a->why;
	unsigned failed;

	if (strstr(a->text, "deflate-stream") && !has_stream())
		why = "not offered";
	FLOW_UNTIL(f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED] ||
			      flow_over(c));
	failed = c->count[LWS_CALLBACK_CLIENT_CONNECTION_ERROR];
	if (failed != (why != NULL))
		fail_msg("%s: %s", a->text, failed ? c->why : "taken");
	if (failed && !strstr(c->why, why))
		fail_msg("%s: %s", a->text, c->why);
	if (!failed) {
		bare_frame(f, r, 0x81, "Hello", 5);
		FLOW_UNTIL(f, c->got.len == 5);
	}
	flow_raw_close(r);
	FLOW_UNTIL(f, flow_over(c));
}

static void
test_a_client_fails_answers_that_do_not_fit(void **state)
{
	struct flow_raw *l;
	struct flow f;
	size_t n;
	int port;

	(void)state;
	begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(answers); n++)
		hear_answer(&f, l, port, &answers[n]);
	flow_end(&f);

	begin(&f);
	f.side[0].info.deflate.flags = LWS_DEFLATE_PEER_RESET;
	f.side[0].info.deflate.peer_window_bits = 10;
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	for (n = 0; n < COUNT(stricter); n++)
		hear_answer(&f, l, port, &stricter[n]);
	flow_end(&f);
}

static void
test_a_client_without_extensions_takes_none(void **state)
{
	static const struct answer any = { "permessage-deflate",
					   "not offered" };
	struct flow_raw *l;
	struct flow f;
	int port;

	(void)state;
	flow_begin(&f);
	flow_open(&f);
	l = flow_raw_listen(&f, &port);
	hear_answer(&f, l, port, &any);
	flow_end(&f);
}

/* ---- offers of clients ---- */

static const struct offer {
	const char *text;
	const char *answer;	/* NULL: 400 */
} offers[] = {
	{ "", "" },
	{ ",,", "" },
	{ "foo", "" },
	{ "permessage-deflate; foo", "" },
	{ "permessage-deflate; server_max_window_bits", "" },
	{ "permessage-deflate; server_max_window_bits=16", "" },
	{ "permessage-deflate; client_max_window_bits=7", "" },
	{ "permessage-deflate; server_no_context_takeover=x", "" },
	{ "permessage-deflate; client_max_window_bits; "
	  "client_max_window_bits", "" },
	{ "permessage-deflate; a; b; c; d; e; f; g; h; i; j", "" },
	{ "permessage-deflate; server_max_window_bits=16, "
	  "permessage-deflate; server_max_window_bits=10",
	  "permessage-deflate; server_no_context_takeover; "
	  "server_max_window_bits=10" },
	{ "permessage-deflate; foo\r\n" FIELD "permessage-deflate",
	  "permessage-deflate; server_no_context_takeover" },
	{ "permessage-deflate; foo, deflate-frame", "deflate-frame" },
	{ "deflate-frame, permessage-deflate",
	  "permessage-deflate; server_no_context_takeover" },
	{ "deflate-frame; max_window_bits=7, x-webkit-deflate-frame",
	  "x-webkit-deflate-frame" },
	{ "permessage-deflate; client_max_window_bits=\"1\\2\"; "
	  "client_no_context_takeover",
	  "permessage-deflate; server_no_context_takeover; "
	  "client_no_context_takeover; client_max_window_bits=12" },
	{ ";", NULL },
	{ "permessage-deflate;", NULL },
	{ "permessage-deflate; =1", NULL },
	{ "permessage-deflate=1", NULL },
	{ "permessage-deflate; server_max_window_bits=", NULL },
	{ "permessage-deflate; server_max_window_bits=\"1", NULL },
	{ "permessage-deflate; server_max_window_bits=\"1 2\"", NULL },
	{ "permessage-deflate deflate-frame", NULL },
	{ "permessage-deflate, a/b", NULL },
	{ "permessage-deflate\r\n" FIELD "@", NULL },
};

static void
test_offers_are_answered_or_declined_or_refused(void **state)
{
	char field[512], want[512];
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	begin(&f);
	flow_open(&f);
	for (n = 0; n < COUNT(offers); n++) {
		const struct offer *o = &offers[n];

		r = flow_raw(&f, 0);
		snprintf(field, sizeof(field), FIELD "%s\r\n", o->text);
		snprintf(want, sizeof(want), "\r\n" FIELD "%s\r\n",
			 o->answer ? o->answer : "");
		flow_raw_ask(&f, r, field);
		if (!flow_raw_has(r, o->answer ? "HTTP/1.1 101 "
					       : "HTTP/1.1 400 "))
			fail_msg("%s: %s", o->text, (char *)r->in.p);
		if (flow_raw_times(r, FIELD) != (o->answer && *o->answer))
			fail_msg("%s: %s", o->text, (char *)r->in.p);
		if (o->answer && *o->answer && !flow_raw_has(r, want))
			fail_msg("%s: %s", o->text, (char *)r->in.p);
		flow_raw_close(r);
	}
	flow_end(&f);
}

/* Ends of a list with @n offers that nobody takes, in @fields header lines. */
static void
offer_many(struct flow *f, const char *offer, unsigned n, unsigned fields)
{
	struct flow_bytes all = { NULL, 0, 0 };
	struct flow_raw *r = flow_raw(f, 0);
	unsigned k;

	for (k = 0; k + 1 < n; k++) {
		const char *before = k % (n / fields) ? ","
				     : k ? "\r\n" FIELD : FIELD;

		flow_add(&all, before, strlen(before));
		flow_add(&all, offer, strlen(offer));
	}
	flow_add(&all, ",permessage-deflate\r\n", 21);
	flow_raw_ask(f, r, (char *)all.p);
	assert_true(flow_raw_has(r, "HTTP/1.1 101 "));
	assert_true(flow_raw_has(r, "\r\n" FIELD "permessage-deflate"));
	flow_raw_frame(f, r, 0xc1, "\xf2\x48\xcd\xc9\xc9\7\0", 7);
	FLOW_UNTIL(f, latest(f)->got.len == 5);
	assert_memory_equal(latest(f)->got.p, "Hello", 5);
	flow_free(&all);
}

static void
test_a_thousand_offers_are_read(void **state)
{
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	offer_many(&f, "foo", 1000, 1);
	offer_many(&f, "permessage-deflate; foo=\"12\"", 1000, 10);
	flow_end(&f);
}

/* ---- promises that are broken ---- */

/* Refer 3000 bytes back, in one message or, with @split, from a second. */
static void
check_breach(struct flow *f, const char *offer, bool split)
{
	struct flow_bytes z = { NULL, 0, 0 };
	struct flow_raw *r = raw_agreed(f, offer);
	uint8_t data[6000];
	struct flow_zip zip;
	uint32_t seed = 1;
	size_t n;

	for (n = 0; n < sizeof(data); n++) {
		seed = seed * 1664525 + 1013904223;
		data[n] = n < 3000 ? (uint8_t)(seed >> 24) : data[n - 3000];
	}
	delivered = 0;
	flow_zip_begin(&zip, 15, 15);
	flow_deflate(&zip, data, split ? 3000 : sizeof(data), &z);
	flow_raw_frame(f, r, 0xc2, z.p, z.len);
	z.len = 0;
	if (split)
		flow_deflate(&zip, data + 3000, 3000, &z);
	if (split)
		flow_raw_frame(f, r, 0xc2, z.p, z.len);
	assert_true(!split || z.len < 1000);
	FLOW_UNTIL(f, delivered == sizeof(data) || flow_over(latest(f)));
	if (delivered == sizeof(data))
		assert_memory_equal(latest(f)->got.p, data, sizeof(data));
	else
		FLOW_UNTIL(f, flow_raw_close_code(r) == 1007);
	flow_zip_end(&zip);
	flow_free(&z);
}

static void
test_a_client_that_changes_its_window_harms_nobody(void **state)
{
	static const char offer[] = "permessage-deflate; "
				    "client_max_window_bits";
	static const unsigned flags[] = { 0, LWS_DEFLATE_PEER_RESET };
	struct flow f;
	size_t n;

	(void)state;
	enough = 0;
	for (n = 0; n < COUNT(flags); n++) {
		begin(&f);
		f.hook = count_bytes;
		f.side[0].info.deflate.peer_window_bits = 9;
		f.side[0].info.deflate.flags = flags[n];
		flow_open(&f);
		check_breach(&f, offer, false);
		check_breach(&f, offer, true);
		check_breach(&f, "deflate-frame", false);
		check_breach(&f, "deflate-frame", true);
		flow_end(&f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_server_fails_each_fault_with_its_code),
		cmocka_unit_test(test_a_client_fails_each_fault_with_its_code),
		cmocka_unit_test(test_rsv1_without_an_extension_is_a_fault),
		cmocka_unit_test(test_a_stream_that_breaks_ends_the_connection),
		cmocka_unit_test(
			test_a_message_of_the_limit_is_taken_and_no_byte_more),
		cmocka_unit_test(test_fragments_count_together),
		cmocka_unit_test(test_a_bomb_ends_at_the_limit_of_a_message),
		cmocka_unit_test(
			test_a_bomb_in_one_frame_ends_at_the_limit_of_frames),
		cmocka_unit_test(
			test_a_frame_of_the_limit_is_inflated_and_no_byte_more),
		cmocka_unit_test(
			test_a_bomb_is_streamed_while_others_have_their_turns),
		cmocka_unit_test(test_a_bomb_of_bytes_is_streamed_as_well),
		cmocka_unit_test(
			test_a_ping_is_answered_while_a_bomb_is_inflated),
		cmocka_unit_test(
			test_a_bomb_waits_while_the_application_has_stopped),
		cmocka_unit_test(test_a_client_fails_answers_that_do_not_fit),
		cmocka_unit_test(test_a_client_without_extensions_takes_none),
		cmocka_unit_test(
			test_offers_are_answered_or_declined_or_refused),
		cmocka_unit_test(test_a_thousand_offers_are_read),
		cmocka_unit_test(
			test_a_client_that_changes_its_window_harms_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

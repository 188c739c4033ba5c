/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of the pieces in which messages are delivered, against a model: frames
 * of any length, sent in any slicing, taken in chunks of any size, on either
 * side, the application scribbling wherever it may.
 */
#include "flow/flow.h"

#include "base/limits.h"

#define MOST_FRAMES 400

struct frame {
	size_t len;
	bool fin, binary;
};

static struct frame frames[MOST_FRAMES];
static unsigned count_frames;
static uint8_t *payload;	/* of all of them */
static size_t total;

/* where the delivery has got to */
static unsigned at_frame;
static size_t at, in_frame;
static size_t chunk;
static unsigned stops;
static bool stopped;

static uint32_t seed;

static uint32_t
some(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (uint32_t)((uint64_t)(seed >> 4) * below >> 28);
}

static void
check_chunk(struct flow_conn *c, const uint8_t *in, size_t len)
{
	const struct frame *f = &frames[at_frame];
	size_t left = f->len - in_frame;
	size_t want = left < chunk ? left : chunk;

	assert_false(stopped);
	assert_true(at_frame < count_frames);
	assert_int_equal(len, want);
	assert_memory_equal(in, payload + at, len);
	assert_int_equal(in[len], 0);
	assert_int_equal(libwebsockets_remaining_packet_payload(c->wsi),
			 left - want);
	assert_int_equal(libwebsocket_is_final_fragment(c->wsi), f->fin);
	assert_int_equal(lws_frame_is_binary(c->wsi), f->binary);
	assert_int_equal(libwebsocket_get_reserved_bits(c->wsi), 0);
	at += len;
	in_frame += len;
	if (in_frame == f->len) {
		at_frame++;
		in_frame = 0;
	}
}

static int
receive(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	void *in, size_t len)
{
	uint8_t *p = in;

	if (reason != LWS_CALLBACK_RECEIVE &&
	    reason != LWS_CALLBACK_CLIENT_RECEIVE)
		return 0;
	check_chunk(c, p, len);
	/* it may be written back from where it lies, and written over */
	memset(p - LWS_SEND_BUFFER_PRE_PADDING, 0xaa,
	       LWS_SEND_BUFFER_PRE_PADDING);
	memset(p, 0xbb, len);
	memset(p + len, 0xcc, LWS_SEND_BUFFER_POST_PADDING);
	if (stops && !some(stops)) {
		libwebsocket_rx_flow_control(c->wsi, 0);
		stopped = true;
	}
	return 0;
}

/* The bytes of one frame; masked when a client sends it. */
static void
add_frame(struct flow_bytes *out, int first, const uint8_t *data, size_t len,
	  bool masked)
{
	uint8_t head[14] = { (uint8_t)first }, mask[4] = { 0 }, byte;
	size_t n = 2, k, bytes;

	if (len < 126) {
		head[1] = (uint8_t)len;
	} else {
		bytes = len < 65536 ? 2 : 8;
		head[1] = bytes == 2 ? 126 : 127;
		while (bytes--)
			head[n++] = (uint8_t)((uint64_t)len >> 8 * bytes);
	}
	if (masked)
		head[1] |= 0x80;
	flow_add(out, head, n);
	for (k = 0; masked && k < 4; k++)
		mask[k] = (uint8_t)some(256);
	if (masked)
		flow_add(out, mask, 4);
	for (k = 0; k < len; k++) {
		byte = data[k] ^ mask[k % 4];
		flow_add(out, &byte, 1);
	}
}

static size_t
some_length(size_t most)
{
	static const uint32_t edges[] = {
		0, 1, 2, 9, 10, 11, 125, 126, 127, 128, 129, 255, 256, 257,
		4095, 4096, 4097, 8192, 65535, 65536, 65537,
	};
	size_t len = some(2) ? some(300) : edges[some(COUNT(edges))];

	return len > most ? some((uint32_t)most) : len;
}

/* Text of whole characters, cut by frames wherever it happens to be. */
static void
add_text(struct flow_bytes *b, size_t len)
{
	static const char euro[] = "\xe2\x82\xac";
	char c = (char)('a' + b->len % 26);

	while (len) {
		if (len > 3 && !some(8)) {
			flow_add(b, euro, 3);
			len -= 3;
			continue;
		}
		flow_add(b, &c, 1);
		len--;
	}
}

/* A message of some frames, with pings between them. */
static void
add_message(struct flow_bytes *wire, struct flow_bytes *all, size_t most,
	    bool masked)
{
	unsigned parts = 1 + (some(3) ? 0 : some(5)), k;
	bool binary = some(2);
	size_t first = count_frames, sum = 0, from = all->len;

	for (k = 0; k < parts; k++) {
		struct frame *f = &frames[count_frames++];

		f->len = some_length(most);
		f->fin = k + 1 == parts;
		f->binary = binary;
		sum += f->len;
	}
	add_text(all, sum);
	for (k = 0; k < parts; k++) {
		const struct frame *f = &frames[first + k];

		add_frame(wire, (f->fin ? 0x80 : 0) |
			  (k ? 0 : binary ? 2 : 1), all->p + from, f->len,
			  masked);
		from += f->len;
		if (!some(4))
			add_frame(wire, 0x89, (const uint8_t *)"ping", some(5),
				  masked);
	}
}

static void
make_stream(struct flow_bytes *wire, struct flow_bytes *all, size_t most,
	    bool masked)
{
	count_frames = at_frame = 0;
	at = in_frame = 0;
	stopped = false;
	flow_add(all, "", 0);
	while (count_frames < MOST_FRAMES - 8 && wire->len < most * 4)
		add_message(wire, all, most, masked);
	payload = all->p;
	total = all->len;
}

static void
let_flow(struct flow_conn *c)
{
	if (!stopped)
		return;
	stopped = false;
	libwebsocket_rx_flow_control(c->wsi, 1);
}

/* Send @wire in slices of up to @slice bytes and see it all delivered. */
static void
deliver(struct flow *f, struct flow_raw *r, struct flow_conn *c,
	const struct flow_bytes *wire, size_t slice)
{
	size_t done = 0, n;

	while (done < wire->len) {
		n = 1 + some((uint32_t)slice);
		if (n > wire->len - done)
			n = wire->len - done;
		flow_raw_send(f, r, wire->p + done, n);
		done += n;
		if (slice < 1000 || !some(4))
			flow_turn(f);
		let_flow(c);
	}
	while (at_frame < count_frames) {
		flow_turn(f);
		let_flow(c);
	}
	assert_int_equal(at, total);
}

static struct flow_raw *
open_one(struct flow *f, bool client, struct flow_conn **c)
{
	struct flow_raw *r, *l;
	int port;

	if (!client) {
		r = flow_raw_ws(f, 0);
		*c = flow_server(f, 0);
		return r;
	}
	l = flow_raw_listen(f, &port);
	*c = flow_connect_to(f, 0, port, "second", NULL);
	r = flow_raw_accept(f, l);
	flow_raw_answer(f, r);
	FLOW_UNTIL(f, (*c)->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	return r;
}

static void
run(size_t size, size_t most, size_t slice, bool client)
{
	struct flow_bytes wire = { 0 }, all = { 0 };
	struct flow_conn *c;
	struct flow_raw *r;
	struct flow f;

	flow_begin(&f);
	f.quiet = true;
	f.side[0].protocols[1].rx_buffer_size = size;
	chunk = size ? size : MAX_USER_RX_BUFFER;
	flow_open(&f);
	r = open_one(&f, client, &c);
	f.hook = receive;
	make_stream(&wire, &all, most, !client);
	deliver(&f, r, c, &wire, slice);
	flow_free(&wire);
	flow_free(&all);
	flow_end(&f);
}

static const size_t sizes[] = { 1, 10, 128, 4096, 65536, 0 };

static void
test_a_server_gets_the_chunks_of_the_model_in_any_slicing(void **state)
{
	static const size_t slices[] = { 1, 7, 100, 5000, 200000 };
	size_t n, k;

	(void)state;
	stops = 0;
	for (n = 0; n < COUNT(sizes); n++)
		for (k = 0; k < COUNT(slices); k++)
			run(sizes[n], slices[k] < 100 ? 150 : 70000,
			    slices[k] < 100 ? slices[k] : slices[k] * 10,
			    false);
}

static void
test_a_client_gets_the_chunks_of_the_model_in_any_slicing(void **state)
{
	static const size_t slices[] = { 1, 9, 3000, 200000 };
	size_t n, k;

	(void)state;
	stops = 0;
	for (n = 0; n < COUNT(sizes); n++)
		for (k = 0; k < COUNT(slices); k++)
			run(sizes[n], slices[k] < 100 ? 150 : 70000,
			    slices[k] < 100 ? slices[k] : slices[k] * 10,
			    true);
}

static void
test_the_same_with_the_flow_stopped_now_and_then(void **state)
{
	size_t n, size, most;

	(void)state;
	for (n = 0; n < COUNT(sizes); n++) {
		size = sizes[n] ? sizes[n] : MAX_USER_RX_BUFFER;
		most = size == 1 ? 2000 : 70000;
		/* each costs a turn in which nothing happens */
		stops = size < 100 ? 300 : 3;
		run(sizes[n], 150, 20, false);
		run(sizes[n], most, 100000, false);
		run(sizes[n], most, 100000, true);
	}
	stops = 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_server_gets_the_chunks_of_the_model_in_any_slicing),
		cmocka_unit_test(
			test_a_client_gets_the_chunks_of_the_model_in_any_slicing),
		cmocka_unit_test(
			test_the_same_with_the_flow_stopped_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

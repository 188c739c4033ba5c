/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer-13_test.c - frames of RFC 6455, both ways.
 *
 * What a framer found is written down as a transcript that does not depend on
 * how its input was sliced: per frame its opcode, kind and bits, its payload
 * and an end mark, and last the result.  Every slice is given in memory of
 * exactly its size, so that a sanitizer sees a byte too much.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/size.h"
#include "ws/framer.h"

#define FIN  LWS_FRAME_FIN
#define RSV1 0x40
#define RSV2 0x20
#define RSV3 0x10

static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

/* who reads */
enum role { SERVER, CLIENT, LENIENT };

struct transcript {
	uint8_t *text;
	size_t len, cap;
	uint64_t left;		/* of the frame being shown */
	size_t pieces;
	int rc;			/* the first error, or 0 */
	size_t taken;		/* bytes offered when it showed */
};

struct reader {
	struct lws_rx_frame rx;
	struct lws_tx_frame tx;
	struct transcript got;
};

static void
open_reader(struct reader *r, enum role role)
{
	const struct lws_wire_keys keys = {
		.client = role == CLIENT,
		.bare_ok = role == LENIENT,
	};

	memset(r, 0, sizeof(*r));
	assert_int_equal(lws_framer_13.init(&r->rx, &r->tx, &keys), 0);
}

static void
close_reader(struct reader *r)
{
	free(r->got.text);
}

static void
note(struct transcript *t, const void *bytes, size_t len)
{
	if (t->len + len > t->cap) {
		t->cap = 2 * (t->len + len);
		t->text = realloc(t->text, t->cap);
		assert_non_null(t->text);
	}
	if (len)
		memcpy(t->text + t->len, bytes, len);
	t->len += len;
}

static void
note_piece(struct transcript *t, const struct lws_piece *p)
{
	const uint8_t begin[] = { '<', p->opcode, p->kind, p->bits };

	if (p->first)
		note(t, begin, sizeof(begin));
	else
		assert_int_equal(t->left, p->left + p->data.len);
	if (!p->data.len)
		assert_true(p->first && !p->left);
	note(t, p->data.p, p->data.len);
	if (!p->left)
		note(t, ">", 1);
	t->left = p->left;
	t->pieces++;
}

/* Offer one slice; false after an error, when nothing more may be offered. */
static bool
offer(struct reader *r, const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span in = { copy, len };
	struct lws_piece piece;
	int rc;

	assert_non_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	do {
		rc = lws_framer_13.next(&r->rx, &in, &piece);
		if (rc == LWS_FRAMER_PIECE)
			note_piece(&r->got, &piece);
	} while (rc == LWS_FRAMER_PIECE);
	r->got.taken += len;
	r->got.rc = rc;
	if (rc == LWS_FRAMER_AGAIN)
		assert_int_equal(in.len, 0);
	free(copy);
	return rc == 0;
}

/* Offer all of it in slices of @step bytes. */
static void
offer_stepwise(struct reader *r, const uint8_t *bytes, size_t len, size_t step)
{
	size_t n, at;

	for (at = 0; at < len; at += n) {
		n = lws_min(step, len - at);
		if (!offer(r, bytes + at, n))
			return;
	}
}

static void
assert_same(const struct transcript *a, const struct transcript *b)
{
	assert_int_equal(a->rc, b->rc);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->text, b->text, a->len);
}

/* bytes on the wire, written by the framer under test or by hand */
struct wire {
	uint8_t *p;
	size_t len, cap;
};

static void
put(struct wire *w, const void *bytes, size_t len)
{
	if (w->len + len > w->cap) {
		w->cap = 2 * (w->len + len);
		w->p = realloc(w->p, w->cap);
		assert_non_null(w->p);
	}
	if (len)
		memcpy(w->p + w->len, bytes, len);
	w->len += len;
}

/* One frame of @len bytes of a pattern, masked the slow way. */
static void
put_frame(struct wire *w, unsigned int first, size_t len, bool masked)
{
	const uint8_t m = masked ? 0x80 : 0;
	uint8_t byte;
	size_t n;

	byte = (uint8_t)first;
	put(w, &byte, 1);
	byte = (uint8_t)(m | (len < 126 ? len : len < 65536 ? 126 : 127));
	put(w, &byte, 1);
	for (n = len < 126 ? 0 : len < 65536 ? 2 : 8; n--;) {
		byte = (uint8_t)((uint64_t)len >> 8 * n);
		put(w, &byte, 1);
	}
	if (masked)
		put(w, mask, 4);
	for (n = 0; n < len; n++) {
		byte = (uint8_t)(n * 7 + len);
		if (masked)
			byte ^= mask[n & 3];
		put(w, &byte, 1);
	}
}

/* every kind of frame, where it may stand, at lengths that cut differently */
static void
put_session(struct wire *w, bool masked)
{
	put_frame(w, FIN | LWS_OP_TEXT, 20, masked);
	put_frame(w, FIN | LWS_OP_BINARY, 0, masked);
	put_frame(w, FIN | LWS_OP_PING, 5, masked);
	put_frame(w, LWS_OP_BINARY, 3, masked);
	put_frame(w, LWS_OP_CONTINUATION, 0, masked);
	put_frame(w, FIN | LWS_OP_PING, 0, masked);
	put_frame(w, LWS_OP_CONTINUATION, 9, masked);
	put_frame(w, FIN | LWS_OP_PONG, 125, masked);
	put_frame(w, FIN | LWS_OP_CONTINUATION, 1, masked);
	put_frame(w, FIN | LWS_OP_TEXT, 125, masked);
	put_frame(w, FIN | LWS_OP_TEXT, 126, masked);
	put_frame(w, LWS_OP_TEXT, 0, masked);
	put_frame(w, FIN | LWS_OP_CONTINUATION, 0, masked);
	put_frame(w, FIN | LWS_OP_CLOSE, 2, masked);
}

/* What is read in one piece, of @w by @role. */
static void
read_whole(struct reader *r, enum role role, const struct wire *w)
{
	open_reader(r, role);
	offer(r, w->p, w->len);
}

static void
check_cuts(enum role role, bool masked)
{
	struct reader whole, cut;
	struct wire w = { NULL, 0, 0 };
	size_t n;

	put_session(&w, masked);
	read_whole(&whole, role, &w);
	assert_int_equal(whole.got.rc, 0);
	for (n = 0; n <= w.len; n++) {
		open_reader(&cut, role);
		assert_true(offer(&cut, w.p, n));
		assert_true(offer(&cut, w.p + n, w.len - n));
		assert_same(&cut.got, &whole.got);
		close_reader(&cut);
	}
	for (n = 1; n < 32; n++) {
		open_reader(&cut, role);
		offer_stepwise(&cut, w.p, w.len, n);
		assert_same(&cut.got, &whole.got);
		close_reader(&cut);
	}
	close_reader(&whole);
	free(w.p);
}

static void
test_any_slicing_gives_a_server_the_same(void **state)
{
	(void)state;
	check_cuts(SERVER, true);
}

static void
test_any_slicing_gives_a_client_the_same(void **state)
{
	(void)state;
	check_cuts(CLIENT, false);
}

static void
test_any_slicing_gives_a_lenient_server_the_same(void **state)
{
	(void)state;
	check_cuts(LENIENT, true);
	check_cuts(LENIENT, false);
}

static void
test_a_mask_does_not_outlive_its_frame(void **state)
{
	struct reader whole, cut;
	struct wire w = { NULL, 0, 0 };
	size_t step;

	(void)state;
	put_frame(&w, LWS_OP_TEXT, 11, true);
	put_frame(&w, LWS_OP_CONTINUATION, 11, false);
	put_frame(&w, FIN | LWS_OP_CONTINUATION, 300, true);
	put_frame(&w, FIN | LWS_OP_TEXT, 300, false);
	read_whole(&whole, LENIENT, &w);
	assert_memory_equal(whole.got.text + 4, whole.got.text + 20, 11);
	assert_memory_equal(whole.got.text + 36, whole.got.text + 341, 300);
	for (step = 1; step < 40; step++) {
		open_reader(&cut, LENIENT);
		offer_stepwise(&cut, w.p, w.len, step);
		assert_same(&cut.got, &whole.got);
		close_reader(&cut);
	}
	close_reader(&whole);
	free(w.p);
}

static void
test_every_length_at_its_edges_is_read(void **state)
{
	static const size_t lengths[] = {
		0, 1, 2, 3, 4, 7, 8, 9, 31, 32, 33, 63, 64, 65, 124, 125, 126,
		127, 128, 129, 255, 256, 1023, 1024, 65534, 65535, 65536, 65537
	};
	struct wire w = { NULL, 0, 0 };
	struct reader r;
	size_t n, i, step;

	(void)state;
	for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++) {
		w.len = 0;
		put_frame(&w, FIN | LWS_OP_BINARY, lengths[n], true);
		for (step = 1; step <= w.len; step = 3 * step + 1) {
			open_reader(&r, SERVER);
			offer_stepwise(&r, w.p, w.len, step);
			assert_int_equal(r.got.rc, 0);
			assert_int_equal(r.got.len, 5 + lengths[n]);
			for (i = 0; i < lengths[n]; i++)
				assert_int_equal(r.got.text[4 + i],
						 (uint8_t)(i * 7 + lengths[n]));
			close_reader(&r);
		}
	}
	free(w.p);
}

/* wire.md section 11.3: the same in every slicing, both ways */
static const struct {
	const char *bare, *masked, *payload;
	size_t bare_len, masked_len;
	uint8_t first;
} vectors[] = {
	{ "\x81\x05Hello", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
	  "Hello", 7, 11, FIN | LWS_OP_TEXT },
	{ "\x89\x05Hello", "\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
	  "Hello", 7, 11, FIN | LWS_OP_PING },
	{ "\x8a\x05Hello", "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
	  "Hello", 7, 11, FIN | LWS_OP_PONG },
	{ "\x81\x00", "\x81\x80\x37\xfa\x21\x3d", "", 2, 6,
	  FIN | LWS_OP_TEXT },
	{ "\x88\x02\x03\xe8", "\x88\x82\x37\xfa\x21\x3d\x34\x12", "\x03\xe8",
	  4, 8, FIN | LWS_OP_CLOSE },
	{ "\x01\x03Hel", NULL, "Hel", 5, 0, LWS_OP_TEXT },
};

#define N_VECTORS (sizeof(vectors) / sizeof(*vectors))

static void
check_vector(enum role role, const char *bytes, size_t len, size_t n)
{
	const size_t payload = strlen(vectors[n].payload);
	struct reader r;
	size_t step;

	for (step = 1; step <= len; step++) {
		open_reader(&r, role);
		offer_stepwise(&r, (const uint8_t *)bytes, len, step);
		assert_int_equal(r.got.rc, 0);
		assert_int_equal(r.got.len, payload + 5);
		assert_int_equal(r.got.text[1], vectors[n].first & 0x0f);
		assert_int_equal(r.got.text[3], vectors[n].first & 0xf0);
		assert_memory_equal(r.got.text + 4, vectors[n].payload,
				    payload);
		close_reader(&r);
	}
}

static void
test_the_vectors_are_read(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VECTORS; n++) {
		check_vector(CLIENT, vectors[n].bare, vectors[n].bare_len, n);
		if (vectors[n].masked)
			check_vector(SERVER, vectors[n].masked,
				     vectors[n].masked_len, n);
	}
}

/* A whole frame as head() and copy() write it, the payload in two parts. */
static size_t
write_frame(struct lws_tx_frame *tx, const struct lws_frame_spec *spec,
	    const void *payload, size_t cut, uint8_t *to)
{
	const size_t len = (size_t)spec->len;
	uint8_t head[LWS_FRAME_HEAD_MAX];
	size_t n = (size_t)lws_framer_13.head(tx, spec, head);

	memcpy(to, head, n);
	if (!tx->masking) {
		if (len)
			memcpy(to + n, payload, len);
		return n + len;
	}
	lws_framer_13.copy(tx, to + n, lws_span(payload, cut));
	lws_framer_13.copy(tx, to + n + cut,
			   lws_span((const uint8_t *)payload + cut, len - cut));
	return n + len;
}

static void
test_the_vectors_are_written(void **state)
{
	struct lws_frame_spec spec;
	struct reader server, client;
	uint8_t wire[32];
	size_t n, cut, len;

	(void)state;
	open_reader(&server, SERVER);
	open_reader(&client, CLIENT);
	for (n = 0; n < N_VECTORS; n++) {
		spec.len = strlen(vectors[n].payload);
		spec.opcode = vectors[n].first & 0x0f;
		spec.bits = vectors[n].first & 0xf0;
		spec.mask = NULL;
		len = write_frame(&server.tx, &spec, vectors[n].payload, 0,
				  wire);
		assert_int_equal(len, vectors[n].bare_len);
		assert_memory_equal(wire, vectors[n].bare, len);
		spec.mask = mask;
		for (cut = 0; vectors[n].masked && cut <= spec.len; cut++) {
			len = write_frame(&client.tx, &spec,
					  vectors[n].payload, cut, wire);
			assert_int_equal(len, vectors[n].masked_len);
			assert_memory_equal(wire, vectors[n].masked, len);
		}
	}
}

static void
test_lengths_are_written_in_their_shortest_form(void **state)
{
	static const struct {
		uint64_t len;
		size_t head;
		const char *bytes;
	} rows[] = {
		{ 0, 2, "\x82\x00" },
		{ 125, 2, "\x82\x7d" },
		{ 126, 4, "\x82\x7e\x00\x7e" },
		{ 65535, 4, "\x82\x7e\xff\xff" },
		{ 65536, 10, "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" },
		{ INT64_MAX, 10, "\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xff" },
	};
	struct lws_frame_spec spec = { 0, NULL, LWS_OP_BINARY, FIN };
	struct lws_tx_frame tx = { NULL, { 0 }, 0 };
	uint8_t head[LWS_FRAME_HEAD_MAX];
	size_t n, len;

	(void)state;
	for (n = 0; n < sizeof(rows) / sizeof(*rows); n++) {
		spec.len = rows[n].len;
		spec.mask = NULL;
		len = (size_t)lws_framer_13.head(&tx, &spec, head);
		assert_int_equal(len, rows[n].head);
		assert_memory_equal(head, rows[n].bytes, len);
		spec.mask = mask;
		len = (size_t)lws_framer_13.head(&tx, &spec, head);
		assert_int_equal(len, rows[n].head + 4);
		assert_int_equal(head[1], (uint8_t)rows[n].bytes[1] | 0x80);
		assert_memory_equal(head + 2, rows[n].bytes + 2, len - 6);
		assert_memory_equal(head + len - 4, mask, 4);
	}
}

static void
test_what_no_frame_may_be_is_not_written(void **state)
{
	struct lws_frame_spec spec = { 126, NULL, LWS_OP_PING, FIN };
	struct lws_tx_frame tx = { NULL, { 0 }, 0 };
	uint8_t head[LWS_FRAME_HEAD_MAX];

	(void)state;
	assert_int_equal(lws_framer_13.head(&tx, &spec, head),
			 LWS_ERR_UNSUPPORTED);
	spec.len = 125;
	assert_int_equal(lws_framer_13.head(&tx, &spec, head), 2);
	spec.len = (uint64_t)1 << 63;
	spec.opcode = LWS_OP_BINARY;
	assert_int_equal(lws_framer_13.head(&tx, &spec, head),
			 LWS_ERR_UNSUPPORTED);
}

static void
test_a_bare_frame_of_a_client_is_copied_as_it_is(void **state)
{
	const struct lws_frame_spec masked = { 5, mask, LWS_OP_TEXT, FIN };
	const struct lws_frame_spec bare = { 5, NULL, LWS_OP_TEXT, FIN };
	struct reader r;
	uint8_t wire[32];

	(void)state;
	open_reader(&r, CLIENT);
	write_frame(&r.tx, &masked, "Hello", 3, wire);
	assert_int_equal(write_frame(&r.tx, &bare, "Hello", 3, wire), 7);
	assert_memory_equal(wire, "\x81\x05Hello", 7);
}

static uint32_t
some(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 8) % below;
}

/* A message at random in up to four frames; its transcript goes to @want. */
static void
put_random(struct wire *w, struct lws_tx_frame *tx, struct transcript *want,
	   uint32_t *seed)
{
	static const uint32_t most[] = { 6, 126, 300, 2000, 70000 };
	const uint8_t kind = some(seed, 2) ? LWS_OP_TEXT : LWS_OP_BINARY;
	uint32_t left = 1 + some(seed, 4);
	struct lws_frame_spec spec = { 0, NULL, kind, 0 };
	uint8_t key[4], begin[4], *payload, *wire;
	size_t n, len;

	for (; left--; spec.opcode = LWS_OP_CONTINUATION) {
		spec.len = len = some(seed, most[some(seed, 5)]);
		spec.bits = left ? 0 : FIN;
		spec.mask = tx->masking ? key : NULL;
		payload = malloc(len + 1);
		wire = malloc(len + LWS_FRAME_HEAD_MAX);
		assert_true(payload && wire);
		for (n = 0; n < 4; n++)
			key[n] = (uint8_t)some(seed, 256);
		for (n = 0; n < len; n++)
			payload[n] = (uint8_t)some(seed, 256);
		n = len ? some(seed, (uint32_t)len) : 0;
		put(w, wire, write_frame(tx, &spec, payload, n, wire));
		begin[0] = '<';
		begin[1] = spec.opcode;
		begin[2] = kind;
		begin[3] = spec.bits;
		note(want, begin, 4);
		note(want, payload, len);
		note(want, ">", 1);
		free(payload);
		free(wire);
	}
}

static void
round_trip(enum role from, enum role to, uint32_t seed)
{
	struct reader writer, reader;
	struct wire w = { NULL, 0, 0 };
	size_t n, at;

	open_reader(&writer, from);
	open_reader(&reader, to);
	for (n = 0; n < 4; n++)
		put_random(&w, &writer.tx, &writer.got, &seed);
	for (at = 0; at < w.len; at += n) {
		n = lws_min(w.len - at, 1 + some(&seed, some(&seed, 2) ?
							 20 : 30000));
		assert_true(offer(&reader, w.p + at, n));
	}
	assert_same(&reader.got, &writer.got);
	close_reader(&writer);
	close_reader(&reader);
	free(w.p);
}

static void
test_random_messages_come_through_in_random_slices(void **state)
{
	uint32_t seed;

	(void)state;
	for (seed = 0; seed < 150; seed++) {
		round_trip(CLIENT, SERVER, seed);
		round_trip(SERVER, CLIENT, seed + 1000);
		round_trip(SERVER, LENIENT, seed + 2000);
		round_trip(CLIENT, LENIENT, seed + 3000);
	}
}

/* A header that must fail, after a good beginning, at its byte @at. */
struct fault {
	const char *what;
	enum role role;
	size_t before, at, len;
	const char *bytes;
	int rc;
};

#define BAD LWS_ERR_PROTOCOL
#define HEL "\x01\x83\x00\x00\x00\x00Hel"	/* begins a message */
#define ONE "\x82\x81\x00\x00\x00\x00!"		/* is a whole one */

static const struct fault faults[] = {
	{ "F1 bare to a server", SERVER, 0, 1, 7, "\x81\x05Hello", BAD },
	{ "F1 bare, empty", SERVER, 0, 1, 2, "\x81\x00", BAD },
	{ "F1 bare, long", SERVER, 0, 1, 4, "\x82\x7e\x01\x00", BAD },
	{ "F1 bare control", SERVER, 0, 1, 2, "\x89\x00", BAD },
	{ "F1 bare after a masked one", SERVER, 7, 1, 9, ONE "\x81\x00", BAD },
	{ "F2 masked to a client", CLIENT, 0, 1, 6, "\x81\x80....", BAD },
	{ "F2 masked control", CLIENT, 0, 1, 6, "\x8a\x80....", BAD },
	{ "F3 RSV1", SERVER, 0, 0, 6, "\xc1\x80....", BAD },
	{ "F3 RSV2", SERVER, 0, 0, 6, "\xa1\x80....", BAD },
	{ "F3 RSV3", SERVER, 0, 0, 6, "\x91\x80....", BAD },
	{ "F3 RSV1 on a control frame", SERVER, 0, 0, 6, "\xc9\x80....", BAD },
	{ "F3 RSV1 on a continuation", SERVER, 9, 0, 15,
	  HEL "\xc0\x80....", BAD },
	{ "F3 RSV1 to a client", CLIENT, 0, 0, 2, "\xc1\x00", BAD },
	{ "F5 Close without FIN", SERVER, 0, 0, 6, "\x08\x80....", BAD },
	{ "F5 Ping without FIN", SERVER, 0, 0, 6, "\x09\x80....", BAD },
	{ "F5 Pong without FIN", CLIENT, 0, 0, 2, "\x0a\x00", BAD },
	{ "F5 Ping without FIN in a message", SERVER, 9, 0, 15,
	  HEL "\x09\x80....", BAD },
	{ "F6 Close of 126", SERVER, 0, 1, 8, "\x88\xfe\x00\x7e....", BAD },
	{ "F6 Ping of 126", SERVER, 0, 1, 8, "\x89\xfe\x00\x7e....", BAD },
	{ "F6 Pong of 126", CLIENT, 0, 1, 4, "\x8a\x7e\x00\x7e", BAD },
	{ "F6 Ping with a long length of 5", SERVER, 0, 1, 8,
	  "\x89\xfe\x00\x05....", BAD },
	{ "F6 Close of 65536", SERVER, 0, 1, 14,
	  "\x88\xff\x00\x00\x00\x00\x00\x01\x00\x00....", BAD },
	{ "F7 2^63", SERVER, 0, 2, 14,
	  "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00....", BAD },
	{ "F7 2^64-1", CLIENT, 0, 2, 10,
	  "\x82\x7f\xff\xff\xff\xff\xff\xff\xff\xff", BAD },
	{ "F8 125 in two bytes", SERVER, 0, 3, 8,
	  "\x82\xfe\x00\x7d....", BAD },
	{ "F8 0 in two bytes", CLIENT, 0, 3, 4, "\x82\x7e\x00\x00", BAD },
	{ "F8 65535 in eight bytes", SERVER, 0, 7, 14,
	  "\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff....", BAD },
	{ "F8 125 in eight bytes", SERVER, 0, 7, 14,
	  "\x82\xff\x00\x00\x00\x00\x00\x00\x00\x7d....", BAD },
	{ "F8 0 in eight bytes", CLIENT, 0, 7, 10,
	  "\x82\x7f\x00\x00\x00\x00\x00\x00\x00\x00", BAD },
	{ "F9 at the very beginning", SERVER, 0, 0, 6, "\x80\x80....", BAD },
	{ "F9 without FIN", SERVER, 0, 0, 6, "\x00\x80....", BAD },
	{ "F9 to a client", CLIENT, 0, 0, 2, "\x80\x00", BAD },
	{ "F9 after a whole message", SERVER, 7, 0, 13,
	  ONE "\x80\x80....", BAD },
	{ "F9 after fragments", SERVER, 15, 0, 21,
	  HEL "\x80\x80\x00\x00\x00\x00" "\x80\x80....", BAD },
	{ "F10 text in a message", SERVER, 9, 0, 15,
	  HEL "\x81\x80....", BAD },
	{ "F10 binary in a message", SERVER, 9, 0, 15,
	  HEL "\x82\x80....", BAD },
	{ "F10 unfinished text in a message", SERVER, 9, 0, 15,
	  HEL "\x01\x80....", BAD },
	{ "F10 text after a Ping in a message", SERVER, 15, 0, 21,
	  HEL "\x89\x80\x00\x00\x00\x00" "\x81\x80....", BAD },
	{ "F10 to a client", CLIENT, 5, 0, 7, "\x01\x03Hel" "\x81\x00", BAD },
};

/* The fault shows with its own byte and not before, at slices of @step. */
static void
check_fault(const struct fault *f, size_t step)
{
	const uint8_t *bytes = (const uint8_t *)f->bytes;
	const size_t good = f->before + f->at;
	struct reader r;

	open_reader(&r, f->role);
	offer_stepwise(&r, bytes, good, step);
	if (r.got.rc)
		fail_msg("%s: too early", f->what);
	offer(&r, bytes + good, 1);
	if (r.got.rc != f->rc)
		fail_msg("%s: %d at its byte", f->what, r.got.rc);
	close_reader(&r);

	open_reader(&r, f->role);
	offer_stepwise(&r, bytes, f->len, step);
	if (r.got.rc != f->rc)
		fail_msg("%s: %d in slices of %zu", f->what, r.got.rc, step);
	if (r.got.taken > (good / step + 1) * step)
		fail_msg("%s: too late", f->what);
	close_reader(&r);
}

static void
test_every_fault_shows_at_its_first_byte(void **state)
{
	size_t n, step, cut;
	struct reader r;

	(void)state;
	for (n = 0; n < sizeof(faults) / sizeof(*faults); n++) {
		for (step = 1; step <= faults[n].len; step++)
			check_fault(&faults[n], step);
		for (cut = 0; cut <= faults[n].len; cut++) {
			open_reader(&r, faults[n].role);
			if (offer(&r, (const uint8_t *)faults[n].bytes, cut))
				offer(&r, (const uint8_t *)faults[n].bytes +
					  cut, faults[n].len - cut);
			if (r.got.rc != faults[n].rc)
				fail_msg("%s: %d cut at %zu", faults[n].what,
					 r.got.rc, cut);
			close_reader(&r);
		}
	}
}

static void
test_reserved_opcodes_fail_at_once(void **state)
{
	static const uint8_t reserved[] = { 3, 4, 5, 6, 7, 11, 12, 13, 14, 15 };
	struct reader r;
	uint8_t first;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(reserved); n++) {
		first = FIN | reserved[n];
		open_reader(&r, SERVER);
		offer(&r, &first, 1);
		assert_int_equal(r.got.rc, LWS_ERR_PROTOCOL);
		open_reader(&r, CLIENT);
		offer(&r, (const uint8_t[]){ first, 0 }, 2);
		assert_int_equal(r.got.rc, LWS_ERR_PROTOCOL);
	}
}

/*
 * The rules once more, written down the other way round: what is right.  All
 * first two bytes, in and out of a message, to all roles and claims.
 */
static bool
head_ok(unsigned int a, unsigned int b, enum role role, bool in_message,
	unsigned int claimed)
{
	const unsigned int op = a & 15, len = b & 127;
	const bool fin = a & FIN, masked = b & 0x80;

	if (a & 0x70 & ~claimed)
		return false;
	if ((role == SERVER && !masked) || (role == CLIENT && masked))
		return false;
	if (op == LWS_OP_CLOSE || op == LWS_OP_PING || op == LWS_OP_PONG)
		return fin && len <= 125 && !(a & 0x70);
	if (in_message)
		return op == LWS_OP_CONTINUATION;
	return op == LWS_OP_TEXT || op == LWS_OP_BINARY;
}

/* Offer a header that begins with @a and @b, of a frame as far as 512 bytes. */
static int
read_head(unsigned int a, unsigned int b, const struct reader *fresh,
	  size_t step)
{
	static const uint8_t zero[512];
	const uint8_t two[] = { (uint8_t)a, (uint8_t)b };
	const unsigned int len = b & 127;
	struct wire w = { NULL, 0, 0 };
	struct reader r = *fresh;
	int rc;

	put(&w, two, 2);
	if (len == 126)
		put(&w, "\x01\x00", 2);
	if (len == 127)
		put(&w, "\x00\x00\x00\x00\x01\x00\x00\x00", 8);
	if (b & 0x80)
		put(&w, mask, 4);
	put(&w, zero, len == 126 ? 256 : len == 127 ? 512 : len);
	offer_stepwise(&r, w.p, step ? w.len : 2, step ? step : 1);
	rc = r.got.rc;
	close_reader(&r);
	free(w.p);
	return rc;
}

static void
check_heads(enum role role, uint8_t kind, uint8_t claimed)
{
	unsigned int a, b;
	struct reader r;
	int want;

	open_reader(&r, role);
	r.rx.kind = kind;
	r.rx.rsv = claimed;
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++) {
			want = head_ok(a, b, role, kind, claimed) ? 0 : BAD;
			if (read_head(a, b, &r, 0) != want ||
			    read_head(a, b, &r, 7) != want ||
			    read_head(a, b, &r, 1000) != want)
				fail_msg("%02x %02x", a, b);
		}
}

static void
test_exactly_the_right_two_bytes_begin_a_frame(void **state)
{
	static const uint8_t claims[] = { 0, RSV1, RSV2 | RSV3, 0x70 };
	enum role role;
	size_t n;

	(void)state;
	for (role = SERVER; role <= LENIENT; role++)
		for (n = 0; n < sizeof(claims); n++) {
			check_heads(role, 0, claims[n]);
			check_heads(role, LWS_OP_TEXT, claims[n]);
		}
}

static void
test_claimed_rsv_bits_are_passed_on(void **state)
{
	struct reader r;
	uint8_t wire[] = { FIN | RSV1 | RSV3 | LWS_OP_TEXT, 1, 'x' };

	(void)state;
	open_reader(&r, CLIENT);
	r.rx.rsv = RSV1 | RSV3;
	assert_true(offer(&r, wire, sizeof(wire)));
	assert_int_equal(r.got.text[3], FIN | RSV1 | RSV3);
	wire[0] |= RSV2;
	assert_false(offer(&r, wire, sizeof(wire)));
	assert_int_equal(r.got.rc, LWS_ERR_PROTOCOL);
	close_reader(&r);
}

/* 2^63-1 is a promise, not a need; on 32 bits it is more than can be counted */
static void
test_the_longest_length_allocates_nothing(void **state)
{
	uint8_t wire[] = "\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0abc";
	struct lws_span in = { wire, sizeof(wire) - 1 };
	const uint64_t most = INT64_MAX;
	struct lws_piece piece;
	struct reader r;
	int rc;

	(void)state;
	open_reader(&r, SERVER);
	rc = lws_framer_13.next(&r.rx, &in, &piece);
	if (sizeof(size_t) < 8) {
		assert_int_equal(rc, LWS_ERR_LIMIT);
		return;
	}
	assert_int_equal(rc, LWS_FRAMER_PIECE);
	assert_int_equal(piece.data.len, 3);
	assert_ptr_equal(piece.data.p, wire + 14);
	assert_true(piece.left == most - 3);
	assert_int_equal(in.len, 0);
	assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
			 LWS_FRAMER_AGAIN);
}

static void
test_a_header_without_payload_shows_nothing_yet(void **state)
{
	uint8_t wire[] = "\x81\x85\0\0\0\0Hello";
	struct lws_span in = { wire, 6 };
	struct lws_piece piece;
	struct reader r;

	(void)state;
	open_reader(&r, SERVER);
	assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
			 LWS_FRAMER_AGAIN);
	assert_int_equal(in.len, 0);
	assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
			 LWS_FRAMER_AGAIN);
	in = lws_span(wire + 6, 2);
	assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
			 LWS_FRAMER_PIECE);
	assert_true(piece.first);
	assert_int_equal(piece.left, 3);
	in = lws_span(wire + 8, 3);
	assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
			 LWS_FRAMER_PIECE);
	assert_false(piece.first);
	assert_int_equal(piece.left, 0);
	assert_int_equal(piece.kind, LWS_OP_TEXT);
}

static void
test_an_empty_frame_is_one_empty_piece(void **state)
{
	const uint8_t wire[] = "\x01\x00\x00\x00\x89\x00\x80\x00";
	struct reader r;
	size_t step;

	(void)state;
	for (step = 1; step < sizeof(wire); step++) {
		open_reader(&r, CLIENT);
		offer_stepwise(&r, wire, sizeof(wire) - 1, step);
		assert_int_equal(r.got.pieces, 4);
		assert_memory_equal(r.got.text, "<\1\1\0><\0\1\0><\x9\1\x80>"
						"<\0\1\x80>", 20);
		close_reader(&r);
	}
}

static void
test_a_control_frame_may_be_cut_too(void **state)
{
	const uint8_t wire[] = "\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
	struct reader r;

	(void)state;
	open_reader(&r, SERVER);
	offer_stepwise(&r, wire, sizeof(wire) - 1, 1);
	assert_int_equal(r.got.pieces, 5);
	assert_memory_equal(r.got.text, "<\xa\0\x80Hello>", 10);
	close_reader(&r);
}

static void
test_a_key_of_zeros_leaves_data_as_it_is(void **state)
{
	const uint8_t wire[] = "\x81\x85\0\0\0\0Hello";
	struct reader r;
	size_t step;

	(void)state;
	for (step = 1; step < sizeof(wire); step++) {
		open_reader(&r, SERVER);
		offer_stepwise(&r, wire, sizeof(wire) - 1, step);
		assert_memory_equal(r.got.text, "<\1\1\x80Hello>", 10);
		close_reader(&r);
	}
}

static void
test_what_lies_behind_a_frame_is_not_touched(void **state)
{
	struct wire w = { NULL, 0, 0 };
	struct lws_piece piece;
	struct lws_span in;
	struct reader r;
	uint8_t *before;
	size_t len, n;

	(void)state;
	for (len = 0; len < 300; len++) {
		w.len = 0;
		put_frame(&w, FIN | LWS_OP_BINARY, len, true);
		n = w.len;
		put_session(&w, true);
		before = malloc(w.len);
		assert_non_null(before);
		memcpy(before, w.p, w.len);
		in = lws_span(w.p, w.len);
		open_reader(&r, SERVER);
		assert_int_equal(lws_framer_13.next(&r.rx, &in, &piece),
				 LWS_FRAMER_PIECE);
		assert_ptr_equal(in.p, w.p + n);
		assert_int_equal(in.len, w.len - n);
		assert_memory_equal(in.p, before + n, in.len);
		assert_memory_equal(w.p, before, n - len);
		free(before);
	}
	free(w.p);
}

static void
test_init_knows_the_roles(void **state)
{
	struct reader r;

	(void)state;
	open_reader(&r, SERVER);
	assert_int_equal(r.rx.rules, LWS_RX_MASKED);
	assert_int_equal(r.tx.masking, 0);
	open_reader(&r, LENIENT);
	assert_true(r.rx.rules & LWS_RX_UNMASKED);
	open_reader(&r, CLIENT);
	assert_int_equal(r.rx.rules, 0);
	assert_int_equal(r.tx.masking, 1);
	assert_null(lws_framer_13.tail);
	assert_null(lws_framer_13.fini);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_slicing_gives_a_server_the_same),
		cmocka_unit_test(test_any_slicing_gives_a_client_the_same),
		cmocka_unit_test(
			test_any_slicing_gives_a_lenient_server_the_same),
		cmocka_unit_test(test_a_mask_does_not_outlive_its_frame),
		cmocka_unit_test(test_every_length_at_its_edges_is_read),
		cmocka_unit_test(test_the_vectors_are_read),
		cmocka_unit_test(test_the_vectors_are_written),
		cmocka_unit_test(
			test_lengths_are_written_in_their_shortest_form),
		cmocka_unit_test(test_what_no_frame_may_be_is_not_written),
		cmocka_unit_test(
			test_a_bare_frame_of_a_client_is_copied_as_it_is),
		cmocka_unit_test(
			test_random_messages_come_through_in_random_slices),
		cmocka_unit_test(test_every_fault_shows_at_its_first_byte),
		cmocka_unit_test(test_reserved_opcodes_fail_at_once),
		cmocka_unit_test(
			test_exactly_the_right_two_bytes_begin_a_frame),
		cmocka_unit_test(test_claimed_rsv_bits_are_passed_on),
		cmocka_unit_test(test_the_longest_length_allocates_nothing),
		cmocka_unit_test(
			test_a_header_without_payload_shows_nothing_yet),
		cmocka_unit_test(test_an_empty_frame_is_one_empty_piece),
		cmocka_unit_test(test_a_control_frame_may_be_cut_too),
		cmocka_unit_test(test_a_key_of_zeros_leaves_data_as_it_is),
		cmocka_unit_test(test_what_lies_behind_a_frame_is_not_touched),
		cmocka_unit_test(test_init_knows_the_roles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer-04_test.c - frames of versions 4, 5 and 6, both ways.
 */
#include "unit/framer_feed.h"

static const struct lws_framer_ops *const versions[] = {
	&lws_framer_04, &lws_framer_05, &lws_framer_06,
};

#define N_VERSIONS COUNT(versions)

/* ---- the vectors ---- */

static const struct {
	const struct lws_framer_ops *ops;
	unsigned first;
	const char *text, *server, *client;
} vectors[] = {
	{ &lws_framer_04, FIN | LWS_OP_TEXT, "Hello", "84 05 48 65 6c 6c 6f",
	  "37 fa 21 3d 06 45 7d c9 39 2a 52" },
	{ &lws_framer_04, FIN | LWS_OP_PING, "Hello", "82 05 48 65 6c 6c 6f",
	  "37 fa 21 3d 00 45 7d c9 39 2a 52" },
	{ &lws_framer_04, FIN | LWS_OP_CLOSE, "", "81 00",
	  "37 fa 21 3d 03 40" },
	{ &lws_framer_05, FIN | LWS_OP_TEXT, "Hello", "84 05 48 65 6c 6c 6f",
	  "37 fa 21 3d b3 ff 69 58 5b 96 4e" },
	{ &lws_framer_05, FIN | LWS_OP_PING, "Hello", "82 05 48 65 6c 6c 6f",
	  "37 fa 21 3d b5 ff 69 58 5b 96 4e" },
	{ &lws_framer_05, FIN | LWS_OP_CLOSE, "S", "81 01 53", NULL },
	{ &lws_framer_05, FIN | LWS_OP_CLOSE, "C", NULL,
	  "37 fa 21 3d b6 fb 62" },
	{ &lws_framer_06, FIN | LWS_OP_TEXT, "Hello", "84 05 48 65 6c 6c 6f",
	  "37 fa 21 3d b3 ff 69 58 5b 96 4e" },
	{ &lws_framer_06, FIN | LWS_OP_CLOSE, "\x03\xe8", "81 02 03 e8",
	  "37 fa 21 3d b6 f8 22 d5" },
};

static void
check_vector(size_t n, enum role writer, enum role reader, const char *hex)
{
	struct bytes w = { NULL, 0, 0 }, got = { NULL, 0, 0 };
	const uint8_t op = vectors[n].first & 15;
	const uint8_t kind = op & LWS_OP_CONTROL ? 0 : op;
	uint8_t wire[64];
	struct end e;
	size_t len;

	if (!hex)
		return;
	len = from_hex(hex, wire);
	open_end(&e, vectors[n].ops, writer);
	write_plain(&e, &w, vectors[n].first, vectors[n].text);
	assert_int_equal(w.len, len);
	assert_memory_equal(w.p, wire, len);
	close_end(&e);

	put(&got, (uint8_t[]){ '<', op, kind, FIN }, 4);
	put(&got, vectors[n].text, strlen(vectors[n].text));
	put(&got, ">", 1);
	open_end(&e, vectors[n].ops, reader);
	assert_true(offer(&e, wire, len));
	assert_int_equal(e.got.len, got.len);
	assert_memory_equal(e.got.p, got.p, got.len);
	close_end(&e);
	assert_any_slicing(vectors[n].ops, reader, &w);
	free(w.p);
	free(got.p);
}

static void
test_the_vectors_are_written_and_read(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(vectors); n++) {
		check_vector(n, SERVER, CLIENT, vectors[n].server);
		check_vector(n, CLIENT, SERVER, vectors[n].client);
	}
}

static void
test_the_key_of_em_websocket_is_applied(void **state)
{
	uint8_t wire[16];
	const size_t len = from_hex("00 00 01 00 84 05 49 65 6c 6c 6e", wire);
	size_t n, step;
	struct end e;

	(void)state;
	for (n = 1; n < N_VERSIONS; n++)
		for (step = 1; step <= len; step++) {
			open_end(&e, versions[n], SERVER);
			offer_stepwise(&e, wire, len, step);
			assert_int_equal(e.rc, 0);
			assert_memory_equal(e.got.p, "<\1\1\x80Hello>", 10);
			close_end(&e);
		}
}

static void
test_the_key_of_a_connection_of_4_is_derived(void **state)
{
	uint8_t want[20];
	struct end e;

	(void)state;
	from_hex("41 e1 4f 78 31 1e 4c 34 28 3e 6d 8b 36 3b 88 48 d5 85 91 a7",
		 want);
	open_end(&e, &lws_framer_04, SERVER);
	assert_memory_equal(e.rx.keys, want, 20);
	assert_null(e.tx.keys);
	close_end(&e);
	open_end(&e, &lws_framer_04, CLIENT);
	assert_memory_equal(e.tx.keys, want, 20);
	assert_null(e.rx.keys);
	close_end(&e);
}

/* ---- slices and lengths ---- */

static void
write_pattern(struct end *e, struct bytes *w, unsigned first, size_t len)
{
	const struct lws_frame_spec spec = {
		.len = len,
		.opcode = first & 15,
		.bits = (uint8_t)(first & 0xf0),
	};
	uint8_t *payload = malloc(len ? len : 1);
	size_t n;

	assert_non_null(payload);
	for (n = 0; n < len; n++)
		payload[n] = (uint8_t)(n * 7 + len);
	write_frame(e, w, spec, payload);
	free(payload);
}

/* every kind of frame, where it may stand, at lengths that cut differently */
static void
write_session(struct end *e, struct bytes *w)
{
	write_pattern(e, w, FIN | LWS_OP_TEXT, 20);
	write_pattern(e, w, FIN | LWS_OP_BINARY, 0);
	write_pattern(e, w, FIN | LWS_OP_PING, 5);
	write_pattern(e, w, LWS_OP_BINARY, 3);
	write_pattern(e, w, LWS_OP_CONTINUATION, 0);
	write_pattern(e, w, FIN | LWS_OP_PING, 0);
	write_pattern(e, w, LWS_OP_CONTINUATION, 9);
	write_pattern(e, w, FIN | LWS_OP_PONG, 125);
	write_pattern(e, w, FIN | LWS_OP_CONTINUATION, 1);
	write_pattern(e, w, FIN | LWS_OP_TEXT, 125);
	write_pattern(e, w, FIN | LWS_OP_TEXT, 126);
	write_pattern(e, w, LWS_OP_TEXT, 0);
	write_pattern(e, w, FIN | LWS_OP_CONTINUATION, 0);
	write_pattern(e, w, FIN | LWS_OP_CLOSE, 2);
}

static void
check_session(const struct lws_framer_ops *ops, enum role from, enum role to)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	open_end(&e, ops, from);
	write_session(&e, &w);
	close_end(&e);
	open_end(&e, ops, to);
	assert_true(offer(&e, w.p, w.len));
	close_end(&e);
	assert_any_slicing(ops, to, &w);
	free(w.p);
}

static void
test_any_slicing_gives_the_same(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		check_session(versions[n], CLIENT, SERVER);
		check_session(versions[n], SERVER, CLIENT);
		check_session(versions[n], CLIENT, LENIENT);
		check_session(versions[n], DEFEATED, LENIENT);
	}
}

static void
check_length(const struct lws_framer_ops *ops, size_t len, const char *hex)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t head[16];
	const size_t n = from_hex(hex, head);
	struct end server, client;

	open_end(&server, ops, SERVER);
	open_end(&client, ops, CLIENT);
	write_pattern(&server, &w, FIN | LWS_OP_BINARY, len);
	assert_int_equal(w.len, n + len);
	assert_memory_equal(w.p, head, n);
	assert_true(offer(&client, w.p, w.len));
	assert_int_equal(client.got.len, len + 5);
	w.len = 0;
	write_pattern(&client, &w, FIN | LWS_OP_BINARY, len);
	assert_int_equal(w.len, 4 + n + len);
	assert_true(offer(&server, w.p, w.len));
	assert_same(&server, &client);
	close_end(&server);
	close_end(&client);
	free(w.p);
}

static void
test_every_length_at_its_edges(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		check_length(versions[n], 0, "85 00");
		check_length(versions[n], 1, "85 01");
		check_length(versions[n], 125, "85 7d");
		check_length(versions[n], 126, "85 7e 00 7e");
		check_length(versions[n], 65535, "85 7e ff ff");
		check_length(versions[n], 65536,
			     "85 7f 00 00 00 00 00 01 00 00");
	}
}

/* A client masks in parts of any size what a server reads in any other. */
static void
test_random_messages_come_through(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end from, to, whole;
	uint32_t seed, n;
	size_t at, step, k;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++)
		for (seed = 0; seed < 60; seed++) {
			uint32_t s = seed;

			open_end(&from, versions[k], CLIENT);
			open_end(&to, versions[k], SERVER);
			open_end(&whole, versions[k], SERVER);
			w.len = 0;
			for (n = 0; n < 12; n++)
				write_pattern(&from, &w,
					      FIN | (some(&s, 2)
							     ? LWS_OP_TEXT
							     : LWS_OP_BINARY),
					      some(&s, 3) ? some(&s, 200)
							  : some(&s, 70000));
			assert_true(offer(&whole, w.p, w.len));
			for (at = 0; at < w.len; at += step) {
				step = lws_min(1 + some(&s, 3000),
					       w.len - at);
				assert_true(offer(&to, w.p + at, step));
			}
			assert_same(&to, &whole);
			close_end(&from);
			close_end(&to);
			close_end(&whole);
		}
	free(w.p);
}

/* ---- what must fail ---- */

/* A header in clear that fails at its byte @at. */
struct fault {
	const char *what, *hex;
	size_t at;
	bool in_message;
};

static const struct fault faults[] = {
	{ "RSV1", "c4 00", 0, false },
	{ "RSV2", "a4 00", 0, false },
	{ "RSV3", "94 00", 0, false },
	{ "RSV1 on a continuation", "c0 00", 0, true },
	{ "opcode 6", "86 00", 0, false },
	{ "opcode 8, that of a later generation", "88 00", 0, false },
	{ "opcode 9", "89 00", 0, false },
	{ "opcode A", "8a 00", 0, false },
	{ "opcode F", "8f 00", 0, false },
	{ "opcode 7 in a message", "87 00", 0, true },
	{ "Close without FIN", "01 00", 0, false },
	{ "Ping without FIN", "02 00", 0, false },
	{ "Pong without FIN", "03 00", 0, true },
	{ "RSV4 on text", "84 85", 1, false },
	{ "RSV4 on a Ping", "82 80", 1, false },
	{ "RSV4 with a long length", "85 fe 01 00", 1, false },
	{ "Ping of 126", "82 7e 00 7e", 1, false },
	{ "Close of 65536", "81 7f 00 00 00 00 00 01 00 00", 1, false },
	{ "2^63", "85 7f 80 00 00 00 00 00 00 00", 2, false },
	{ "2^64-1", "85 7f ff ff ff ff ff ff ff ff", 2, false },
	{ "125 in two bytes", "85 7e 00 7d", 3, false },
	{ "65535 in eight bytes", "85 7f 00 00 00 00 00 00 ff ff", 7, false },
	{ "continuation of nothing", "80 00", 0, false },
	{ "continuation of nothing without FIN", "00 00", 0, false },
	{ "text in a message", "84 00", 0, true },
	{ "binary in a message", "85 00", 0, true },
};

/* Mask the header as a client of that version does, whatever it says. */
static void
put_faulty(struct end *client, struct bytes *w, const struct fault *f)
{
	uint8_t plain[16], masked[16], text[16];
	const size_t len = from_hex(f->hex, plain);
	struct bytes good = { NULL, 0, 0 };
	size_t n;

	if (f->in_message)
		write_plain(client, w, LWS_OP_TEXT, "Hel");
	/* a good frame shows the stream: its header and payload are known */
	memset(text, 0, sizeof(text));
	write_frame(client, &good,
		    (struct lws_frame_spec){ .len = sizeof(text),
					     .opcode = LWS_OP_BINARY,
					     .bits = FIN }, text);
	memcpy(masked, good.p + 4, sizeof(masked));
	masked[0] ^= 0x85;
	masked[1] ^= sizeof(text);
	for (n = 0; n < len; n++)
		masked[n] ^= plain[n];
	put(w, good.p, 4);
	put(w, masked, len);
	free(good.p);
}

static void
check_fault(const struct lws_framer_ops *ops, const struct fault *f,
	    const struct bytes *w, enum role role)
{
	uint8_t plain[16];
	const size_t good = w->len - from_hex(f->hex, plain) + f->at;
	struct end e;

	open_end(&e, ops, role);
	offer_stepwise(&e, w->p, good, 3);
	if (e.rc)
		fail_msg("%s %s: too early", ops->name, f->what);
	offer(&e, w->p + good, 1);
	if (e.rc != LWS_ERR_PROTOCOL)
		fail_msg("%s %s: %d at its byte", ops->name, f->what, e.rc);
	close_end(&e);
	assert_any_slicing(ops, role, w);
}

static void
test_every_fault_shows_at_its_first_byte(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t plain[16];
	struct end e;
	size_t n, k;

	(void)state;
	for (k = 0; k < N_VERSIONS; k++)
		for (n = 0; n < COUNT(faults); n++) {
			w.len = 0;
			open_end(&e, versions[k], CLIENT);
			put_faulty(&e, &w, &faults[n]);
			close_end(&e);
			check_fault(versions[k], &faults[n], &w, SERVER);

			w.len = 0;
			if (faults[n].in_message)
				put(&w, "\4\3Hel", 5);
			put(&w, plain, from_hex(faults[n].hex, plain));
			check_fault(versions[k], &faults[n], &w, CLIENT);
		}
	free(w.p);
}

static void
test_claimed_rsv_bits_are_passed_on(void **state)
{
	const uint8_t wire[] = { FIN | 0x40 | 4, 1, 'x' };
	struct end e;

	(void)state;
	open_end(&e, &lws_framer_06, CLIENT);
	e.rx.rsv = 0x40;
	assert_true(offer(&e, wire, sizeof(wire)));
	assert_int_equal(e.got.p[3], FIN | 0x40);
	close_end(&e);
}

/* 2^63-1 is a promise, not a need; on 32 bits it is more than can be counted */
static void
test_the_longest_length_allocates_nothing(void **state)
{
	static const uint8_t wire[] = "\x85\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"
				      "abc";
	struct end e;
	size_t n;

	(void)state;
	unit_allow(-1);
	for (n = 0; n < N_VERSIONS; n++) {
		open_end(&e, versions[n], CLIENT);
		unit_allow(0);
		offer(&e, wire, sizeof(wire) - 1);
		assert_int_equal(e.rc, sizeof(size_t) < 8 ? LWS_ERR_LIMIT : 0);
		unit_allow(-1);
		close_end(&e);
	}
	lws_set_allocator(NULL);
}

static void
test_what_no_frame_may_be_is_not_written(void **state)
{
	struct lws_frame_spec spec = { .len = 126, .opcode = LWS_OP_PING,
				       .bits = FIN };
	uint8_t head[LWS_FRAME_HEAD_MAX];
	struct end e;
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		open_end(&e, versions[n], SERVER);
		spec.len = 126;
		spec.opcode = LWS_OP_PING;
		assert_int_equal(versions[n]->head(&e.tx, &spec, head),
				 LWS_ERR_UNSUPPORTED);
		spec.len = (uint64_t)1 << 63;
		spec.opcode = LWS_OP_BINARY;
		assert_int_equal(versions[n]->head(&e.tx, &spec, head),
				 LWS_ERR_UNSUPPORTED);
		close_end(&e);
	}
}

/* ---- no mask ---- */

/* Zeros in front, and nothing masked: by frame, or for the whole connection. */
static void
check_plain(const struct lws_framer_ops *ops, enum role role, bool plain)
{
	static const uint8_t want[] = "\0\0\0\0\x84\5Hello";
	const struct lws_frame_spec spec = {
		.len = 5, .opcode = LWS_OP_TEXT, .bits = FIN, .plain = plain,
	};
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	open_end(&e, ops, role);
	write_frame(&e, &w, spec, "Hello");
	assert_int_equal(w.len, sizeof(want) - 1);
	assert_memory_equal(w.p, want, w.len);
	close_end(&e);

	open_end(&e, ops, LENIENT);
	assert_true(offer(&e, w.p, w.len));
	assert_memory_equal(e.got.p, "<\1\1\x80Hello>", 10);
	close_end(&e);
	assert_any_slicing(ops, LENIENT, &w);
	free(w.p);
}

static void
test_a_frame_may_be_sent_unmasked_behind_zeros(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		check_plain(versions[n], CLIENT, true);
		check_plain(versions[n], DEFEATED, false);
	}
}

static void
test_a_nonce_of_zeros_masks_in_version_4(void **state)
{
	const struct lws_frame_spec spec = {
		.len = 5, .mask = (const uint8_t[4]){ 0 },
		.opcode = LWS_OP_TEXT, .bits = FIN,
	};
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	(void)state;
	open_end(&e, &lws_framer_04, CLIENT);
	write_frame(&e, &w, spec, "Hello");
	assert_memory_not_equal(w.p + 4, "\x84\5Hello", 7);
	close_end(&e);
	open_end(&e, &lws_framer_04, SERVER);
	assert_true(offer(&e, w.p, w.len));
	assert_memory_equal(e.got.p, "<\1\1\x80Hello>", 10);
	close_end(&e);
	free(w.p);
}

/* ---- memory ---- */

static void
test_4_has_one_allocation_and_lives_without(void **state)
{
	const struct lws_wire_keys keys = { .client = true };
	struct lws_rx_frame rx = { .left = 0 };
	struct lws_tx_frame tx = { .keys = NULL };

	(void)state;
	unit_allow(0);
	assert_int_equal(lws_framer_04.init(&rx, &tx, &keys), LWS_ERR_NOMEM);
	lws_framer_04.fini(&rx, &tx);
	unit_allow(1);
	assert_int_equal(lws_framer_04.init(&rx, &tx, &keys), 0);
	assert_int_equal(unit_blocks, 1);
	lws_framer_04.fini(&rx, &tx);
	assert_int_equal(unit_blocks, 0);
	lws_framer_04.fini(&rx, &tx);
	lws_set_allocator(NULL);
}

static void
test_a_nonce_beyond_all_bounds_is_refused(void **state)
{
	static char text[1000];
	struct lws_wire_keys keys = { .client = true };
	struct lws_rx_frame rx = { .left = 0 };
	struct lws_tx_frame tx = { .keys = NULL };

	(void)state;
	memset(text, 'A', sizeof(text));
	keys.nonce = lws_span(text, sizeof(text));
	assert_int_equal(lws_framer_04.init(&rx, &tx, &keys), LWS_ERR_LIMIT);
	lws_framer_04.fini(&rx, &tx);
}

static void
test_the_versions_say_what_they_can(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		assert_true(versions[n]->pings);
		assert_false(versions[n]->short_form);
		assert_false(versions[n]->check_text);
		assert_null(versions[n]->tail);
		assert_null(versions[n]->carries);
	}
	assert_false(lws_framer_04.close_coded);
	assert_false(lws_framer_05.close_coded);
	assert_true(lws_framer_06.close_coded);
	assert_true(lws_framer_04.close_echoed);
	assert_false(lws_framer_05.close_echoed);
	assert_true(lws_framer_06.close_echoed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vectors_are_written_and_read),
		cmocka_unit_test(test_the_key_of_em_websocket_is_applied),
		cmocka_unit_test(test_the_key_of_a_connection_of_4_is_derived),
		cmocka_unit_test(test_any_slicing_gives_the_same),
		cmocka_unit_test(test_every_length_at_its_edges),
		cmocka_unit_test(test_random_messages_come_through),
		cmocka_unit_test(test_every_fault_shows_at_its_first_byte),
		cmocka_unit_test(test_claimed_rsv_bits_are_passed_on),
		cmocka_unit_test(test_the_longest_length_allocates_nothing),
		cmocka_unit_test(test_what_no_frame_may_be_is_not_written),
		cmocka_unit_test(
			test_a_frame_may_be_sent_unmasked_behind_zeros),
		cmocka_unit_test(test_a_nonce_of_zeros_masks_in_version_4),
		cmocka_unit_test(test_4_has_one_allocation_and_lives_without),
		cmocka_unit_test(test_a_nonce_beyond_all_bounds_is_refused),
		cmocka_unit_test(test_the_versions_say_what_they_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

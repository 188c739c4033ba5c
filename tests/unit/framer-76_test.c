/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * framer-76_test.c - frames of version 76, both ways.
 */
#include "unit/framer_feed.h"

static const struct lws_framer_ops *const ops = &lws_framer_76;

/* @wire, @len bytes, reads as @want in any slicing, whoever reads. */
static void
check_read(const void *wire, size_t len, const void *want, size_t want_len)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	put(&w, wire, len);
	open_end(&e, ops, SERVER);
	assert_true(offer(&e, w.p, w.len));
	assert_int_equal(e.got.len, want_len);
	if (want_len)
		assert_memory_equal(e.got.p, want, want_len);
	close_end(&e);
	assert_any_slicing(ops, SERVER, &w);
	assert_any_slicing(ops, CLIENT, &w);
	free(w.p);
}

#define CHECK_READ(wire, want) \
	check_read(wire, sizeof(wire) - 1, want, sizeof(want) - 1)

static void
test_the_vectors_are_read(void **state)
{
	(void)state;
	CHECK_READ("\x00Hello\xff", "<\1\1\x80Hello>");
	CHECK_READ("\xff\x00", "<\x8\0\x80>");
	CHECK_READ("\x80\x03" "abc", "");
	CHECK_READ("\x00\xff", "<\1\1\x80>");
	CHECK_READ("\x00" "a\xff\x00" "b\xff\xff\x00",
		   "<\1\1\x80" "a><\1\1\x80" "b><\x8\0\x80>");
}

static void
test_other_types_are_thrown_away(void **state)
{
	(void)state;
	CHECK_READ("\x01" "abc\xff\x7f\x00\xff\x00" "d\xff",
		   "<\1\1\x80" "d>");
	CHECK_READ("\x80\x00\x00" "d\xff", "<\1\1\x80" "d>");
	CHECK_READ("\x80\x02\x00" "x\x00" "d\xff", "<\1\1\x80" "d>");
	CHECK_READ("\xfe\x80\x80\x01\xff\x00" "d\xff", "<\1\1\x80" "d>");
	CHECK_READ("\xff\x02\xff\x00\x00" "d\xff", "<\1\1\x80" "d>");
	CHECK_READ("\xff\x80\x00", "<\x8\0\x80>");
}

static void
check_skip(const char *head, size_t len)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t bytes[16], *payload = malloc(len);
	struct end e;
	size_t step;

	assert_non_null(payload);
	memset(payload, 0xff, len);
	put(&w, bytes, from_hex(head, bytes));
	put(&w, payload, len);
	put(&w, "\x00" "d\xff", 3);
	for (step = 1; step < w.len; step = step * 3 + 1) {
		open_end(&e, ops, SERVER);
		offer_stepwise(&e, w.p, w.len, step);
		assert_int_equal(e.rc, 0);
		assert_int_equal(e.got.len, 6);
		assert_memory_equal(e.got.p, "<\1\1\x80" "d>", 6);
		close_end(&e);
	}
	free(payload);
	free(w.p);
}

static void
test_a_length_is_skipped(void **state)
{
	(void)state;
	check_skip("80 03", 3);
	check_skip("80 7f", 127);
	check_skip("80 81 00", 128);
	check_skip("80 82 2c", 300);
	check_skip("80 81 80 00", 16384);
	check_skip("ff 82 2c", 300);
	check_skip("80 80 80 80 80 80 80 80 80 03", 3);
	check_skip("80 88 80 80 00", 16 << 20);
}

/* The length fails at its byte @at, nothing allocated, whatever the slices. */
static void
check_too_long(const char *hex, size_t at)
{
	struct bytes w = { NULL, 0, 0 };
	uint8_t bytes[32];
	struct end e;

	put(&w, bytes, from_hex(hex, bytes));
	unit_allow(0);
	open_end(&e, ops, SERVER);
	assert_true(offer(&e, w.p, at));
	offer(&e, w.p + at, 1);
	assert_int_equal(e.rc, LWS_ERR_LIMIT);
	close_end(&e);
	assert_any_slicing(ops, SERVER, &w);
	lws_set_allocator(NULL);
	free(w.p);
}

static void
test_a_length_over_the_limit_ends_it(void **state)
{
	(void)state;
	check_too_long("80 88 80 80 01", 4);
	check_too_long("80 80 80 80 80 80 80 80 80 80", 9);
	check_too_long("80 81 80 80 80 80 80 80 80 80 00", 5);
	check_too_long("ff ff ff ff ff ff ff ff ff ff", 4);
	check_too_long("81 ff ff ff ff ff ff ff ff 7f", 4);
}

/* left is 1 until the FF is in sight, which then is taken by the next call */
static void
test_the_end_of_a_text_is_told_with_its_last_piece(void **state)
{
	uint8_t wire[] = "\x00Hello\xff\x00more";
	struct lws_span in = { wire, 4 };
	struct lws_piece p;
	struct end e;

	(void)state;
	open_end(&e, ops, SERVER);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_PIECE);
	assert_int_equal(p.data.len, 3);
	assert_true(p.first && p.left == 1 && e.rx.left == 1);
	assert_int_equal(p.bits, FIN);
	assert_int_equal(p.kind, LWS_OP_TEXT);
	in = lws_span(wire + 4, 8);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_PIECE);
	assert_int_equal(p.data.len, 2);
	assert_true(!p.first && p.left == 0 && e.rx.left == 0);
	assert_ptr_equal(in.p, wire + 6);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_PIECE);
	assert_int_equal(p.data.len, 4);
	assert_true(p.first && p.left == 1);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_AGAIN);
	close_end(&e);
}

static void
test_an_end_alone_is_an_empty_last_piece(void **state)
{
	uint8_t wire[] = "\x00Hello\xff";
	struct lws_span in = { wire, 6 };
	struct lws_piece p;
	struct end e;

	(void)state;
	open_end(&e, ops, SERVER);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_PIECE);
	assert_int_equal(p.data.len, 5);
	assert_int_equal(p.left, 1);
	in = lws_span(wire + 6, 1);
	assert_int_equal(ops->next(&e.rx, &in, &p), LWS_FRAMER_PIECE);
	assert_int_equal(p.data.len, 0);
	assert_true(!p.first && p.left == 0);
	assert_int_equal(in.len, 0);
	close_end(&e);
}

static void
assert_wire(struct bytes *w, const void *want, size_t len)
{
	assert_int_equal(w->len, len);
	assert_memory_equal(w->p, want, len);
	w->len = 0;
}

static void
test_text_and_close_are_written(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;
	int role;

	(void)state;
	for (role = SERVER; role <= DEFEATED; role++) {
		open_end(&e, ops, (enum role)role);
		write_plain(&e, &w, FIN | LWS_OP_TEXT, "Hello");
		assert_wire(&w, "\x00Hello\xff", 7);
		write_plain(&e, &w, FIN | LWS_OP_TEXT, "");
		assert_wire(&w, "\x00\xff", 2);
		write_plain(&e, &w, FIN | LWS_OP_CLOSE, "");
		assert_wire(&w, "\xff\x00", 2);
		close_end(&e);
	}
	free(w.p);
}

static void
test_fragments_are_one_text(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	(void)state;
	open_end(&e, ops, CLIENT);
	write_plain(&e, &w, LWS_OP_TEXT, "Hel");
	write_plain(&e, &w, LWS_OP_CONTINUATION, "");
	write_plain(&e, &w, LWS_OP_CONTINUATION, "lo");
	write_plain(&e, &w, FIN | LWS_OP_CONTINUATION, "!");
	assert_wire(&w, "\x00Hello!\xff", 8);
	write_plain(&e, &w, LWS_OP_TEXT, "");
	write_plain(&e, &w, FIN | LWS_OP_CONTINUATION, "");
	assert_wire(&w, "\x00\xff", 2);
	close_end(&e);
	free(w.p);
}

static void
test_a_close_ends_an_open_text_first(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	(void)state;
	open_end(&e, ops, SERVER);
	write_plain(&e, &w, LWS_OP_TEXT, "Hel");
	write_plain(&e, &w, FIN | LWS_OP_CLOSE, "");
	assert_wire(&w, "\x00Hel\xff\xff\x00", 7);
	close_end(&e);
	free(w.p);
}

static int
try_head(struct end *e, unsigned opcode, uint64_t len)
{
	const struct lws_frame_spec spec = {
		.len = len, .opcode = (uint8_t)opcode, .bits = FIN,
	};
	uint8_t head[LWS_FRAME_HEAD_MAX];

	return ops->head(&e->tx, &spec, head);
}

static void
test_what_it_has_no_frame_for_is_refused(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end e;

	(void)state;
	open_end(&e, ops, SERVER);
	assert_int_equal(try_head(&e, LWS_OP_BINARY, 1), LWS_ERR_UNSUPPORTED);
	assert_int_equal(try_head(&e, LWS_OP_PING, 0), LWS_ERR_UNSUPPORTED);
	assert_int_equal(try_head(&e, LWS_OP_PONG, 0), LWS_ERR_UNSUPPORTED);
	assert_int_equal(try_head(&e, LWS_OP_CONTINUATION, 1),
			 LWS_ERR_UNSUPPORTED);
	assert_int_equal(try_head(&e, LWS_OP_CLOSE, 2), LWS_ERR_UNSUPPORTED);
	write_plain(&e, &w, LWS_OP_TEXT, "a");
	assert_int_equal(try_head(&e, LWS_OP_TEXT, 1), LWS_ERR_UNSUPPORTED);
	assert_int_equal(try_head(&e, LWS_OP_BINARY, 1), LWS_ERR_UNSUPPORTED);
	write_plain(&e, &w, FIN | LWS_OP_CONTINUATION, "b");
	assert_wire(&w, "\x00" "ab\xff", 4);
	close_end(&e);
	free(w.p);
}

static void
test_a_text_cannot_hold_ff(void **state)
{
	uint8_t text[100];
	size_t n;

	(void)state;
	memset(text, 0xfe, sizeof(text));
	assert_true(ops->carries(lws_span(text, sizeof(text))));
	assert_true(ops->carries(lws_span(NULL, 0)));
	for (n = 0; n < sizeof(text); n++) {
		text[n] = 0xff;
		assert_false(ops->carries(lws_span(text, sizeof(text))));
		text[n] = 0xfe;
	}
}

/* texts of any bytes but one, between frames that are skipped */
static void
test_random_texts_come_through(void **state)
{
	struct bytes w = { NULL, 0, 0 };
	struct end from, to, whole;
	uint8_t text[3000];
	uint32_t seed, n, k;
	size_t at, step;

	(void)state;
	for (seed = 0; seed < 100; seed++) {
		uint32_t s = seed;

		open_end(&from, ops, CLIENT);
		open_end(&to, ops, SERVER);
		open_end(&whole, ops, SERVER);
		w.len = 0;
		for (n = 0; n < 20; n++) {
			const struct lws_frame_spec spec = {
				.len = some(&s, sizeof(text)),
				.opcode = LWS_OP_TEXT, .bits = FIN,
			};

			for (k = 0; k < spec.len; k++)
				text[k] = (uint8_t)some(&s, 255);
			if (some(&s, 3) == 0)
				put(&w, "\x85\x02\xff\xff", 4);
			write_frame(&from, &w, spec, text);
		}
		assert_true(offer(&whole, w.p, w.len));
		for (at = 0; at < w.len; at += step) {
			step = lws_min(1 + some(&s, some(&s, 2) ? 5 : 4000),
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

static void
test_it_says_what_it_can(void **state)
{
	(void)state;
	assert_false(ops->pings);
	assert_false(ops->short_form);
	assert_false(ops->check_text);
	assert_false(ops->close_coded);
	assert_false(ops->close_echoed);
	assert_null(ops->fini);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vectors_are_read),
		cmocka_unit_test(test_other_types_are_thrown_away),
		cmocka_unit_test(test_a_length_is_skipped),
		cmocka_unit_test(test_a_length_over_the_limit_ends_it),
		cmocka_unit_test(
			test_the_end_of_a_text_is_told_with_its_last_piece),
		cmocka_unit_test(test_an_end_alone_is_an_empty_last_piece),
		cmocka_unit_test(test_text_and_close_are_written),
		cmocka_unit_test(test_fragments_are_one_text),
		cmocka_unit_test(test_a_close_ends_an_open_text_first),
		cmocka_unit_test(test_what_it_has_no_frame_for_is_refused),
		cmocka_unit_test(test_a_text_cannot_hold_ff),
		cmocka_unit_test(test_random_texts_come_through),
		cmocka_unit_test(test_it_says_what_it_can),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

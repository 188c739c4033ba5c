/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of ext/chain.c: links that change, hold back, cut and multiply what
 * runs through them, in every order, and runs that are laid aside anywhere.
 */
#include "unit/unit.h"

#include "base/alloc.h"
#include "ext/chain.h"

/* what a link does; also the letter it leaves where it closes */
enum work {
	PASS,	/* gives on what it got */
	GATHER, /* holds everything back until the frame ends */
	CUT,	/* gives it on in bytes */
	TWICE,	/* gives every byte twice, half a piece at a time */
	LATE,	/* says that there is more when there is not */
	WORKS
};

struct link {
	enum work work;
	size_t len;	 /* GATHER: bytes it has */
	bool half, late; /* TWICE, LATE: in the middle */
	uint8_t data[256];
};

static char closed[64 + LWS_MAX_EXTENSIONS_ACTIVE];
static size_t count_closed;

static int
pass(struct link *l, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	(void)l;
	*out = *in;
	return LWS_EXT_PIECE;
}

static int
gather(struct link *l, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	if (in->first)
		l->len = 0;
	assert_true(l->len + in->data.len <= sizeof(l->data));
	if (in->data.len)
		memcpy(l->data + l->len, in->data.p, in->data.len);
	l->len += in->data.len;
	if (!in->last)
		return LWS_EXT_NOTHING;
	*out = *in;
	out->data = lws_span(l->data, l->len);
	out->first = true;
	return LWS_EXT_PIECE;
}

static int
cut(struct link *l, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	*out = *in;
	in->first = false;
	out->data = lws_span_take(&in->data, 1);
	if (out->data.len) {
		l->data[0] = out->data.p[0];
		out->data.p = l->data;
	}
	out->last = in->last && !in->data.len;
	return in->data.len ? LWS_EXT_MORE : LWS_EXT_PIECE;
}

static int
twice(struct link *l, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	struct lws_span half;
	size_t n;

	half = lws_span_take(&in->data,
			     l->half ? in->data.len : (in->data.len + 1) / 2);
	for (n = 0; n < half.len; n++)
		l->data[2 * n] = l->data[2 * n + 1] = half.p[n];
	*out = *in;
	in->first = false;
	out->data = lws_span(l->data, 2 * half.len);
	l->half = in->data.len > 0;
	out->last = in->last && !l->half;
	return l->half ? LWS_EXT_MORE : LWS_EXT_PIECE;
}

/* Never of what ends a frame: that ends in an output that says so. */
static int
late(struct link *l, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	if (l->late) {
		l->late = false;
		return LWS_EXT_NOTHING;
	}
	*out = *in;
	in->data.len = 0;
	l->late = !in->last;
	return l->late ? LWS_EXT_MORE : LWS_EXT_PIECE;
}

static int
work(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	static int (*const works[])(struct link *, struct lws_ext_piece *,
				    struct lws_ext_piece *) = {
		[PASS] = pass,	 [GATHER] = gather, [CUT] = cut,
		[TWICE] = twice, [LATE] = late,
	};
	struct link *l = state;

	return works[l->work](l, in, out);
}

static int
refuse(void *state, struct lws_ext_piece *in, struct lws_ext_piece *out)
{
	(void)state;
	(void)in;
	(void)out;
	return LWS_ERR_TEXT;
}

static void
close_link(void *state)
{
	struct link *l = state;

	closed[count_closed++] = (char)('a' + (int)l->work);
	closed[count_closed] = '\0';
	lws_free(l);
}

static const struct lws_ext_ops both = {
	.name = "both",
	.rx = work,
	.tx = work,
	.rx_bytes = work,
	.tx_bytes = work,
	.rsv = LWS_FRAME_RSV1,
	.close = close_link,
};
static const struct lws_ext_ops inward = {
	.name = "inward",
	.rx = work,
	.close = close_link,
};
static const struct lws_ext_ops broken = {
	.name = "broken",
	.rx = work,
	.tx = refuse,
	.close = close_link,
};

static void
begin(void)
{
	unit_allow(-1);
	unit_blocks = 0;
	count_closed = 0;
	closed[0] = '\0';
}

static void
end(struct lws_ext_chain *chain)
{
	lws_chain_free(chain);
	assert_int_equal(unit_blocks, 0);
	lws_set_allocator(NULL);
}

static struct link *
new_link(enum work what)
{
	struct link *l = lws_zalloc(sizeof(*l));

	assert_non_null(l);
	l->work = what;
	return l;
}

static void
add(struct lws_ext_chain **chain, enum work what, const struct lws_ext_ops *ops)
{
	assert_int_equal(lws_chain_add(chain, ops, new_link(what)), 0);
}

/* A frame's @len bytes of @text, of which the front is at @p. */
static struct lws_ext_piece
piece(const char *p, size_t len, bool first, bool last)
{
	const struct lws_ext_piece piece = {
		.data = lws_span(p, len),
		.opcode = LWS_OP_TEXT,
		.kind = LWS_OP_TEXT,
		.bits = LWS_FRAME_FIN,
		.first = first,
		.last = last,
	};

	return piece;
}

/* ---- what came out ---- */

static struct {
	char text[512];
	size_t len;
	unsigned lasts;	   /* outputs that ended a frame */
	bool begun, ended; /* the first began it, the latest ended it */
} got;

static void
note(const struct lws_ext_piece *out)
{
	got.begun = got.begun || out->first;
	assert_true(got.len + out->data.len < sizeof(got.text));
	if (out->data.len)
		memcpy(got.text + got.len, out->data.p, out->data.len);
	got.len += out->data.len;
	got.text[got.len] = '\0';
	got.lasts += out->last;
	got.ended = out->last;
	assert_int_equal(out->opcode, LWS_OP_TEXT);
	assert_int_equal(out->bits, LWS_FRAME_FIN);
}

/* what becomes of @text when @chain has so many links that double */
static void
check(const char *text, unsigned doublers)
{
	size_t n = strlen(text), times = (size_t)1 << doublers;

	assert_int_equal(got.len, n * times);
	for (n = 0; n < got.len; n++)
		assert_int_equal(got.text[n], text[n / times]);
	assert_int_equal(got.lasts, 1);
	assert_true(got.begun && got.ended);
}

/* Put one piece through, in a copy that is overwritten afterwards. */
static void
put(struct lws_ext_chain *chain, enum lws_ext_way way,
    const struct lws_ext_piece *in)
{
	struct lws_ext_piece mine = *in;
	struct lws_ext_run run;
	char data[64];
	int rc;

	if (in->data.len)
		memcpy(data, in->data.p, in->data.len);
	mine.data.p = (uint8_t *)data;
	lws_run_begin(&run, chain, way, &mine);
	while ((rc = lws_run_next(&run)) == LWS_EXT_PIECE)
		note(&run.out);
	assert_int_equal(rc, LWS_EXT_NOTHING);
	assert_false(lws_run_more(&run));
	memset(data, '?', sizeof(data));
}

/* ---- tests ---- */

static void
test_a_chain_knows_its_bits_and_ways(void **state)
{
	struct lws_ext_chain *chain = NULL;

	(void)state;
	begin();
	add(&chain, PASS, &inward);
	assert_int_equal(chain->count, 1);
	assert_int_equal(lws_chain_rsv(chain), 0);
	assert_true(lws_chain_goes(chain, LWS_EXT_RX));
	assert_false(lws_chain_goes(chain, LWS_EXT_TX));
	assert_false(lws_chain_goes(chain, LWS_EXT_RX_BYTES));
	assert_false(lws_chain_goes(chain, LWS_EXT_TX_BYTES));
	add(&chain, PASS, &both);
	assert_int_equal(lws_chain_rsv(chain), LWS_FRAME_RSV1);
	assert_true(lws_chain_goes(chain, LWS_EXT_TX));
	assert_true(lws_chain_goes(chain, LWS_EXT_RX_BYTES));
	assert_true(lws_chain_goes(chain, LWS_EXT_TX_BYTES));
	end(chain);
}

static void
test_links_close_last_first(void **state)
{
	struct lws_ext_chain *chain = NULL;

	(void)state;
	begin();
	add(&chain, PASS, &both);
	add(&chain, GATHER, &inward);
	add(&chain, CUT, &both);
	end(chain);
	assert_string_equal(closed, "cba");
	lws_chain_free(NULL);
}

static void
test_no_more_links_than_the_limit(void **state)
{
	struct lws_ext_chain *chain = NULL;
	int n;

	(void)state;
	begin();
	for (n = 0; n < LWS_MAX_EXTENSIONS_ACTIVE; n++)
		add(&chain, PASS, &both);
	assert_int_equal(lws_chain_add(&chain, &both, new_link(CUT)),
			 LWS_ERR_LIMIT);
	assert_string_equal(closed, "c");
	assert_int_equal(chain->count, LWS_MAX_EXTENSIONS_ACTIVE);

	/* and all of them are gone through */
	memset(&got, 0, sizeof(got));
	put(chain, LWS_EXT_RX,
	    &(struct lws_ext_piece){ .data = lws_span_str("x"),
				     .opcode = LWS_OP_TEXT,
				     .bits = LWS_FRAME_FIN,
				     .first = true,
				     .last = true });
	check("x", 0);
	end(chain);
}

static void
test_a_link_for_which_there_is_no_memory_is_closed(void **state)
{
	struct lws_ext_chain *chain = NULL;
	struct link *l;

	(void)state;
	begin();
	l = new_link(TWICE);
	unit_allow(0);
	assert_int_equal(lws_chain_add(&chain, &both, l), LWS_ERR_NOMEM);
	assert_null(chain);
	assert_string_equal(closed, "d");

	unit_allow(-1);
	add(&chain, PASS, &both);
	l = new_link(LATE);
	unit_allow(0);
	assert_int_equal(lws_chain_add(&chain, &both, l), LWS_ERR_NOMEM);
	assert_int_equal(chain->count, 1);
	assert_string_equal(closed, "de");
	end(chain);
}

/* The order shows in how a gathered whole is cut by who comes after. */
static void
test_out_goes_forward_and_in_goes_backward(void **state)
{
	static const enum lws_ext_way ways[] = { LWS_EXT_TX, LWS_EXT_TX_BYTES,
						 LWS_EXT_RX, LWS_EXT_RX_BYTES };
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(ways); n++) {
		struct lws_ext_chain *chain = NULL;
		const struct lws_ext_piece in = piece("abc", 3, true, true);
		struct lws_ext_run run;
		unsigned pieces = 0;

		begin();
		add(&chain, GATHER, &both);
		add(&chain, CUT, &both);
		lws_run_begin(&run, chain, ways[n], &in);
		while (lws_run_next(&run) == LWS_EXT_PIECE)
			pieces++;
		assert_int_equal(pieces, n < 2 ? 3 : 1);
		end(chain);
	}
}

static void
test_without_a_link_for_the_way_the_piece_comes_out(void **state)
{
	struct lws_ext_chain *chain = NULL;
	const struct lws_ext_piece in = piece("abc", 3, true, false);
	struct lws_ext_run run;

	(void)state;
	begin();
	add(&chain, GATHER, &inward);
	add(&chain, CUT, &inward);
	lws_run_begin(&run, chain, LWS_EXT_TX, &in);
	assert_true(lws_run_more(&run));
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	assert_false(lws_run_more(&run));
	assert_ptr_equal(run.out.data.p, in.data.p);
	assert_int_equal(run.out.data.len, 3);
	assert_true(run.out.first);
	assert_false(run.out.last);
	assert_int_equal(lws_run_next(&run), LWS_EXT_NOTHING);
	end(chain);
}

static void
test_an_error_of_any_link_comes_out(void **state)
{
	const struct lws_ext_piece in = piece("abc", 3, true, true);
	unsigned place, n;

	(void)state;
	for (place = 0; place < 3; place++) {
		struct lws_ext_chain *chain = NULL;
		struct lws_ext_run run;

		begin();
		for (n = 0; n < 3; n++)
			add(&chain, CUT, n == place ? &broken : &both);
		lws_run_begin(&run, chain, LWS_EXT_TX, &in);
		assert_int_equal(lws_run_next(&run), LWS_ERR_TEXT);
		end(chain);
	}
}

/* Three links, each of every kind, cut at every place of the frame. */
static void
each_chain(void (*try)(struct lws_ext_chain *chain, unsigned doublers,
		       enum lws_ext_way way))
{
	unsigned n, m;

	for (n = 0; n < WORKS * WORKS * WORKS * 2; n++) {
		const enum work kinds[] = { n % WORKS, n / WORKS % WORKS,
					    n / (WORKS * WORKS) % WORKS };
		struct lws_ext_chain *chain = NULL;
		unsigned doublers = 0;

		begin();
		for (m = 0; m < COUNT(kinds); m++) {
			add(&chain, kinds[m], &both);
			doublers += kinds[m] == TWICE;
		}
		try(chain, doublers,
		    n < WORKS * WORKS * WORKS ? LWS_EXT_RX : LWS_EXT_TX);
		end(chain);
	}
}

static void
cut_everywhere(struct lws_ext_chain *chain, unsigned doublers,
	       enum lws_ext_way way)
{
	static const char text[] = "extensions";
	const size_t len = sizeof(text) - 1;
	struct lws_ext_piece in;
	size_t n, m;

	for (n = 0; n <= len; n++) {
		memset(&got, 0, sizeof(got));
		in = piece(text, n, true, false);
		put(chain, way, &in);
		in = piece(text + n, len - n, false, true);
		put(chain, way, &in);
		check(text, doublers);
	}
	memset(&got, 0, sizeof(got));
	for (m = 0; m < len; m++) {
		in = piece(text + m, 1, !m, m + 1 == len);
		put(chain, way, &in);
	}
	check(text, doublers);
	memset(&got, 0, sizeof(got));
	in = piece(text, 0, true, true);
	put(chain, way, &in);
	check("", doublers);
}

static void
test_any_slicing_gives_the_same_through_any_chain(void **state)
{
	(void)state;
	each_chain(cut_everywhere);
}

/*
 * Take @run up where it was left: its memory is written all over, as bytes
 * around output may be.  *@memory is what it had before.
 */
static void
lay_aside(struct lws_ext_run *run, void **memory)
{
	struct lws_ext_chain *chain = run->chain;
	const enum lws_ext_way way = run->way;
	void *old = *memory;
	uint8_t *p;
	size_t n;

	assert_int_equal(lws_run_hold(run), 0);
	lws_free(old);
	memset(run, '?', sizeof(*run));
	assert_true(lws_run_resume(run, chain, way, memory));
	assert_non_null(*memory);
	assert_ptr_equal(run->chain, chain);
	assert_int_equal(run->way, way);
	p = run->out.data.p;
	for (n = 0; n < LWS_EXT_LEAD; n++)
		p[-1 - (int)n] = '!';
	for (n = 0; n < LWS_EXT_SLACK; n++)
		p[run->out.data.len + n] = '!';
	assert_false(lws_run_resume(run, chain, way, &old));
	assert_null(old);
}

/* Output is taken a byte at a time, and the run laid aside after each. */
static void
hold_everywhere(struct lws_ext_chain *chain, unsigned doublers,
		enum lws_ext_way way)
{
	char text[] = "abcdefg";
	struct lws_ext_piece in = piece(text, sizeof(text) - 1, true, true);
	struct lws_ext_run run;
	void *memory = NULL;

	if (way != LWS_EXT_RX)
		way = LWS_EXT_RX_BYTES;
	memset(&got, 0, sizeof(got));
	lws_run_begin(&run, chain, way, &in);
	lay_aside(&run, &memory);
	memset(text, '?', sizeof(text));
	while (lws_run_next(&run) == LWS_EXT_PIECE) {
		while (run.out.data.len > 1) {
			struct lws_ext_piece part = run.out;

			part.data = lws_span_take(&run.out.data, 1);
			part.last = false;
			note(&part);
			lay_aside(&run, &memory);
		}
		note(&run.out);
		run.out.data.len = 0;
		lay_aside(&run, &memory);
	}
	lws_free(memory);
	check("abcdefg", doublers);
}

static void
test_a_run_can_wait_anywhere(void **state)
{
	(void)state;
	each_chain(hold_everywhere);
}

static void
test_runs_of_both_levels_wait_beside_each_other(void **state)
{
	const struct lws_ext_piece a = piece("abc", 3, true, true),
				   b = piece("xyz", 3, true, true);
	struct lws_ext_chain *chain = NULL;
	struct lws_ext_run run;
	void *memory;

	(void)state;
	begin();
	add(&chain, CUT, &both);
	lws_run_begin(&run, chain, LWS_EXT_RX, &a);
	assert_int_equal(lws_run_hold(&run), 0);
	assert_false(lws_run_resume(&run, chain, LWS_EXT_RX_BYTES, &memory));
	lws_run_begin(&run, chain, LWS_EXT_RX_BYTES, &b);
	assert_int_equal(lws_run_hold(&run), 0);

	assert_true(lws_run_resume(&run, chain, LWS_EXT_RX, &memory));
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	assert_int_equal(run.out.data.p[0], 'a');
	lws_free(memory);
	assert_true(lws_run_resume(&run, chain, LWS_EXT_RX_BYTES, &memory));
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	assert_int_equal(run.out.data.p[0], 'x');
	lws_free(memory);
	end(chain);
}

static void
test_a_run_that_waits_is_freed_with_its_chain(void **state)
{
	const struct lws_ext_piece in = piece("abc", 3, true, true);
	struct lws_ext_chain *chain = NULL;
	struct lws_ext_run run;

	(void)state;
	begin();
	add(&chain, CUT, &both);
	lws_run_begin(&run, chain, LWS_EXT_RX, &in);
	assert_int_equal(lws_run_hold(&run), 0);
	lws_run_begin(&run, chain, LWS_EXT_RX_BYTES, &in);
	assert_int_equal(lws_run_hold(&run), 0);
	end(chain);
}

static void
test_without_memory_a_run_cannot_wait_but_goes_on(void **state)
{
	const struct lws_ext_piece in = piece("abc", 3, true, true);
	struct lws_ext_chain *chain = NULL;
	struct lws_ext_run run;
	void *memory;

	(void)state;
	begin();
	add(&chain, CUT, &both);
	memset(&got, 0, sizeof(got));
	lws_run_begin(&run, chain, LWS_EXT_RX, &in);
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	note(&run.out);
	unit_allow(0);
	assert_int_equal(lws_run_hold(&run), LWS_ERR_NOMEM);
	unit_allow(-1);
	assert_false(lws_run_resume(&run, chain, LWS_EXT_RX, &memory));
	while (lws_run_next(&run) == LWS_EXT_PIECE)
		note(&run.out);
	check("abc", 0);
	end(chain);
}

/* Lengths that no memory has never get as far as being added up. */
static void
test_lengths_that_do_not_add_up_are_refused(void **state)
{
	struct lws_ext_piece in = piece("abc", 3, true, true);
	struct lws_ext_chain *chain = NULL;
	struct lws_ext_run run;

	(void)state;
	begin();
	add(&chain, CUT, &both);
	in.data.len = SIZE_MAX;
	lws_run_begin(&run, chain, LWS_EXT_RX, &in);
	assert_int_equal(lws_run_hold(&run), LWS_ERR_NOMEM);
	in.data.len = 3;
	lws_run_begin(&run, chain, LWS_EXT_RX, &in);
	run.out.data.len = SIZE_MAX - 16;
	assert_int_equal(lws_run_hold(&run), LWS_ERR_NOMEM);
	end(chain);
}

static void
test_whether_there_is_more_is_known_before_it_is_asked_for(void **state)
{
	const struct lws_ext_piece in = piece("ab", 2, true, true);
	struct lws_ext_chain *chain = NULL;
	struct lws_ext_run run;

	(void)state;
	begin();
	add(&chain, CUT, &both);
	add(&chain, PASS, &both);
	lws_run_begin(&run, chain, LWS_EXT_TX, &in);
	assert_true(lws_run_more(&run));
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	assert_true(lws_run_more(&run));
	assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
	assert_false(lws_run_more(&run));
	assert_int_equal(lws_run_next(&run), LWS_EXT_NOTHING);
	end(chain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_chain_knows_its_bits_and_ways),
		cmocka_unit_test(test_links_close_last_first),
		cmocka_unit_test(test_no_more_links_than_the_limit),
		cmocka_unit_test(
			test_a_link_for_which_there_is_no_memory_is_closed),
		cmocka_unit_test(test_out_goes_forward_and_in_goes_backward),
		cmocka_unit_test(
			test_without_a_link_for_the_way_the_piece_comes_out),
		cmocka_unit_test(test_an_error_of_any_link_comes_out),
		cmocka_unit_test(
			test_any_slicing_gives_the_same_through_any_chain),
		cmocka_unit_test(test_a_run_can_wait_anywhere),
		cmocka_unit_test(
			test_runs_of_both_levels_wait_beside_each_other),
		cmocka_unit_test(test_a_run_that_waits_is_freed_with_its_chain),
		cmocka_unit_test(
			test_without_memory_a_run_cannot_wait_but_goes_on),
		cmocka_unit_test(test_lengths_that_do_not_add_up_are_refused),
		cmocka_unit_test(
			test_whether_there_is_more_is_known_before_it_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of ext/callback.c: one callback that writes down how it is called and
 * answers as it is told.
 */
#include "unit/unit.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"
#include "ext/callback.h"

#define CONTEXT ((struct libwebsocket_context *)(void *)&contexts)
#define WSI	((struct libwebsocket *)(void *)&connections)

static long long contexts, connections; /* only their addresses count */

/* what a call answers */
struct answer {
	int rc;
	const char *text; /* NULL: leaves the tokens alone */
	int token_len;	  /* with a text: SAME, or this */
	bool upper;	  /* changes letters where they are */
};
#define SAME INT_MIN

static const struct answer *answers; /* one a call, then nothing */
static size_t count_answers;

/* what is seen: "reason user in len;" for each call */
static char seen[1024];
static size_t count_seen;
static const void *seen_at; /* where the bytes of the latest call were */

static void LWS_UNUSED
see(const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(seen + count_seen, sizeof(seen) - count_seen, format, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < sizeof(seen) - count_seen);
	count_seen += (size_t)n;
}

static void
check(const char *want)
{
	assert_string_equal(seen, want);
	seen[count_seen = 0] = '\0';
}

static bool
has_tokens(enum libwebsocket_extension_callback_reasons reason)
{
	return reason == LWS_EXT_CALLBACK_PAYLOAD_RX ||
	       reason == LWS_EXT_CALLBACK_PAYLOAD_TX ||
	       reason == LWS_EXT_CALLBACK_PACKET_RX_PREPARSE ||
	       reason == LWS_EXT_CALLBACK_PACKET_TX_PRESEND ||
	       reason == LWS_EXT_CALLBACK_FLUSH_PENDING_TX;
}

/* Space of one byte and more counts the calls of its connection. */
static void
see_user(const struct libwebsocket_extension *ext, void *user)
{
	unsigned char *count = user;

	if (!user || !ext->per_session_data_size)
		see(" -");
	else
		see(" %u", ++*count);
}

static void
see_tokens(struct lws_tokens *tokens, const struct answer *answer)
{
	int n;

	seen_at = tokens->token;
	if (tokens->token)
		see(" \"%.*s\"", tokens->token_len, tokens->token);
	else
		see(" NULL,%d", tokens->token_len);
	for (n = 0; answer->upper && n < tokens->token_len; n++)
		tokens->token[n] = (char)(tokens->token[n] - 'a' + 'A');
	if (!answer->text)
		return;
	tokens->token =
		*answer->text == '0' ? NULL : (char *)(uintptr_t)answer->text;
	tokens->token_len = answer->token_len != SAME
				    ? answer->token_len
				    : (int)strlen(answer->text);
}

static int
callback(struct libwebsocket_context *context,
	 struct libwebsocket_extension *ext, struct libwebsocket *wsi,
	 enum libwebsocket_extension_callback_reasons reason, void *user,
	 void *in, size_t len)
{
	static const struct answer none = { 0 };
	const struct answer *answer = &none;

	assert_ptr_equal(context, CONTEXT);
	assert_true(!wsi || wsi == WSI);
	if (count_answers) {
		count_answers--;
		answer = answers++;
	}
	see("%s%s%d", ext->name, wsi ? "" : "!", reason);
	if (reason == LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION)
		see(" #%ld", (long)(intptr_t)user);
	else
		see_user(ext, user);
	if (has_tokens(reason))
		see_tokens(in, answer);
	else if (in)
		see(" %s", (const char *)in);
	see(" %zu;", len);
	return answer->rc;
}

static struct libwebsocket_extension all[] = {
	{ "a", callback, 1, NULL },
	{ "b", callback, 0, NULL },
	{ "c", callback, 100, NULL },
	{ NULL, NULL, 0, NULL },
};
static const struct lws_ext_about about = { CONTEXT, WSI };

static struct lws_ext_chain *
begin(const char *names)
{
	struct lws_ext_chain *chain = NULL;

	unit_allow(-1);
	unit_blocks = 0;
	count_answers = 0;
	seen[count_seen = 0] = '\0';
	for (; *names; names++) {
		void *s = lws_ext_callback_open(&about, &all[*names - 'a']);

		assert_non_null(s);
		assert_int_equal(
			lws_chain_add(&chain, &lws_ext_callback_ops, s), 0);
	}
	return chain;
}

static void
end(struct lws_ext_chain *chain)
{
	count_answers = 0;
	lws_chain_free(chain);
	assert_int_equal(unit_blocks, 0);
	lws_set_allocator(NULL);
}

#define ANSWER(...)                                                            \
	do {                                                                   \
		static const struct answer a[] = { __VA_ARGS__ };              \
		answers = a;                                                   \
		count_answers = COUNT(a);                                      \
	} while (0)

/* One step of the first link; what it showed is in @out. */
static int
step(lws_ext_step *f, struct lws_ext_chain *chain, struct lws_ext_piece *in,
     struct lws_ext_piece *out)
{
	memset(out, 0xff, sizeof(*out));
	return f(chain->links[0].state, in, out);
}

static struct lws_ext_piece
piece(const char *text, bool first, bool last)
{
	const struct lws_ext_piece piece = {
		.data = text ? lws_span_str(text) : lws_span(NULL, 0),
		.opcode = LWS_OP_CONTINUATION,
		.kind = LWS_OP_BINARY,
		.bits = LWS_FRAME_FIN,
		.first = first,
		.last = last,
		.bare = true,
	};

	return piece;
}

static void
gives(const struct lws_ext_piece *out, const char *want, bool first, bool last)
{
	assert_int_equal(out->data.len, strlen(want));
	assert_true(!out->data.len ||
		    !memcmp(out->data.p, want, out->data.len));
	assert_int_equal(out->opcode, LWS_OP_CONTINUATION);
	assert_int_equal(out->kind, LWS_OP_BINARY);
	assert_int_equal(out->bits, LWS_FRAME_FIN);
	assert_true(out->bare);
	assert_int_equal(out->first, first);
	assert_int_equal(out->last, last);
}

static lws_ext_step *
rx(void)
{
	return lws_ext_callback_ops.rx;
}

static lws_ext_step *
tx(void)
{
	return lws_ext_callback_ops.tx;
}

/* ---- spaces and calls ---- */

static void
test_a_space_is_zeroed_aligned_and_its_own(void **state)
{
	struct lws_ext_chain *chain = begin("aac");
	unsigned n;

	(void)state;
	for (n = 0; n < 3; n++)
		assert_int_equal(lws_ext_callback_call(
					 chain->links[n].state,
					 LWS_EXT_CALLBACK_CONSTRUCT, NULL, 0),
				 0);
	check("a4 1 0;a4 1 0;c4 1 0;");
	assert_int_equal(lws_ext_callback_call(
				 chain->links[1].state,
				 LWS_EXT_CALLBACK_CLIENT_CONSTRUCT, NULL, 7),
			 0);
	check("a5 2 7;");
	end(chain);
	check("c8 2 0;a8 3 0;a8 2 0;");
}

static void
test_only_what_was_constructed_is_destroyed(void **state)
{
	struct lws_ext_chain *chain = begin("bbb");

	(void)state;
	ANSWER({ .rc = 0 }, { .rc = 1 });
	lws_ext_callback_call(chain->links[0].state, LWS_EXT_CALLBACK_CONSTRUCT,
			      NULL, 0);
	lws_ext_callback_call(chain->links[1].state,
			      LWS_EXT_CALLBACK_CLIENT_CONSTRUCT, NULL, 0);
	end(chain);
	check("b4 - 0;b5 - 0;b8 - 0;");
}

static int
align_callback(struct libwebsocket_context *context,
	       struct libwebsocket_extension *ext, struct libwebsocket *wsi,
	       enum libwebsocket_extension_callback_reasons reason, void *user,
	       void *in, size_t len)
{
	const unsigned char *p = user;
	size_t n;

	(void)context;
	(void)wsi;
	(void)reason;
	(void)in;
	(void)len;
	assert_int_equal((uintptr_t)user % sizeof(void *), 0);
	assert_int_equal((uintptr_t)user % sizeof(double), 0);
	for (n = 0; n < ext->per_session_data_size; n++)
		assert_int_equal(p[n], 0);
	memset(user, 0xff, ext->per_session_data_size);
	return 5;
}

static void
test_every_byte_of_a_space_is_there(void **state)
{
	size_t n;

	(void)state;
	unit_allow(-1);
	for (n = 1; n < 200; n++) {
		struct libwebsocket_extension one = { "x", align_callback, n,
						      NULL };
		void *s = lws_ext_callback_open(&about, &one);

		assert_int_equal(
			lws_ext_callback_call(s, LWS_EXT_CALLBACK_CONSTRUCT,
					      NULL, 0),
			5);
		lws_ext_callback_ops.close(s);
		seen[count_seen = 0] = '\0';
	}
	lws_set_allocator(NULL);
}

static void
test_without_memory_there_is_no_state(void **state)
{
	struct libwebsocket_extension huge = { "x", callback, SIZE_MAX, NULL };

	(void)state;
	unit_allow(0);
	assert_null(lws_ext_callback_open(&about, &all[0]));
	unit_allow(-1);
	assert_null(lws_ext_callback_open(&about, &huge));
	huge.per_session_data_size = SIZE_MAX - 8;
	assert_null(lws_ext_callback_open(&about, &huge));
	lws_set_allocator(NULL);
	check("");
}

/* ---- payload ---- */

static void
test_what_is_left_alone_passes(void **state)
{
	struct lws_ext_chain *chain = begin("a");
	struct lws_ext_piece in = piece("hello", true, true), out;

	(void)state;
	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "hello", true, true);
	assert_ptr_equal(out.data.p, in.data.p);
	assert_ptr_equal(seen_at, in.data.p);
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "hello", true, true);
	check("a22 1 \"hello\" 3;a21 2 \"hello\" 3;");
	end(chain);
}

static void
test_it_can_change_the_bytes_where_they_are(void **state)
{
	struct lws_ext_chain *chain = begin("a");
	char text[] = "hello";
	struct lws_ext_piece in = piece(text, true, true), out;

	(void)state;
	ANSWER({ .upper = true }, { .upper = true });
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "HELLO", true, true);
	assert_string_equal(text, "hello");
	assert_ptr_not_equal(seen_at, text);

	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "HELLO", true, true);
	assert_string_equal(text, "HELLO");
	end(chain);
}

static void
test_it_can_show_memory_of_its_own(void **state)
{
	static char large[3 * LWS_EXT_STEP];
	struct lws_ext_chain *chain = begin("a");
	struct lws_ext_piece in = piece("hello", true, true), out;

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	ANSWER({ 0, "a longer text", SAME, false }, { 0, large, SAME, false },
	       { 1, "b", SAME, false });
	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "a longer text", true, true);
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, large, true, true);
	assert_ptr_equal(out.data.p, large);
	/* positive says nothing more than 0 of payload */
	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "b", true, true);
	end(chain);
}

static void
test_it_is_told_where_in_the_frame_a_payload_is(void **state)
{
	struct lws_ext_chain *chain = begin("b");
	struct lws_ext_piece in, out;
	unsigned n;

	(void)state;
	for (n = 0; n < 4; n++) {
		in = piece("x", n & 1, n & 2);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	}
	check("b22 - \"x\" 0;b22 - \"x\" 1;b22 - \"x\" 2;b22 - \"x\" 3;");
	end(chain);
}

/* The first that comes out begins the frame, and its end always comes out. */
static void
test_what_it_swallows_is_not_seen(void **state)
{
	struct lws_ext_chain *chain = begin("b");
	struct lws_ext_piece in = piece("one", true, false), out;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		ANSWER({ 0, "", SAME, false }, { 0, "0", 0, false },
		       { 0, NULL, 0, false }, { 0, NULL, 0, false },
		       { 0, "", SAME, false });
		in = piece("one", true, false);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_NOTHING);
		in = piece("two", false, false);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_NOTHING);
		in = piece("three", false, false);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
		gives(&out, "three", true, false);
		in = piece("four", false, false);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
		gives(&out, "four", false, false);
		in = piece("five", false, true);
		assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
		gives(&out, "", false, true);
	}
	ANSWER({ 0, "", SAME, false });
	in = piece("all", true, true);
	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "", true, true);
	end(chain);
}

static void
test_empty_frames_are_shown_and_can_be_filled(void **state)
{
	struct lws_ext_chain *chain = begin("b");
	struct lws_ext_piece in = piece(NULL, true, true), out;

	(void)state;
	ANSWER({ 0, "more", SAME, false }, { 0, NULL, 0, false });
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "more", true, true);
	assert_int_equal(step(rx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "", true, true);
	in = piece("gone", true, true);
	ANSWER({ 0, "0", 0, false });
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "", true, true);
	check("b21 - NULL,0 3;b22 - NULL,0 3;b21 - \"gone\" 3;");
	end(chain);
}

static void
test_a_negative_answer_is_fatal(void **state)
{
	static const struct {
		size_t step;
		int want;
	} rows[] = {
		{ offsetof(struct lws_ext_ops, rx), LWS_ERR_PROTOCOL },
		{ offsetof(struct lws_ext_ops, tx), LWS_ERR_USER },
		{ offsetof(struct lws_ext_ops, rx_bytes), LWS_ERR_PROTOCOL },
		{ offsetof(struct lws_ext_ops, tx_bytes), LWS_ERR_USER },
	};
	struct lws_ext_chain *chain = begin("a");
	size_t n;

	(void)state;
	lws_set_log_level(0, NULL);
	for (n = 0; n < COUNT(rows); n++) {
		struct lws_ext_piece in = piece("x", true, true), out;
		lws_ext_step *f;

		memcpy(&f, (const char *)&lws_ext_callback_ops + rows[n].step,
		       sizeof(f));
		ANSWER({ -1, "y", SAME, false }, { INT_MIN, NULL, 0, false },
		       { 0, "y", -1, false }, { 1, "y", INT_MIN + 1, false },
		       { 0, "0", 1, false });
		assert_int_equal(step(f, chain, &in, &out), rows[n].want);
		assert_int_equal(step(f, chain, &in, &out), rows[n].want);
		assert_int_equal(step(f, chain, &in, &out), LWS_ERR_USER);
		assert_int_equal(step(f, chain, &in, &out), LWS_ERR_USER);
		assert_int_equal(step(f, chain, &in, &out), LWS_ERR_USER);
		assert_int_equal(count_answers, 0);
	}
	end(chain);
}

static void
test_what_an_int_cannot_count_is_not_shown(void **state)
{
	struct lws_ext_chain *chain = begin("a");
	struct lws_ext_piece in = piece("x", true, true), out;

	(void)state;
	in.data.len = (size_t)INT_MAX + 1;
	assert_int_equal(step(rx(), chain, &in, &out), LWS_ERR_LIMIT);
	assert_int_equal(step(lws_ext_callback_ops.rx_bytes, chain, &in, &out),
			 LWS_ERR_LIMIT);
	check("");
	end(chain);
}

/* ---- copies ---- */

static void
test_a_copy_is_of_its_size_kept_and_given_back(void **state)
{
	struct lws_ext_chain *chain = begin("a");
	long before = unit_blocks;
	struct lws_ext_piece in = piece("", true, true), out;
	char text[64];
	size_t n;

	(void)state;
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	assert_int_equal(unit_blocks, before);
	for (n = 1; n < sizeof(text); n++) {
		memset(text, 'x', n);
		text[n] = '\0';
		in = piece(text, true, true);
		assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
		gives(&out, text, true, true);
		assert_int_equal(unit_blocks, before + 1);
		seen[count_seen = 0] = '\0';
	}
	unit_allow(0);
	in = piece("short", true, true);
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "short", true, true);
	unit_allow(-1);
	assert_int_equal(lws_ext_tell(chain, LWS_EXT_CALLBACK_1HZ, NULL, 9), 0);
	assert_int_equal(unit_blocks, before);
	end(chain);
}

static void
test_without_memory_nothing_is_shown(void **state)
{
	struct lws_ext_chain *chain = begin("a");
	struct lws_ext_piece in = piece("x", true, true), out;
	int n;

	(void)state;
	unit_allow(0);
	assert_int_equal(step(tx(), chain, &in, &out), LWS_ERR_NOMEM);
	assert_int_equal(step(lws_ext_callback_ops.tx_bytes, chain, &in, &out),
			 LWS_ERR_NOMEM);
	check("");
	for (n = 0; n < 2; n++) {
		in = piece(n ? "longer" : "text", true, true);
		unit_allow(n ? 0 : -1);
		assert_int_equal(step(tx(), chain, &in, &out),
				 n ? LWS_ERR_NOMEM : LWS_EXT_PIECE);
	}
	unit_allow(-1);
	assert_int_equal(step(tx(), chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "longer", true, true);
	end(chain);
}

/* ---- packets ---- */

static void
spills(lws_ext_step *f, int reason)
{
	struct lws_ext_chain *chain = begin("b");
	struct lws_ext_piece in = piece("in", true, true), out;
	char want[256];

	/* the fourth has nothing to say, and is asked again */
	ANSWER({ 1, "one", SAME, false }, { 1, "two", SAME, false },
	       { 2, "", SAME, false }, { 1, "0", 0, false },
	       { 0, "three", SAME, false });
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_MORE);
	gives(&out, "one", true, true);
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_MORE);
	gives(&out, "two", true, true);
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "three", true, true);
	snprintf(want, sizeof(want),
		 "b%d - \"in\" 0;b%d - NULL,0 0;b%d - NULL,0 0;"
		 "b%d - NULL,0 0;b%d - NULL,0 0;",
		 reason, reason, reason, reason, reason);
	check(want);

	/* it promised more and has none, and begins anew */
	in = piece("next", true, true);
	ANSWER({ 1, NULL, 0, false });
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_MORE);
	gives(&out, "next", true, true);
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_NOTHING);
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_PIECE);
	gives(&out, "next", true, true);
	ANSWER({ 0, "", SAME, false });
	assert_int_equal(step(f, chain, &in, &out), LWS_EXT_NOTHING);
	end(chain);
}

static void
test_packets_are_asked_for_more_as_long_as_there_is(void **state)
{
	(void)state;
	spills(lws_ext_callback_ops.rx_bytes,
	       LWS_EXT_CALLBACK_PACKET_RX_PREPARSE);
	spills(lws_ext_callback_ops.tx_bytes,
	       LWS_EXT_CALLBACK_PACKET_TX_PRESEND);
}

static void
test_directions_spill_apart(void **state)
{
	struct lws_ext_chain *chain = begin("b");
	struct lws_ext_piece in = piece("in", true, true), out;

	(void)state;
	ANSWER({ 1, NULL, 0, false });
	assert_int_equal(step(lws_ext_callback_ops.rx_bytes, chain, &in, &out),
			 LWS_EXT_MORE);
	assert_int_equal(step(lws_ext_callback_ops.tx_bytes, chain, &in, &out),
			 LWS_EXT_PIECE);
	check("b11 - \"in\" 0;b12 - \"in\" 0;");
	end(chain);
}

/* The queue's memory is not the callback's to change. */
static void
test_a_packet_to_be_sent_is_a_copy(void **state)
{
	struct lws_ext_chain *chain = begin("b");
	char text[] = "frame";
	struct lws_ext_piece in = piece(text, true, true), out;

	(void)state;
	ANSWER({ .upper = true }, { .upper = true });
	assert_int_equal(step(lws_ext_callback_ops.tx_bytes, chain, &in, &out),
			 LWS_EXT_PIECE);
	gives(&out, "FRAME", true, true);
	assert_string_equal(text, "frame");
	assert_int_equal(step(lws_ext_callback_ops.rx_bytes, chain, &in, &out),
			 LWS_EXT_PIECE);
	assert_string_equal(text, "FRAME");
	end(chain);
}

static void
test_two_of_a_chain_go_forward_out_and_backward_in(void **state)
{
	struct lws_ext_chain *chain = begin("ab");
	const struct lws_ext_piece in = piece("x", true, true);
	struct lws_ext_run run;
	int n;

	(void)state;
	for (n = LWS_EXT_RX; n <= LWS_EXT_TX_BYTES; n++) {
		assert_true(lws_chain_goes(chain, (enum lws_ext_way)n));
		lws_run_begin(&run, chain, (enum lws_ext_way)n, &in);
		assert_int_equal(lws_run_next(&run), LWS_EXT_PIECE);
		assert_int_equal(lws_run_next(&run), LWS_EXT_NOTHING);
	}
	check("b22 - \"x\" 3;a22 1 \"x\" 3;a21 2 \"x\" 3;b21 - \"x\" 3;"
	      "b11 - \"x\" 0;a11 3 \"x\" 0;a12 4 \"x\" 0;b12 - \"x\" 0;");
	/* spilled bytes go through the one that is behind */
	ANSWER({ 1, "1", SAME, false }, { 1, "2", SAME, false },
	       { 1, "3", SAME, false }, { 0, NULL, 0, false },
	       { 0, "4", SAME, false });
	lws_run_begin(&run, chain, LWS_EXT_TX_BYTES, &in);
	while (lws_run_next(&run) == LWS_EXT_PIECE)
		see("[%.*s]", (int)run.out.data.len, run.out.data.p);
	check("a12 5 \"x\" 0;b12 - \"1\" 0;[2]b12 - NULL,0 0;[3]"
	      "b12 - NULL,0 0;a12 6 NULL,0 0;b12 - \"4\" 0;[4]");
	end(chain);
}

/* ---- telling ---- */

static void
test_active_ones_are_told_until_one_answers(void **state)
{
	struct lws_ext_chain *chain = begin("abc");

	(void)state;
	assert_int_equal(lws_ext_tell(NULL, LWS_EXT_CALLBACK_1HZ, NULL, 1), 0);
	assert_int_equal(lws_ext_tell(chain,
				      LWS_EXT_CALLBACK_REQUEST_ON_WRITEABLE,
				      NULL, 0),
			 0);
	check("a19 1 0;b19 - 0;c19 1 0;");
	ANSWER({ .rc = 0 }, { .rc = 3 });
	assert_int_equal(lws_ext_tell(chain,
				      LWS_EXT_CALLBACK_HANDSHAKE_REPLY_TX,
				      (void *)(uintptr_t) "text", 4),
			 3);
	check("a14 2 text 4;b14 - text 4;");
	ANSWER({ .rc = -2 });
	assert_int_equal(lws_ext_tell(chain, LWS_EXT_CALLBACK_PACKET_TX_DO_SEND,
				      NULL, 0),
			 -2);
	check("a13 3 0;");
	end(chain);
}

static void
test_news_reach_all_active_ones(void **state)
{
	static const enum libwebsocket_extension_callback_reasons news[] = {
		LWS_EXT_CALLBACK_1HZ, LWS_EXT_CALLBACK_IS_WRITEABLE
	};
	struct lws_ext_chain *chain = begin("bbb");
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(news); n++) {
		ANSWER({ .rc = 1 }, { .rc = -1 }, { .rc = 2 });
		assert_int_equal(lws_ext_tell(chain, news[n], NULL, 5), 0);
	}
	check("b18 - 5;b18 - 5;b18 - 5;b20 - 5;b20 - 5;b20 - 5;");
	end(chain);
}

static const struct lws_ext_ops another = { .name = "another" };

static void
close_nothing(void *state)
{
	(void)state;
}

static void
test_links_that_no_application_brought_are_passed_over(void **state)
{
	struct lws_ext_ops ops = another;
	struct lws_ext_chain *chain = begin("b");
	struct lws_span out;

	(void)state;
	ops.close = close_nothing;
	assert_int_equal(lws_chain_add(&chain, &ops, &ops), 0);
	assert_int_equal(lws_ext_tell(chain, LWS_EXT_CALLBACK_1HZ, NULL, 2), 0);
	assert_int_equal(lws_ext_drain(chain, &out), LWS_EXT_NOTHING);
	assert_int_equal(lws_ext_tell_all(&about, all, chain,
					  LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED,
					  NULL, 0),
			 0);
	check("b18 - 2;b15 - NULL,0 0;a10 - 0;b10 - 0;c10 - 0;");
	end(chain);
}

static void
test_all_are_told_with_the_space_of_those_that_are_active(void **state)
{
	const struct lws_ext_about nobody = { CONTEXT, NULL };
	struct lws_ext_chain *chain = begin("bc");

	(void)state;
	assert_int_equal(lws_ext_tell_all(&about, NULL, chain,
					  LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED,
					  NULL, 0),
			 0);
	assert_int_equal(lws_ext_tell_all(&about, all, chain,
					  LWS_EXT_CALLBACK_ANY_WSI_ESTABLISHED,
					  NULL, 0),
			 0);
	check("a10 - 0;b10 - 0;c10 1 0;");
	assert_int_equal(
		lws_ext_tell_all(&nobody, all, NULL,
				 LWS_EXT_CALLBACK_SERVER_CONTEXT_CONSTRUCT,
				 NULL, 0),
		0);
	check("a!0 - 0;b!0 - 0;c!0 - 0;");
	assert_int_equal(
		lws_ext_tell_all(&about, all, chain,
				 LWS_EXT_CALLBACK_CAN_PROXY_CLIENT_CONNECTION,
				 (void *)(uintptr_t) "host", 80),
		0);
	check("a17 #0 host 80;b17 #1 host 80;c17 #2 host 80;");
	end(chain);
}

static void
test_of_all_answers_the_negative_counts_then_the_positive(void **state)
{
	static const struct {
		struct answer answers[3];
		int want;
	} rows[] = {
		{ { { .rc = 0 }, { .rc = 0 }, { .rc = 0 } }, 0 },
		{ { { .rc = 0 }, { .rc = 2 }, { .rc = 0 } }, 2 },
		{ { { .rc = 1 }, { .rc = -1 }, { .rc = 2 } }, -1 },
		{ { { .rc = -3 }, { .rc = 1 }, { .rc = 0 } }, -3 },
		{ { { .rc = 0 }, { .rc = 0 }, { .rc = -4 } }, -4 },
	};
	size_t n;

	(void)state;
	seen[count_seen = 0] = '\0';
	for (n = 0; n < COUNT(rows); n++) {
		answers = rows[n].answers;
		count_answers = 3;
		assert_int_equal(
			lws_ext_tell_all(
				&about, all, NULL,
				LWS_EXT_CALLBACK_CLIENT_CONTEXT_CONSTRUCT, NULL,
				0),
			rows[n].want);
		check("a1 - 0;b1 - 0;c1 - 0;");
	}
}

/* ---- what is left at the end ---- */

static void
test_what_is_held_back_is_drained_in_order(void **state)
{
	struct lws_ext_chain *chain = begin("bab");
	struct lws_span out;
	int rc, n;

	(void)state;
	for (n = 0; n < 2; n++) {
		ANSWER({ 1, "1", SAME, false }, { 1, NULL, 0, false },
		       { 0, "2", SAME, false }, { 0, NULL, 0, false },
		       { 0, "3", SAME, false });
		while ((rc = lws_ext_drain(chain, &out)) == LWS_EXT_PIECE)
			see("[%.*s]", (int)out.len, out.p);
		assert_int_equal(rc, LWS_EXT_NOTHING);
		check(n ? "b15 - NULL,0 0;[1]b15 - NULL,0 0;b15 - NULL,0 0;[2]"
			  "a15 2 NULL,0 0;b15 - NULL,0 0;[3]"
			: "b15 - NULL,0 0;[1]b15 - NULL,0 0;b15 - NULL,0 0;[2]"
			  "a15 1 NULL,0 0;b15 - NULL,0 0;[3]");
	}
	assert_int_equal(lws_ext_drain(NULL, &out), LWS_EXT_NOTHING);
	end(chain);
}

static void
test_draining_ends_with_the_first_that_fails(void **state)
{
	struct lws_ext_chain *chain = begin("bb");
	struct lws_span out;

	(void)state;
	ANSWER({ -1, "1", SAME, false });
	assert_int_equal(lws_ext_drain(chain, &out), LWS_ERR_USER);
	check("b15 - NULL,0 0;");
	end(chain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_space_is_zeroed_aligned_and_its_own),
		cmocka_unit_test(test_only_what_was_constructed_is_destroyed),
		cmocka_unit_test(test_every_byte_of_a_space_is_there),
		cmocka_unit_test(test_without_memory_there_is_no_state),
		cmocka_unit_test(test_what_is_left_alone_passes),
		cmocka_unit_test(test_it_can_change_the_bytes_where_they_are),
		cmocka_unit_test(test_it_can_show_memory_of_its_own),
		cmocka_unit_test(
			test_it_is_told_where_in_the_frame_a_payload_is),
		cmocka_unit_test(test_what_it_swallows_is_not_seen),
		cmocka_unit_test(test_empty_frames_are_shown_and_can_be_filled),
		cmocka_unit_test(test_a_negative_answer_is_fatal),
		cmocka_unit_test(test_what_an_int_cannot_count_is_not_shown),
		cmocka_unit_test(
			test_a_copy_is_of_its_size_kept_and_given_back),
		cmocka_unit_test(test_without_memory_nothing_is_shown),
		cmocka_unit_test(
			test_packets_are_asked_for_more_as_long_as_there_is),
		cmocka_unit_test(test_directions_spill_apart),
		cmocka_unit_test(test_a_packet_to_be_sent_is_a_copy),
		cmocka_unit_test(
			test_two_of_a_chain_go_forward_out_and_backward_in),
		cmocka_unit_test(test_active_ones_are_told_until_one_answers),
		cmocka_unit_test(test_news_reach_all_active_ones),
		cmocka_unit_test(
			test_links_that_no_application_brought_are_passed_over),
		cmocka_unit_test(
			test_all_are_told_with_the_space_of_those_that_are_active),
		cmocka_unit_test(
			test_of_all_answers_the_negative_counts_then_the_positive),
		cmocka_unit_test(test_what_is_held_back_is_drained_in_order),
		cmocka_unit_test(test_draining_ends_with_the_first_that_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

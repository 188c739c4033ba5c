/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of core/share.c and of what core/tx.c makes of it, on a transport that
 * takes what the test allows.
 */
#include "unit/core.h"
#include "base/size.h"
#include "core/share.h"

static const struct lws_stage_ops stage = { 0 };

#define PEERS 3

/* what each connection has sent, by descriptor */
static struct sent {
	uint8_t data[1 << 16];
	size_t len;
	long allowed;
	unsigned calls;
} sent[256];

static ssize_t
fake_sendv(struct lws_stream *stream, const struct lws_span *v, size_t n)
{
	struct sent *to = &sent[stream->fd];
	size_t k, took = 0;

	to->calls++;
	assert_true(n && n <= LWS_PLAT_MAX_SPANS);
	if (!to->allowed)
		return LWS_ERR_AGAIN;
	for (k = 0; k < n && to->allowed; k++) {
		size_t part = lws_min(v[k].len, (size_t)to->allowed);

		assert_true(v[k].len);
		memcpy(to->data + to->len, v[k].p, part);
		to->len += part;
		took += part;
		to->allowed -= (long)part;
	}
	return (ssize_t)took;
}

static void
fake_close(struct lws_stream *stream)
{
	close(stream->fd);
}

static const struct lws_transport_ops fake = {
	.name = "fake",
	.sendv = fake_sendv,
	.close = fake_close,
};

static struct libwebsocket *wsis[PEERS];
static int peers[PEERS];
static struct lws_share *share;

static void
begin(void)
{
	int n;

	core_begin(&lws_event_poll);
	for (n = 0; n < PEERS; n++) {
		wsis[n] = core_wsi(&stage, &peers[n]);
		wsis[n]->stream.ops = &fake;
		memset(&sent[wsis[n]->stream.fd], 0, sizeof(sent[0]));
		sent[wsis[n]->stream.fd].allowed = 1 << 16;
	}
	core.context.loops->in_turn = true;
	core.context.loops->tx_high = LWS_TX_HIGH;
	assert_non_null(lws_shares_need(core.context.loops));
	share = lws_share_new(1000);
	assert_non_null(share);
}

static void
end(void)
{
	int n;

	for (n = 0; n < PEERS; n++)
		core_drop(wsis[n], peers[n]);
	assert_int_equal(share->refs, 1);
	lws_share_unref(share);
	core_end();
}

static void
put(const char *text)
{
	memcpy(share->data + share->len, text, strlen(text));
	share->len += strlen(text);
}

static void
own(struct libwebsocket *wsi, const char *text)
{
	assert_int_equal(lws_tx_add(wsi, lws_span_str(text)), 0);
}

static void
join(struct libwebsocket *wsi, size_t at)
{
	assert_int_equal(lws_share_join(wsi, share, at, false), 0);
}

static void
queue(struct libwebsocket *wsi, size_t at)
{
	assert_int_equal(lws_share_queue(wsi, share, at), 0);
}

static void
check(const struct libwebsocket *wsi, const char *text, unsigned calls)
{
	const struct sent *s = &sent[wsi->stream.fd];

	assert_int_equal(s->len, strlen(text));
	assert_memory_equal(s->data, text, s->len);
	assert_int_equal(s->calls, calls);
}

static void
flush(void)
{
	lws_tx_flush_all(core.context.loops);
}

static void
test_who_has_joined_sends_what_is_added_until_then(void **state)
{
	(void)state;
	begin();
	join(wsis[0], 0);
	put("one ");
	join(wsis[1], 4);
	join(wsis[0], 0);
	put("two ");
	assert_int_equal(lws_get_tx_queued(wsis[0]), 8);
	assert_int_equal(lws_get_tx_queued(wsis[1]), 4);
	assert_int_equal(share->refs, 3);
	flush();
	put("three");
	flush();
	check(wsis[0], "one two ", 1);
	check(wsis[1], "two ", 1);
	check(wsis[2], "", 0);
	assert_int_equal(share->refs, 1);
	end();
}

static void
test_ones_own_output_has_its_place(void **state)
{
	unsigned long changes;

	(void)state;
	begin();
	own(wsis[0], "a");
	join(wsis[0], 0);
	put("1");
	changes = core.context.loops->shares->changes;
	own(wsis[0], "b");
	own(wsis[0], "c");
	assert_int_equal(core.context.loops->shares->changes, changes + 1);
	put("2");
	join(wsis[0], 1);
	put("3");
	assert_int_equal(lws_get_tx_queued(wsis[0]), 6);
	flush();
	check(wsis[0], "a1bc23", 1);
	assert_int_equal(wsis[0]->tx.queued, 0);
	assert_null(wsis[0]->tx.head);
	end();
}

static void
test_a_large_write_goes_behind_what_is_shared(void **state)
{
	const struct lws_span mine = lws_span("own", 3);

	(void)state;
	begin();
	join(wsis[0], 0);
	put("shared ");
	assert_int_equal(lws_tx_send(wsis[0], &mine, 1), 0);
	put("not its");
	flush();
	check(wsis[0], "shared own", 1);
	end();
}

static void
test_one_that_is_joined_without_output_sends_nothing(void **state)
{
	(void)state;
	begin();
	join(wsis[0], 0);
	flush();
	check(wsis[0], "", 0);
	join(wsis[0], 0);
	lws_share_close(wsis[0]);
	put("for others");
	join(wsis[0], 10);
	assert_ptr_equal(wsis[0]->tx.head, wsis[0]->tx.tail);
	flush();
	check(wsis[0], "", 0);
	end();
}

/* One whose socket takes @allowed bytes, then by ones. */
static void
refuse_at(long allowed)
{
	struct libwebsocket *wsi;
	struct sent *s;
	size_t n;

	begin();
	wsi = wsis[0];
	s = &sent[wsi->stream.fd];
	s->allowed = allowed;
	own(wsi, "ab");
	join(wsi, 0);
	put("12");
	own(wsi, "cd");
	join(wsi, 2);
	put("34");
	flush();
	assert_int_equal(lws_partial_buffered(wsi), allowed < 8);
	assert_int_equal(core.context.loops->lent, 0);
	if (allowed < 8) {
		put("56");
		queue(wsi, 4);
		put("78");
		queue(wsi, 6);
		own(wsi, "ef");
		put("90");
		queue(wsi, 8);
		for (n = 0; lws_partial_buffered(wsi); n++) {
			assert_int_equal(s->len + wsi->tx.queued, 16);
			s->allowed = 1;
			assert_int_equal(lws_tx_flush(wsi), 0);
		}
	}
	assert_memory_equal(s->data, "ab12cd345678ef90", s->len);
	assert_int_equal(s->len, allowed < 8 ? 16 : 8);
	end();
}

static void
test_a_socket_may_refuse_at_any_byte(void **state)
{
	long n;

	(void)state;
	for (n = 0; n <= 8; n++)
		refuse_at(n);
}

static void
test_parts_that_follow_each_other_take_one_chunk(void **state)
{
	unsigned n;

	(void)state;
	begin();
	sent[wsis[0]->stream.fd].allowed = 0;
	join(wsis[0], 0);
	put("a");
	flush();
	for (n = 1; n < 100; n++) {
		put("b");
		queue(wsis[0], n);
	}
	assert_ptr_equal(wsis[0]->tx.head, wsis[0]->tx.tail);
	assert_int_equal(wsis[0]->tx.queued, 100);
	assert_int_equal(share->refs, 2);
	end();
}

static void
test_who_goes_gives_back_what_it_holds(void **state)
{
	(void)state;
	begin();
	join(wsis[0], 0);
	join(wsis[1], 0);
	put("never sent");
	own(wsis[1], "too");
	assert_int_equal(share->refs, 3);
	lws_tx_free(wsis[0]);
	lws_tx_free(wsis[1]);
	assert_int_equal(share->refs, 1);
	flush();
	check(wsis[0], "", 0);
	check(wsis[1], "", 0);
	end();
}

static void
test_without_memory_nothing_is_queued(void **state)
{
	(void)state;
	begin();
	unit_allow(0);
	assert_null(lws_share_new(10));
	assert_int_equal(lws_share_join(wsis[0], share, 0, false),
			 LWS_ERR_NOMEM);
	assert_int_equal(lws_share_queue(wsis[0], share, 0), LWS_ERR_NOMEM);
	unit_allow(-1);
	assert_null(wsis[0]->tx.head);
	assert_int_equal(share->refs, 1);
	assert_null(lws_share_new(SIZE_MAX));
	join(wsis[0], 0);
	put("x");
	flush();
	/* from here on one waits to be used */
	unit_allow(0);
	join(wsis[0], 1);
	put("y");
	unit_allow(-1);
	flush();
	check(wsis[0], "xy", 2);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_who_has_joined_sends_what_is_added_until_then),
		cmocka_unit_test(test_ones_own_output_has_its_place),
		cmocka_unit_test(test_a_large_write_goes_behind_what_is_shared),
		cmocka_unit_test(
			test_one_that_is_joined_without_output_sends_nothing),
		cmocka_unit_test(test_a_socket_may_refuse_at_any_byte),
		cmocka_unit_test(
			test_parts_that_follow_each_other_take_one_chunk),
		cmocka_unit_test(test_who_goes_gives_back_what_it_holds),
		cmocka_unit_test(test_without_memory_nothing_is_queued),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

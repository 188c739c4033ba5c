/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * deflate-stream_test.c - one endless run of deflate below the frames.
 */
#include "unit/zip_feed.h"

#define OPS (&lws_ext_deflate_stream)

static void *
open_end(struct lws_ext_pool **pool)
{
	static const struct lws_ext_config none;
	void *end;

	*pool = lws_ext_pool_new();
	assert_non_null(*pool);
	end = OPS->open(&none, *pool);
	assert_non_null(end);
	return end;
}

/* Run bytes through a step of @end; what came out is added to @to. */
static int
run(lws_ext_step *step, void *end, struct lws_span bytes, struct bytes *to)
{
	struct lws_ext_piece in = { .data = bytes, .last = true }, out;
	unsigned lasts = 0;
	int rc;

	do {
		rc = step(end, &in, &out);
		if (rc < 0)
			return rc;
		assert_int_not_equal(rc, LWS_EXT_NOTHING);
		assert_true(out.data.len <= LWS_EXT_STEP);
		assert_true(out.data.len || rc == LWS_EXT_PIECE);
		lasts += out.last;
		bytes_add(to, out.data.p, out.data.len);
	} while (rc == LWS_EXT_MORE);
	assert_int_equal(lasts, 1);
	return 0;
}

/* "Hello" twice, with the heads of its frames; as wire.md has it */
static const uint8_t hello[] = {
	0x6a, 0x64, 0xf5, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0, 0, 0xff, 0xff,
	0x6a, 0x84, 0x50, 0, 0, 0, 0, 0xff, 0xff,
};

static void
test_the_vector_inflates_however_it_is_sliced(void **state)
{
	size_t cut;

	(void)state;
	for (cut = 1; cut <= sizeof(hello); cut++) {
		struct lws_span rest = lws_span(hello, sizeof(hello));
		struct bytes got = { NULL, 0 };
		struct lws_ext_pool *pool;
		void *end = open_end(&pool);

		while (rest.len)
			assert_int_equal(run(OPS->rx_bytes, end,
				lws_span_take(&rest, cut), &got), 0);
		assert_int_equal(got.len, 14);
		assert_memory_equal(got.p, "\x81\x05Hello\x81\x05Hello", 14);
		bytes_free(&got);
		OPS->close(end);
		lws_ext_pool_free(pool);
	}
}

static void
test_a_masked_frame_inflates(void **state)
{
	static const uint8_t wire[] = { 0x6a, 0x6c, 0x35, 0xff, 0xa5, 0x68,
		0x5b, 0x3f, 0xdf, 0x37, 0x30, 2, 0, 0, 0, 0xff, 0xff };
	static const uint8_t frame[] = { 0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d,
		0x7f, 0x9f, 0x4d, 0x51, 0x58 };
	struct bytes got = { NULL, 0 };
	struct lws_ext_pool *pool;
	void *end = open_end(&pool);

	(void)state;
	assert_int_equal(run(OPS->rx_bytes, end, lws_span(wire, sizeof(wire)),
			     &got), 0);
	assert_int_equal(got.len, sizeof(frame));
	assert_memory_equal(got.p, frame, sizeof(frame));
	bytes_free(&got);
	OPS->close(end);
	lws_ext_pool_free(pool);
}

static void
test_the_stream_goes_on_behind_a_final_block(void **state)
{
	struct bytes got = { NULL, 0 };
	struct lws_ext_pool *pool;
	void *end = open_end(&pool);

	(void)state;
	assert_int_equal(run(OPS->rx_bytes, end,
		lws_span("\xf3\x48\xcd\xc9\xc9\x07\x00", 7), &got), 0);
	assert_int_equal(run(OPS->rx_bytes, end,
		lws_span("\xf2\x00\x11\x00\x00\x00\x00\xff\xff", 9), &got), 0);
	assert_int_equal(got.len, 10);
	assert_memory_equal(got.p, "HelloHello", 10);
	bytes_free(&got);
	OPS->close(end);
	lws_ext_pool_free(pool);
}

static void
test_all_that_is_written_can_be_read_at_once(void **state)
{
	static const size_t sizes[] = { 1, 2, 7, 1000, 16000, 16384, 16385,
					100000, 0, 5 };
	static uint8_t text[2][100000];
	struct lws_ext_pool *pool, *peers;
	void *end = open_end(&pool), *peer = open_end(&peers);
	unsigned n, kind;

	(void)state;
	fill_text(text[0], sizeof(text[0]));
	fill_noise(text[1], sizeof(text[1]));
	for (kind = 0; kind < 2; kind++)
		for (n = 0; n < COUNT(sizes); n++) {
			struct bytes wire = { NULL, 0 }, got = { NULL, 0 };
			size_t len = sizes[n];

			assert_int_equal(run(OPS->tx_bytes, end,
				lws_span(text[kind], len), &wire), 0);
			if (len) {
				assert_true(wire.len >= 5);
				assert_memory_equal(wire.p + wire.len - 4,
						    "\0\0\xff\xff", 4);
			}
			assert_int_equal(run(OPS->rx_bytes, peer,
				lws_span(wire.p, wire.len), &got), 0);
			assert_int_equal(got.len, len);
			assert_memory_equal(got.p, text[kind], len);
			bytes_free(&wire);
			bytes_free(&got);
		}
	OPS->close(end);
	OPS->close(peer);
	assert_int_equal(lws_pool_idle(pool), 1);
	assert_int_equal(lws_pool_idle(peers), 1);
	lws_ext_pool_free(pool);
	lws_ext_pool_free(peers);
}

static void
test_what_does_not_inflate_is_against_the_protocol(void **state)
{
	struct bytes got = { NULL, 0 };
	struct lws_ext_pool *pool;
	void *end = open_end(&pool);

	(void)state;
	assert_int_equal(run(OPS->rx_bytes, end, lws_span("\x81\x05Hello", 7),
			     &got), LWS_ERR_PROTOCOL);
	bytes_free(&got);
	OPS->close(end);
	lws_ext_pool_free(pool);
}

static void
test_it_has_no_parameters_and_no_rsv_bit(void **state)
{
	(void)state;
	assert_null(OPS->offer);
	assert_null(OPS->accept);
	assert_null(OPS->confirm);
	assert_true(OPS->offered);
	assert_int_equal(OPS->rsv, 0);
}

static void
test_running_out_of_memory_says_so(void **state)
{
	static const struct lws_ext_config none;
	bool done = false;
	long allowed;

	(void)state;
	for (allowed = 0; !done; allowed++) {
		struct bytes wire = { NULL, 0 }, got = { NULL, 0 };
		struct lws_ext_pool *pool;
		void *end;
		int rc;

		assert_true(allowed < 100);
		unit_blocks = 0;
		unit_allow(allowed);
		pool = lws_ext_pool_new();
		if (!pool)
			continue;
		end = OPS->open(&none, pool);
		rc = end ? run(OPS->tx_bytes, end, lws_span("Hello", 5), &wire)
			 : LWS_ERR_NOMEM;
		if (!rc)
			rc = run(OPS->rx_bytes, end,
				 lws_span(wire.p, wire.len), &got);
		if (rc)
			assert_int_equal(rc, LWS_ERR_NOMEM);
		done = !rc;
		if (end)
			OPS->close(end);
		lws_ext_pool_free(pool);
		bytes_free(&wire);
		bytes_free(&got);
		assert_int_equal(unit_blocks, 0);
	}
	lws_set_allocator(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vector_inflates_however_it_is_sliced),
		cmocka_unit_test(test_a_masked_frame_inflates),
		cmocka_unit_test(test_the_stream_goes_on_behind_a_final_block),
		cmocka_unit_test(test_all_that_is_written_can_be_read_at_once),
		cmocka_unit_test(test_what_does_not_inflate_is_against_the_protocol),
		cmocka_unit_test(test_it_has_no_parameters_and_no_rsv_bit),
		cmocka_unit_test(test_running_out_of_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * deflate-frame_test.c - the older deflate of single frames, by both names.
 */
#include "unit/zip_feed.h"

#define OPS (&lws_ext_deflate_frame)

static const struct lws_deflate_options defaults = { .level = 0 };
static const struct lws_deflate_options keeps = {
	.flags = LWS_DEFLATE_KEEP, .min_size = 1
};

/* an end that has not been negotiated */
struct end {
	struct lws_ext_pool *pool;
	void *state;
};

static struct end
open_end(uint8_t tx_bits, bool tx_reset, bool rx_reset)
{
	const struct lws_ext_config config = {
		.tx_bits = tx_bits, .rx_bits = 15, .tx_reset = tx_reset,
		.rx_reset = rx_reset, .level = 1, .mem_level = 8,
		.min_size = 3,
	};
	struct end e = { lws_ext_pool_new(), NULL };

	assert_non_null(e.pool);
	e.state = OPS->open(&config, e.pool);
	assert_non_null(e.state);
	return e;
}

static void
close_end(struct end *e)
{
	OPS->close(e->state);
	lws_ext_pool_free(e->pool);
}

static void
check_rx(struct end *e, uint8_t head, const char *bytes, size_t len,
	 const char *text)
{
	size_t n;

	for (n = 0; n < 2; n++) {
		const size_t cut = n ? 1 : 100, cuts[] = { cut, cut };
		struct got got = { .steps = 0 };

		assert_int_equal(rx_cut(OPS, e->state, head,
					lws_span(bytes, len), cuts, &got), 0);
		assert_int_equal(got.bits, head & FIN);
		assert_int_equal(got.data.len, strlen(text));
		assert_memory_equal(got.data.p, text, got.data.len);
		bytes_free(&got.data);
	}
}

static void
test_vectors_inflate_frame_by_frame(void **state)
{
	struct end e = open_end(15, true, true);

	(void)state;
	check_rx(&e, 0x41, "\xf2\x48\xcd\x01\x00", 5, "Hel");
	check_rx(&e, 0xc0, "\xca\xc9\x07\x00", 4, "lo");
	check_rx(&e, 0x41, "\xf2\x48\xcd\x01\x00", 5, "Hel");
	check_rx(&e, 0x00, "plain", 5, "plain");
	check_rx(&e, 0xc0, "\xca\xc9\x07\x00", 4, "lo");
	check_rx(&e, 0xc1, "\x00", 1, "");
	check_rx(&e, 0xc1, "", 0, "");
	check_rx(&e, 0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, "Hello");
	assert_int_equal(lws_pool_idle(e.pool), 1);
	close_end(&e);
}

static void
test_vectors_are_what_is_sent(void **state)
{
	struct end e = open_end(15, false, false);
	struct frames f = { .count = 0 };

	(void)state;
	assert_int_equal(tx_frame(OPS, e.state, 0x01, lws_span("Hel", 3), &f),
			 0);
	assert_int_equal(tx_frame(OPS, e.state, 0x80, lws_span("lo ", 3), &f),
			 0);
	assert_int_equal(f.count, 2);
	assert_int_equal(f.frame[0].head, 0x41);
	assert_int_equal(f.frame[0].data.len, 5);
	assert_memory_equal(f.frame[0].data.p, "\xf2\x48\xcd\x01\x00", 5);
	assert_int_equal(f.frame[1].head, 0xc0);
	frames_free(&f);
	close_end(&e);
}

static void
test_short_and_bare_frames_travel_as_they_are(void **state)
{
	struct end e = open_end(15, false, false);
	struct frames f = { .count = 0 };

	(void)state;
	assert_int_equal(tx_frame(OPS, e.state, 0x01, lws_span("He", 2), &f),
			 0);
	assert_int_equal(tx_frame(OPS, e.state, 0x00, lws_span("llo", 3), &f),
			 0);
	assert_int_equal(tx_frame_bare(OPS, e.state, 0x80, lws_span("llo", 3),
				       true, &f), 0);
	assert_int_equal(tx_frame(OPS, e.state, 0x81, lws_span(NULL, 0), &f),
			 0);
	assert_int_equal(f.count, 4);
	assert_int_equal(f.frame[0].head, 0x01);
	assert_int_equal(f.frame[1].head, 0x40);
	assert_int_equal(f.frame[2].head, 0x80);
	assert_int_equal(f.frame[3].head, 0x81);
	frames_free(&f);
	close_end(&e);
}

static void
test_large_frames_are_split_into_complete_ones(void **state)
{
	static const size_t sizes[] = { 3, 100, 14335, 14336, 14337, 28672,
					50000, 200000 };
	static uint8_t text[200000], noise[200000];
	unsigned n, how, bits;

	(void)state;
	fill_text(text, sizeof(text));
	fill_noise(noise, sizeof(noise));
	for (how = 0; how < 4; how++)
		for (bits = 8; bits <= 15; bits++) {
			const uint8_t *from = how & 2 ? text : noise;
			struct end e = open_end((uint8_t)bits, how & 1,
						how & 1);

			for (n = 0; n < COUNT(sizes); n++) {
				struct frames f = { .count = 0 };
				struct bytes data = { NULL, 0 };

				assert_int_equal(tx_frame(OPS, e.state, 0x82,
					lws_span(from, sizes[n]), &f), 0);
				assert_int_equal(f.count,
						 (sizes[n] + 14335) / 14336);
				rx_frames(OPS, e.state, &f, &data);
				assert_int_equal(data.len, sizes[n]);
				assert_memory_equal(data.p, from, sizes[n]);
				bytes_free(&data);
				frames_free(&f);
			}
			assert_int_equal(lws_pool_idle(e.pool),
					 how == 1 ? 1 : how == 3 ? 2 : 0);
			close_end(&e);
		}
}

/* What @len zeros come to, in one run; cut. */
static size_t
deflate_zeros(size_t len, uint8_t *to, size_t room)
{
	uint8_t *zeros = calloc(1, len);
	z_stream z;

	assert_non_null(zeros);
	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, 0), Z_OK);
	z.next_in = zeros;
	z.avail_in = (uInt)len;
	z.next_out = to;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	assert_true(z.avail_out > 0);
	deflateEnd(&z);
	free(zeros);
	return room - z.avail_out - 4;
}

static void
test_a_frame_that_inflates_too_far_is_refused(void **state)
{
	static uint8_t bytes[20000];
	size_t len;
	int rc;

	(void)state;
	for (len = LWS_MAX_ZLIB_CONN_BUFFER - 1;
	     len <= LWS_MAX_ZLIB_CONN_BUFFER + 1; len++) {
		struct end e = open_end(15, true, false);
		struct got got = { .steps = 0 };
		size_t n = deflate_zeros(len, bytes, sizeof(bytes));

		/* the limit is a frame's: two of them pass */
		rc = rx_frame(OPS, e.state, 0x42, lws_span(bytes, n), &got);
		assert_int_equal(rc, len > LWS_MAX_ZLIB_CONN_BUFFER
					     ? LWS_ERR_LIMIT : 0);
		bytes_free(&got.data);
		memset(&got, 0, sizeof(got));
		if (!rc)
			assert_int_equal(rx_frame(OPS, e.state, 0xc0,
				lws_span(bytes, n), &got), 0);
		bytes_free(&got.data);
		close_end(&e);
	}
}

static void
test_what_does_not_inflate_is_refused(void **state)
{
	struct end e = open_end(15, true, true);
	struct got got = { .steps = 0 };

	(void)state;
	assert_int_equal(rx_frame(OPS, e.state, 0xc1, lws_span("\x06", 1),
				  &got), LWS_ERR_TEXT);
	bytes_free(&got.data);
	close_end(&e);
}

/* ---- parameters ---- */

static int
parse(const char *params, struct lws_ext_offer *out)
{
	static char text[256];
	struct lws_span rest;
	const size_t len = strlen(params);

	assert_true(len < 200);
	memcpy(text, "deflate-frame", 13);
	memcpy(text + 13, params, len);
	rest = lws_span(text, 13 + len);
	return lws_ext_next(&rest, out);
}

static const struct row {
	const char *params;
	bool fine, reset;
	uint8_t bits;
} rows[] = {
	{ "", true, false, 15 },
	{ "; no_context_takeover", true, true, 15 },
	{ "; max_window_bits=8", true, false, 8 },
	{ "; max_window_bits=9", true, false, 9 },
	{ "; max_window_bits=15", true, false, 15 },
	{ "; max_window_bits=\"12\"", true, false, 12 },
	{ "; max_window_bits=10; no_context_takeover", true, true, 10 },
	{ "; no_context_takeover; max_window_bits=10", true, true, 10 },
	{ "; no_context_takeover=1", false, false, 0 },
	{ "; no_context_takeover; no_context_takeover", false, false, 0 },
	{ "; max_window_bits", false, false, 0 },
	{ "; max_window_bits=7", false, false, 0 },
	{ "; max_window_bits=16", false, false, 0 },
	{ "; max_window_bits=010", false, false, 0 },
	{ "; max_window_bits=9; max_window_bits=9", false, false, 0 },
	{ "; server_no_context_takeover", false, false, 0 },
	{ "; a; b; c; d; e; f; g; h; i", false, false, 0 },
};

static void
test_parameters_bind_this_end(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		struct lws_ext_offer offer;
		struct lws_ext_config c;
		const char *why = NULL;
		struct lws_buf buf;
		uint8_t answer[64];
		int rc;

		assert_int_equal(parse(rows[n].params, &offer), 1);
		lws_buf_init(&buf, answer, sizeof(answer));
		rc = OPS->accept(&keeps, &offer, &buf, &c);
		assert_int_equal(rc, rows[n].fine);
		assert_int_equal(buf.len, 0);
		if (rc && (c.tx_reset != rows[n].reset || c.rx_reset ||
			   c.tx_bits != rows[n].bits || c.rx_bits != 15 ||
			   c.client))
			fail_msg("%s", rows[n].params);
		rc = OPS->confirm(&defaults, &offer, &c, &why);
		assert_int_equal(rc, rows[n].fine ? 0 : LWS_ERR_PROTOCOL);
		assert_int_equal(why == NULL, rows[n].fine);
		if (!rc && (c.tx_reset != rows[n].reset || c.rx_reset ||
			    c.tx_bits != rows[n].bits || c.rx_bits != 15 ||
			    !c.client))
			fail_msg("%s", rows[n].params);
	}
}

static void
test_a_server_binds_its_client(void **state)
{
	const struct lws_deflate_options o = {
		.window_bits = 11, .peer_window_bits = 9,
		.flags = LWS_DEFLATE_PEER_RESET,
	};
	struct lws_ext_offer offer;
	struct lws_ext_config c;
	struct lws_buf buf;
	char answer[64];

	(void)state;
	assert_int_equal(parse("; max_window_bits=13", &offer), 1);
	lws_buf_init(&buf, answer, sizeof(answer) - 1);
	assert_int_equal(lws_ext_webkit_deflate_frame.accept(&o, &offer, &buf,
							     &c), 1);
	answer[buf.len] = '\0';
	assert_string_equal(answer, "; no_context_takeover; max_window_bits=9");
	assert_int_equal(c.tx_bits, 11);
	assert_int_equal(c.rx_bits, 9);
	assert_true(c.tx_reset);
	assert_true(c.rx_reset);
}

static void
test_only_the_plain_name_is_offered(void **state)
{
	(void)state;
	assert_true(OPS->offered);
	assert_null(OPS->offer);
	assert_string_equal(OPS->name, "deflate-frame");
	assert_false(lws_ext_webkit_deflate_frame.offered);
	assert_string_equal(lws_ext_webkit_deflate_frame.name,
			    "x-webkit-deflate-frame");
}

static void
test_running_out_of_memory_says_so(void **state)
{
	static uint8_t text[20000];
	bool done = false;
	long allowed;

	(void)state;
	fill_text(text, sizeof(text));
	for (allowed = 0; !done; allowed++) {
		const struct lws_ext_config config = {
			.tx_bits = 15, .rx_bits = 15, .level = 1,
			.mem_level = 8, .min_size = 1,
		};
		struct lws_ext_pool *pool;
		struct frames f = { .count = 0 };
		struct got got = { .steps = 0 };
		void *end;
		int rc;

		assert_true(allowed < 100);
		unit_blocks = 0;
		unit_allow(allowed);
		pool = lws_ext_pool_new();
		if (!pool)
			continue;
		end = OPS->open(&config, pool);
		rc = end ? tx_frame(OPS, end, 0x82, lws_span(text, 10000), &f)
			 : LWS_ERR_NOMEM;
		if (!rc)
			rc = rx_frame(OPS, end, 0xc2,
				      lws_span(f.frame[0].data.p,
					       f.frame[0].data.len), &got);
		if (rc)
			assert_int_equal(rc, LWS_ERR_NOMEM);
		done = !rc;
		if (end)
			OPS->close(end);
		lws_ext_pool_free(pool);
		frames_free(&f);
		bytes_free(&got.data);
		assert_int_equal(unit_blocks, 0);
	}
	lws_set_allocator(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_inflate_frame_by_frame),
		cmocka_unit_test(test_vectors_are_what_is_sent),
		cmocka_unit_test(test_short_and_bare_frames_travel_as_they_are),
		cmocka_unit_test(test_large_frames_are_split_into_complete_ones),
		cmocka_unit_test(test_a_frame_that_inflates_too_far_is_refused),
		cmocka_unit_test(test_what_does_not_inflate_is_refused),
		cmocka_unit_test(test_parameters_bind_this_end),
		cmocka_unit_test(test_a_server_binds_its_client),
		cmocka_unit_test(test_only_the_plain_name_is_offered),
		cmocka_unit_test(test_running_out_of_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

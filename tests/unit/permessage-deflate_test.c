/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * permessage-deflate_test.c - RFC 7692, both ways and both roles.
 */
#include <stdio.h>

#include "unit/zip_feed.h"

#define OPS (&lws_ext_permessage_deflate)

/* both ends of a connection, as agreed on by themselves */
struct pair {
	struct lws_ext_pool *pool;
	void *server, *client;
	struct lws_ext_config at_server, at_client;
};

/* Read what follows the name, as a peer sent it. */
static int
parse(const char *params, size_t len, struct lws_ext_offer *out)
{
	static char text[512];
	struct lws_span rest;

	assert_true(len < 400);
	memcpy(text, "permessage-deflate", 18);
	memcpy(text + 18, params, len);
	rest = lws_span(text, 18 + len);
	return lws_ext_next(&rest, out);
}

/* The server's answer to @params, "" when it has none; 1 or 0. */
static int
answer_to(const struct lws_deflate_options *options, const char *params,
	  char answer[128], struct lws_ext_config *config)
{
	struct lws_ext_offer offer;
	struct lws_buf buf;
	int rc;

	assert_int_equal(parse(params, strlen(params), &offer), 1);
	lws_buf_init(&buf, answer, 127);
	rc = OPS->accept(options, &offer, &buf, config);
	assert_true(lws_buf_ok(&buf));
	answer[buf.len] = '\0';
	if (!rc)
		assert_int_equal(buf.len, 0);
	return rc;
}

static void
connect_ends(struct pair *p, const struct lws_deflate_options *of_server,
	     const struct lws_deflate_options *of_client)
{
	char offered[128], answer[128];
	struct lws_ext_offer read;
	const char *why = NULL;
	struct lws_buf buf;

	lws_buf_init(&buf, offered, sizeof(offered) - 1);
	OPS->offer(of_client, &buf);
	assert_true(lws_buf_ok(&buf));
	offered[buf.len] = '\0';
	assert_int_equal(answer_to(of_server, offered, answer, &p->at_server),
			 1);
	assert_int_equal(parse(answer, strlen(answer), &read), 1);
	assert_int_equal(OPS->confirm(of_client, &read, &p->at_client, &why),
			 0);
	assert_null(why);
	p->pool = lws_ext_pool_new();
	assert_non_null(p->pool);
	p->server = OPS->open(&p->at_server, p->pool);
	p->client = OPS->open(&p->at_client, p->pool);
	assert_non_null(p->server);
	assert_non_null(p->client);
}

static void
part_ends(struct pair *p)
{
	OPS->close(p->server);
	OPS->close(p->client);
	lws_ext_pool_free(p->pool);
}

/* the vectors of RFC 7692 section 7.2.3, and more; as a server sends them */
static const struct vector {
	const char *what;
	unsigned frames;
	struct {
		uint8_t head, len, bytes[14];
	} frame[2];
	const char *text;
} vectors[] = {
	{ "Hello", 1,
	  { { 0xc1, 7, { 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0 } } }, "Hello" },
	{ "two fragments", 2,
	  { { 0x41, 3, { 0xf2, 0x48, 0xcd } }, { 0x80, 4, { 0xc9, 0xc9, 7 } } },
	  "Hello" },
	{ "stored", 1,
	  { { 0xc1, 11, { 0, 5, 0, 0xfa, 0xff, 'H', 'e', 'l', 'l', 'o' } } },
	  "Hello" },
	{ "final block", 1,
	  { { 0xc1, 8, { 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0 } } }, "Hello" },
	{ "final block and nothing behind", 1,
	  { { 0xc1, 7, { 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0 } } }, "Hello" },
	{ "two final blocks", 1,
	  { { 0xc1, 14, { 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0xf3, 0x48, 0xcd,
			  0xc9, 0xc9, 7 } } }, "HelloHello" },
	{ "two blocks", 1,
	  { { 0xc1, 13, { 0xf2, 0x48, 5, 0, 0, 0, 0xff, 0xff, 0xca, 0xc9, 0xc9,
			  7 } } }, "Hello" },
	{ "empty", 1, { { 0xc1, 1, { 0 } } }, "" },
	{ "without payload", 1, { { 0xc1, 0, { 0 } } }, "" },
	{ "without payload, twice", 2, { { 0x41, 0, { 0 } }, { 0x80, 0, { 0 } } },
	  "" },
	{ "plain", 1, { { 0x81, 5, { 'H', 'e', 'l', 'l', 'o' } } }, "Hello" },
	{ "plain in two", 2, { { 0x01, 2, { 'H', 'e' } },
			       { 0x80, 3, { 'l', 'l', 'o' } } }, "Hello" },
};

static void
check_vector(void *state, const struct vector *v, const size_t cuts[2])
{
	struct bytes text = { NULL, 0 };
	unsigned n;

	bytes_add(&text, "", 0);
	for (n = 0; n < v->frames; n++) {
		struct got got = { .steps = 0 };
		struct lws_span in = lws_span(v->frame[n].bytes,
					      v->frame[n].len);

		assert_int_equal(rx_cut(OPS, state, v->frame[n].head, in, cuts,
					&got), 0);
		assert_int_equal(got.bits, v->frame[n].head & FIN);
		bytes_add(&text, got.data.p, got.data.len);
		bytes_free(&got.data);
	}
	if (text.len != strlen(v->text) || memcmp(text.p, v->text, text.len))
		fail_msg("%s: %.*s", v->what, (int)text.len, text.p);
	bytes_free(&text);
}

static void
test_vectors_inflate_however_they_are_sliced(void **state)
{
	const struct lws_deflate_options plain = { .level = 0 };
	struct pair p;
	unsigned n;

	(void)state;
	connect_ends(&p, &plain, &plain);
	for (n = 0; n < COUNT(vectors); n++) {
		size_t cut;

		for (cut = 1; cut < 15; cut++) {
			const size_t even[] = { cut, cut };
			const size_t once[] = { cut, 100 };

			check_vector(p.client, &vectors[n], even);
			check_vector(p.client, &vectors[n], once);
			check_vector(p.server, &vectors[n], even);
		}
	}
	part_ends(&p);
}


static const struct lws_deflate_options defaults = { .level = 0 };
static const struct lws_deflate_options keeps = {
	.flags = LWS_DEFLATE_KEEP, .min_size = 1
};
static const struct lws_deflate_options resets = {
	.flags = LWS_DEFLATE_RESET | LWS_DEFLATE_PEER_RESET, .min_size = 1
};

static struct lws_span
text_span(const char *text)
{
	return lws_span_str(text);
}

/* a frame whose payload must inflate to @text, or give @rc */
static void
check_rx(void *state, uint8_t head, const char *bytes, size_t len,
	 const char *text, int rc)
{
	struct got got = { .steps = 0 };
	int is = rx_frame(OPS, state, head, lws_span(bytes, len), &got);

	assert_int_equal(is, rc);
	if (!rc) {
		assert_int_equal(got.data.len, strlen(text));
		assert_memory_equal(got.data.p, text, got.data.len);
	}
	bytes_free(&got.data);
}

static void
test_a_kept_window_is_referred_to(void **state)
{
	struct pair p;

	(void)state;
	connect_ends(&p, &keeps, &defaults);
	check_rx(p.client, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7, "Hello", 0);
	check_rx(p.client, 0x81, "plain", 5, "plain", 0);
	check_rx(p.client, 0xc1, "", 0, "", 0);
	check_rx(p.client, 0xc1, "\xf2\x00\x11\x00\x00", 5, "Hello", 0);
	part_ends(&p);
}

static void
test_the_window_outlives_a_final_block(void **state)
{
	struct pair p;

	(void)state;
	connect_ends(&p, &keeps, &defaults);
	check_rx(p.client, 0xc1, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8, "Hello",
		 0);
	check_rx(p.client, 0xc1, "\xf2\x00\x11\x00\x00", 5, "Hello", 0);
	check_rx(p.client, 0xc1, "\xf3\x00\x11\x00", 4, "Hello", 0);
	check_rx(p.client, 0xc1, "\xf2\x00\x11\x00\x00", 5, "Hello", 0);
	part_ends(&p);
}

static void
test_a_forgotten_window_cannot_be_referred_to(void **state)
{
	struct pair p;

	(void)state;
	connect_ends(&p, &resets, &defaults);
	check_rx(p.client, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7, "Hello", 0);
	check_rx(p.client, 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00", 7, "Hello", 0);
	check_rx(p.client, 0xc1, "\xf2\x00\x11\x00\x00", 5, "", LWS_ERR_TEXT);
	part_ends(&p);
}

static void
test_what_does_not_inflate_is_refused(void **state)
{
	static const struct {
		const char *what;
		uint8_t len, bytes[14];
	} rows[] = {
		{ "reserved block type", 1, { 6 } },
		{ "stored length wrong", 11,
		  { 0, 5, 0, 0, 0, 'H', 'e', 'l', 'l', 'o', 0 } },
		{ "cut in a symbol", 4, { 0xf2, 0x48, 0xcd, 0xc9 } },
		{ "no empty block's head", 6,
		  { 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7 } },
		{ "cut in a stored block", 8,
		  { 0, 5, 0, 0xfa, 0xff, 'H', 'e', 'l' } },
		{ "tail left on", 11, { 0xf2, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 0,
					0, 0xff, 0xff } },
		{ "distance too far", 5, { 0xf2, 0x00, 0x11, 0, 0 } },
		{ "garbage behind a final block", 9,
		  { 0xf3, 0x48, 0xcd, 0xc9, 0xc9, 7, 0, 6, 6 } },
		{ "text", 5, { 'H', 'e', 'l', 'l', 'o' } },
	};
	unsigned n;
	size_t cut;

	(void)state;
	for (n = 0; n < COUNT(rows); n++)
		for (cut = 1; cut <= rows[n].len; cut++) {
			const size_t cuts[] = { cut, cut };
			struct got got = { .steps = 0 };
			struct pair p;
			int rc;

			connect_ends(&p, &defaults, &defaults);
			rc = rx_cut(OPS, p.server, 0xc2,
				    lws_span(rows[n].bytes, rows[n].len), cuts,
				    &got);
			if (rc != LWS_ERR_TEXT)
				fail_msg("%s: %d", rows[n].what, rc);
			bytes_free(&got.data);
			part_ends(&p);
		}
}

static void
test_rsv1_is_for_the_first_frame_of_a_message(void **state)
{
	static const struct {
		uint8_t first, second;
	} rows[] = { { 0x41, 0xc0 }, { 0x41, 0x40 }, { 0x01, 0xc0 },
		     { 0x01, 0x40 }, { 0x41, 0xc1 }, { 0x01, 0xc2 } };
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		struct pair p;
		struct got got = { .steps = 0 };

		connect_ends(&p, &defaults, &defaults);
		assert_int_equal(rx_frame(OPS, p.server, rows[n].first,
					  lws_span("\xf2", 1), &got), 0);
		check_rx(p.server, rows[n].second, "\x48\xcd\xc9\xc9\x07\x00",
			 6, "", LWS_ERR_PROTOCOL);
		bytes_free(&got.data);
		part_ends(&p);
	}
}

static void
test_rsv1_on_a_lone_continuation_is_refused(void **state)
{
	struct pair p;

	(void)state;
	connect_ends(&p, &defaults, &defaults);
	check_rx(p.server, 0xc0, "\x00", 1, "", LWS_ERR_PROTOCOL);
	part_ends(&p);
}

/* ---- out ---- */

static void
check_tx(void *state, uint8_t head, const char *text, uint8_t want_head,
	 const char *want, size_t len)
{
	struct frames f = { .count = 0 };

	assert_int_equal(tx_frame(OPS, state, head, text_span(text), &f), 0);
	assert_int_equal(f.count, 1);
	assert_int_equal(f.frame[0].head, want_head);
	assert_int_equal(f.frame[0].data.len, len);
	assert_memory_equal(f.frame[0].data.p, want, len);
	frames_free(&f);
}

static void
test_vectors_are_what_is_sent(void **state)
{
	struct pair p;

	(void)state;
	connect_ends(&p, &keeps, &keeps);
	check_tx(p.server, 0x81, "Hello", 0xc1, "\xf2\x48\xcd\xc9\xc9\x07\x00",
		 7);
	check_tx(p.server, 0x81, "Hello", 0xc1, "\xf2\x00\x11\x00\x00", 5);
	check_tx(p.client, 0x01, "Hel", 0x41,
		 "\xf2\x48\xcd\x01\x00\x00\x00\xff\xff", 9);
	check_tx(p.client, 0x80, "lo", 0x80, "\xca\xc9\x07\x00", 4);
	part_ends(&p);
}

static void
test_an_empty_end_is_one_byte(void **state)
{
	static const struct lws_deflate_options *const both[] = { &keeps,
								  &resets };
	unsigned n;

	(void)state;
	for (n = 0; n < 2; n++) {
		struct frames f = { .count = 0 };
		struct bytes data = { NULL, 0 };
		struct pair p;
		unsigned round;

		connect_ends(&p, both[n], both[n]);
		for (round = 0; round < 3; round++) {
			assert_int_equal(tx_frame(OPS, p.server, 0x01,
						  text_span("Hello"), &f), 0);
			check_tx(p.server, 0x80, "", 0x80, "\x00", 1);
			rx_frames(OPS, p.client, &f, &data);
			check_rx(p.client, 0x80, "\x00", 1, "", 0);
			frames_free(&f);

			assert_int_equal(tx_frame(OPS, p.server, 0x01,
						  text_span(""), &f), 0);
			assert_int_equal(f.frame[0].head, 0x41);
			assert_int_equal(tx_frame(OPS, p.server, 0x80,
						  text_span("!"), &f), 0);
			rx_frames(OPS, p.client, &f, &data);
			frames_free(&f);
		}
		assert_int_equal(data.len, 18);
		assert_memory_equal(data.p, "Hello!Hello!Hello!", 18);
		bytes_free(&data);
		part_ends(&p);
	}
}

static void
test_short_and_bare_messages_travel_as_they_are(void **state)
{
	static const char a32[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	struct frames f = { .count = 0 };
	struct pair p;

	(void)state;
	connect_ends(&p, &defaults, &defaults);
	assert_int_equal(tx_frame(OPS, p.server, 0x81, lws_span(a32, 31), &f),
			 0);
	assert_int_equal(f.frame[0].head, 0x81);
	assert_int_equal(f.frame[0].data.len, 31);
	frames_free(&f);
	assert_int_equal(tx_frame(OPS, p.server, 0x81, lws_span(a32, 32), &f),
			 0);
	assert_int_equal(f.frame[0].head, 0xc1);
	assert_true(f.frame[0].data.len < 10);
	frames_free(&f);
	assert_int_equal(tx_frame_bare(OPS, p.server, 0x81, lws_span(a32, 32),
				       true, &f), 0);
	assert_int_equal(f.frame[0].head, 0x81);
	frames_free(&f);

	/* the first frame decides, whatever the others are */
	assert_int_equal(tx_frame_bare(OPS, p.server, 0x01, lws_span(a32, 32),
				       true, &f), 0);
	assert_int_equal(tx_frame(OPS, p.server, 0x80, lws_span(a32, 32), &f),
			 0);
	assert_int_equal(f.frame[0].head, 0x01);
	assert_int_equal(f.frame[1].head, 0x80);
	assert_int_equal(f.frame[1].data.len, 32);
	frames_free(&f);
	assert_int_equal(tx_frame(OPS, p.server, 0x01, lws_span(a32, 1), &f),
			 0);
	assert_int_equal(tx_frame_bare(OPS, p.server, 0x80, lws_span(a32, 32),
				       true, &f), 0);
	assert_int_equal(f.frame[0].head, 0x41);
	assert_int_equal(f.frame[1].head, 0x80);
	assert_true(f.frame[1].data.len < 32);
	frames_free(&f);
	assert_int_equal(lws_pool_idle(p.pool), 1);
	part_ends(&p);
}

static void
test_noise_travels_as_it_is_where_nothing_is_kept(void **state)
{
	uint8_t noise[1000];
	struct frames f = { .count = 0 };
	struct pair p;
	unsigned round;

	(void)state;
	fill_noise(noise, sizeof(noise));
	connect_ends(&p, &resets, &keeps);
	for (round = 0; round < 2; round++) {
		assert_int_equal(tx_frame(OPS, p.server, 0x82,
					  lws_span(noise, 1000), &f), 0);
		assert_int_equal(f.frame[0].head, 0x82);
		assert_int_equal(f.frame[0].data.len, 1000);
		assert_memory_equal(f.frame[0].data.p, noise, 1000);
		frames_free(&f);
	}
	assert_int_equal(lws_ext_pool_compressed(p.pool), 1);
	part_ends(&p);
}

/* ---- both ---- */

/* Send @len bytes of @text in frames of @part from one end to the other. */
static void
send_text(void *from, void *to, const uint8_t *text, size_t len, size_t part)
{
	struct lws_span rest = lws_span(text, len);
	struct bytes data = { NULL, 0 };
	uint8_t head = 0x02;

	do {
		struct frames f = { .count = 0 };
		struct lws_span now = lws_span_take(&rest, part);

		if (!rest.len)
			head |= 0x80;
		assert_int_equal(tx_frame(OPS, from, head, now, &f), 0);
		rx_frames(OPS, to, &f, &data);
		frames_free(&f);
		/* all that was written can be read at once */
		assert_int_equal(data.len, len - rest.len);
		head = 0;
	} while (rest.len);
	if (len)
		assert_memory_equal(data.p, text, len);
	bytes_free(&data);
}

static void
test_what_one_end_sends_the_other_reads(void **state)
{
	static const size_t sizes[] = { 0, 1, 31, 32, 100, 4096, 16383, 16384,
					16385, 70000, 200000 };
	static const size_t parts[] = { 100000000, 16384, 1000 };
	static uint8_t text[200000], noise[200000];
	unsigned flags, n, i, bits;

	(void)state;
	fill_text(text, sizeof(text));
	fill_noise(noise, sizeof(noise));
	for (flags = 0; flags < 8; flags++)
		for (bits = 9; bits <= 15; bits += 2) {
			const struct lws_deflate_options server = {
				.window_bits = (int)bits,
				.flags = flags & 1 ? LWS_DEFLATE_KEEP : 0,
				.min_size = flags & 4 ? 1 : 0,
			}, client = {
				.peer_window_bits = (int)bits,
				.mem_level = (int)(bits - 8),
				.flags = flags & 2 ? LWS_DEFLATE_RESET |
					LWS_DEFLATE_PEER_RESET : 0,
			};
			struct pair p;

			connect_ends(&p, &server, &client);
			for (n = 0; n < COUNT(sizes); n++)
				for (i = 0; i < COUNT(parts); i++) {
					send_text(p.server, p.client, text,
						  sizes[n], parts[i]);
					send_text(p.client, p.server, noise,
						  sizes[n], parts[i]);
					send_text(p.client, p.server, text,
						  sizes[n], parts[i]);
				}
			part_ends(&p);
		}
}

/* Deflate as any peer may, in one run; the bytes, cut or with a final block. */
static struct bytes
peer_deflates(const uint8_t *text, size_t len, bool final)
{
	struct bytes b = { malloc(len + len / 100 + 1000), 0 };
	z_stream z;

	assert_non_null(b.p);
	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 9, 0),
			 Z_OK);
	z.next_in = (uint8_t *)(uintptr_t)text;
	z.avail_in = (uInt)len;
	z.next_out = b.p;
	z.avail_out = (uInt)(len + len / 100 + 1000);
	if (final)
		assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	else
		assert_int_equal(deflate(&z, Z_SYNC_FLUSH), Z_OK);
	b.len = (size_t)(z.next_out - b.p) - (final ? 0 : 4);
	deflateEnd(&z);
	return b;
}

static void
test_output_of_whole_steps_ends_exactly(void **state)
{
	static uint8_t text[3 * LWS_EXT_STEP + 1];
	unsigned kind, k;
	int off;

	(void)state;
	for (kind = 0; kind < 6; kind++)
		for (k = 1; k <= 3; k++)
			for (off = -1; off <= 1; off++) {
				const size_t len = (size_t)((int)k *
					LWS_EXT_STEP + off);
				struct got got = { .steps = 0 };
				struct bytes b;
				struct pair p;

				if (kind % 3 == 0)
					memset(text, 'a', len);
				else if (kind % 3 == 1)
					fill_noise(text, len);
				else
					fill_text(text, len);
				b = peer_deflates(text, len, kind > 2);
				connect_ends(&p, &defaults, &defaults);
				assert_int_equal(rx_frame(OPS, p.server, 0xc2,
					lws_span(b.p, b.len), &got), 0);
				assert_int_equal(got.data.len, len);
				assert_memory_equal(got.data.p, text, len);
				assert_int_equal(got.steps, k + (off == 1));
				bytes_free(&got.data);
				bytes_free(&b);
				part_ends(&p);
			}
}

/* Sizes of noise around which what is sent fills whole steps. */
static void
test_input_that_fills_whole_steps_is_sent_exactly(void **state)
{
	static uint8_t noise[2 * LWS_EXT_STEP];
	unsigned k;
	size_t len;

	(void)state;
	fill_noise(noise, sizeof(noise));
	for (k = 1; k <= 2; k++)
		for (len = k * LWS_EXT_STEP - 40; len < k * LWS_EXT_STEP; len++) {
			struct pair p;

			connect_ends(&p, &keeps, &keeps);
			send_text(p.server, p.client, noise, len, len);
			send_text(p.server, p.client, noise, len, len / 2);
			send_text(p.server, p.client, noise, len, len - 1);
			part_ends(&p);
		}
}

static void
test_every_slicing_inflates_to_the_same(void **state)
{
	static uint8_t text[3000];
	struct bytes b;
	size_t cut;

	(void)state;
	fill_text(text, sizeof(text));
	b = peer_deflates(text, sizeof(text), false);
	for (cut = 1; cut <= b.len; cut++) {
		const size_t once[] = { cut, b.len }, even[] = { cut, cut };
		struct got got = { .steps = 0 }, again = { .steps = 0 };
		struct pair p;

		connect_ends(&p, &defaults, &defaults);
		assert_int_equal(rx_cut(OPS, p.server, 0xc2,
					lws_span(b.p, b.len), once, &got), 0);
		assert_int_equal(rx_cut(OPS, p.server, 0xc2,
					lws_span(b.p, b.len), even, &again), 0);
		assert_int_equal(got.data.len, sizeof(text));
		assert_memory_equal(got.data.p, text, sizeof(text));
		assert_int_equal(again.data.len, sizeof(text));
		assert_memory_equal(again.data.p, text, sizeof(text));
		bytes_free(&got.data);
		bytes_free(&again.data);
		part_ends(&p);
	}
	bytes_free(&b);
}

static void
test_a_bomb_goes_off_a_step_at_a_time(void **state)
{
	const size_t len = 32u << 20;
	uint8_t *zeros = calloc(1, len);
	struct lws_ext_piece in = { .opcode = LWS_OP_BINARY,
		.kind = LWS_OP_BINARY, .bits = FIN | RSV1, .first = true,
		.last = true }, out;
	struct bytes b;
	struct pair p;
	size_t total = 0;
	long before;
	int rc;

	(void)state;
	assert_non_null(zeros);
	b = peer_deflates(zeros, len, false);
	free(zeros);
	unit_blocks = 0;
	unit_allow(-1);
	connect_ends(&p, &defaults, &defaults);
	in.data = lws_span(b.p, b.len);
	before = unit_blocks;
	do {
		rc = OPS->rx(p.server, &in, &out);
		assert_true(rc > 0);
		assert_true(out.data.len <= LWS_EXT_STEP);
		total += out.data.len;
	} while (rc == LWS_EXT_MORE);
	assert_true(out.last);
	assert_int_equal(total, len);
	/* room, a stream's struct, its state and its window */
	assert_true(unit_blocks - before <= 4);
	part_ends(&p);
	assert_int_equal(unit_blocks, 0);
	lws_set_allocator(NULL);
	bytes_free(&b);
}

/* ---- windows ---- */

/* Inflate as a peer that has no more than this window. */
static void
peer_inflates(const struct frames *f, int bits, const uint8_t *text, size_t len)
{
	uint8_t *got = malloc(len + 1);
	uint8_t tail[] = { 0, 0, 0xff, 0xff };
	unsigned n;
	z_stream z;

	assert_non_null(got);
	memset(&z, 0, sizeof(z));
	assert_int_equal(inflateInit2(&z, -bits), Z_OK);
	z.next_out = got;
	z.avail_out = (uInt)len + 1;
	for (n = 0; n <= f->count; n++) {
		size_t left = n < f->count ? f->frame[n].data.len : 4;
		uint8_t *from = n < f->count ? f->frame[n].data.p : tail;

		/* a byte at a time, so that the window is all there is */
		for (; left; left--) {
			z.next_in = from++;
			z.avail_in = 1;
			do {
				const uInt room = z.avail_out;
				int rc;

				z.avail_out = room < 16 ? room : 16;
				rc = inflate(&z, Z_SYNC_FLUSH);
				assert_true(rc == Z_OK || rc == Z_BUF_ERROR);
				z.avail_out += room - (room < 16 ? room : 16);
				if (rc == Z_BUF_ERROR)
					break;
			} while (1);
			assert_int_equal(z.avail_in, 0);
		}
	}
	assert_int_equal(z.avail_out, 1);
	assert_memory_equal(got, text, len);
	inflateEnd(&z);
	free(got);
}

static void
test_no_distance_exceeds_the_window_agreed_on(void **state)
{
	static uint8_t text[100000];
	int bits;
	unsigned n;

	(void)state;
	/* repeated at many distances, near and as far as can be */
	fill_noise(text, 300);
	for (n = 300; n < sizeof(text); n++)
		text[n] = text[n - 150 - (n / 97 * 211) % (n < 40000 ? n - 149
							   : 32000)];
	for (bits = 8; bits <= 15; bits++) {
		char params[64], answer[128];
		struct lws_ext_config config;
		struct lws_ext_pool *pool = lws_ext_pool_new();
		struct frames f = { .count = 0 };
		void *end;

		snprintf(params, sizeof(params),
			 "; server_max_window_bits=%d", bits);
		assert_int_equal(answer_to(&keeps, params, answer, &config), 1);
		assert_string_equal(answer, params);
		end = OPS->open(&config, pool);
		assert_int_equal(tx_frame(OPS, end, 0x82,
					  lws_span(text, sizeof(text)), &f), 0);
		assert_int_equal(f.frame[0].head & RSV1, RSV1);
		peer_inflates(&f, bits, text, sizeof(text));
		frames_free(&f);
		OPS->close(end);
		lws_ext_pool_free(pool);
	}
}

/* ---- parameters ---- */

#define SR "; server_no_context_takeover"
#define CR "; client_no_context_takeover"
#define SB "; server_max_window_bits"
#define CB "; client_max_window_bits"

/* options by letter: Keep, Peer resets, Window 10, peer's Limit 11 */
static struct lws_deflate_options
options_of(const char *letters)
{
	struct lws_deflate_options o;

	memset(&o, 0, sizeof(o));
	for (; *letters; letters++)
		switch (*letters) {
		case 'K':
			o.flags |= LWS_DEFLATE_KEEP;
			break;
		case 'R':
			o.flags |= LWS_DEFLATE_RESET;
			break;
		case 'P':
			o.flags |= LWS_DEFLATE_PEER_RESET;
			break;
		case 'W':
			o.window_bits = 10;
			break;
		case 'L':
			o.peer_window_bits = 11;
			break;
		}
	return o;
}

static const struct answer_row {
	const char *options, *offer;
	const char *answer;	/* NULL: declined */
	uint8_t tx_bits, rx_bits;
	bool tx_reset, rx_reset;
} answers[] = {
	{ "", "", SR, 15, 15, true, false },
	{ "K", "", "", 15, 15, false, false },
	{ "R", "", SR, 15, 15, true, false },
	{ "P", "", SR CR, 15, 15, true, true },
	{ "KP", "", CR, 15, 15, false, true },
	{ "K", SR, SR, 15, 15, true, false },
	{ "", SR, SR, 15, 15, true, false },
	{ "K", CR, CR, 15, 15, false, true },
	{ "K", SR CR, SR CR, 15, 15, true, true },
	{ "K", CR SR, SR CR, 15, 15, true, true },
	{ "K", SB "=8", SB "=8", 8, 15, false, false },
	{ "K", SB "=9", SB "=9", 9, 15, false, false },
	{ "K", SB "=10", SB "=10", 10, 15, false, false },
	{ "K", SB "=15", SB "=15", 15, 15, false, false },
	{ "KW", "", SB "=10", 10, 15, false, false },
	{ "KW", SB "=9", SB "=9", 9, 15, false, false },
	{ "KW", SB "=12", SB "=10", 10, 15, false, false },
	{ "K", CB, "", 15, 15, false, false },
	{ "K", CB "=8", CB "=8", 15, 8, false, false },
	{ "K", CB "=10", CB "=10", 15, 10, false, false },
	{ "K", CB "=15", "", 15, 15, false, false },
	{ "KL", "", "", 15, 15, false, false },
	{ "KL", CB, CB "=11", 15, 11, false, false },
	{ "KL", CB "=15", CB "=11", 15, 11, false, false },
	{ "KL", CB "=11", CB "=11", 15, 11, false, false },
	{ "KL", CB "=10", CB "=10", 15, 10, false, false },
	{ "K", SB "=\"10\"", SB "=10", 10, 15, false, false },
	{ "PWL", SR CR SB "=12" CB "=12", SR CR SB "=10" CB "=11", 10, 11, true,
	  true },
	{ "", "; foo", NULL, 0, 0, false, false },
	{ "", "; foo=1", NULL, 0, 0, false, false },
	{ "", SR "=1", NULL, 0, 0, false, false },
	{ "", SR "=true", NULL, 0, 0, false, false },
	{ "", CR "=8", NULL, 0, 0, false, false },
	{ "", SR SR, NULL, 0, 0, false, false },
	{ "", CR CR, NULL, 0, 0, false, false },
	{ "", SB "=9" SB "=9", NULL, 0, 0, false, false },
	{ "", CB CB, NULL, 0, 0, false, false },
	{ "", CB CB "=9", NULL, 0, 0, false, false },
	{ "", SB, NULL, 0, 0, false, false },
	{ "", SB "=7", NULL, 0, 0, false, false },
	{ "", SB "=16", NULL, 0, 0, false, false },
	{ "", SB "=0", NULL, 0, 0, false, false },
	{ "", SB "=08", NULL, 0, 0, false, false },
	{ "", SB "=+9", NULL, 0, 0, false, false },
	{ "", SB "=1e1", NULL, 0, 0, false, false },
	{ "", SB "=115", NULL, 0, 0, false, false },
	{ "", SB "=9999999999999999999999", NULL, 0, 0, false, false },
	{ "", CB "=7", NULL, 0, 0, false, false },
	{ "", CB "=16", NULL, 0, 0, false, false },
	{ "", CB "=09", NULL, 0, 0, false, false },
	{ "", CB "=x", NULL, 0, 0, false, false },
	{ "", "; Server_no_context_takeover", NULL, 0, 0, false, false },
	{ "", SR CR SB "=9" CB "; a; b; c; d; e", NULL, 0, 0, false, false },
};

static void
test_a_server_answers_as_the_table_says(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(answers); n++) {
		const struct answer_row *row = &answers[n];
		const struct lws_deflate_options o = options_of(row->options);
		struct lws_ext_config c;
		char answer[128];
		int rc = answer_to(&o, row->offer, answer, &c);

		if (rc != (row->answer != NULL) ||
		    (rc && strcmp(answer, row->answer) != 0))
			fail_msg("'%s' with %s: %d '%s'", row->offer,
				 row->options, rc, answer);
		if (!rc)
			continue;
		if (c.tx_bits != row->tx_bits || c.rx_bits != row->rx_bits ||
		    c.tx_reset != row->tx_reset ||
		    c.rx_reset != row->rx_reset || c.client)
			fail_msg("'%s' with %s: %d %d %d %d", row->offer,
				 row->options, c.tx_bits, c.rx_bits,
				 c.tx_reset, c.rx_reset);
		assert_int_equal(c.level, 1);
		assert_int_equal(c.mem_level, 8);
		assert_int_equal(c.min_size, 32);
	}
}

static void
test_a_client_offers_what_its_options_say(void **state)
{
	static const struct {
		const char *options, *offer;
	} rows[] = {
		{ "", CB },
		{ "K", CB },
		{ "R", CB CR },
		{ "P", CB SR },
		{ "RP", CB SR CR },
		{ "W", CB },
		{ "L", CB SB "=11" },
		{ "RPWL", CB SR CR SB "=11" },
	};
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		const struct lws_deflate_options o = options_of(rows[n].options);
		char text[160];
		struct lws_buf buf;

		lws_buf_init(&buf, text, sizeof(text) - 1);
		OPS->offer(&o, &buf);
		assert_true(lws_buf_ok(&buf));
		text[buf.len] = '\0';
		assert_string_equal(text, rows[n].offer);
	}
}

static const struct confirm_row {
	const char *options, *answer;
	const char *why;	/* a part of the reason; NULL: fine */
	uint8_t tx_bits, rx_bits;
	bool tx_reset, rx_reset;
} confirms[] = {
	{ "", "", NULL, 15, 15, false, false },
	{ "", SR, NULL, 15, 15, false, true },
	{ "", CR, NULL, 15, 15, true, false },
	{ "", SR CR, NULL, 15, 15, true, true },
	{ "R", "", NULL, 15, 15, true, false },
	{ "R", CR, NULL, 15, 15, true, false },
	{ "", SB "=8", NULL, 15, 8, false, false },
	{ "", SB "=9", NULL, 15, 9, false, false },
	{ "", SB "=15", NULL, 15, 15, false, false },
	{ "", CB "=8", NULL, 8, 15, false, false },
	{ "", CB "=10", NULL, 10, 15, false, false },
	{ "", CB "=15", NULL, 15, 15, false, false },
	{ "W", "", NULL, 10, 15, false, false },
	{ "W", CB "=9", NULL, 9, 15, false, false },
	{ "W", CB "=12", NULL, 10, 15, false, false },
	{ "P", SR, NULL, 15, 15, false, true },
	{ "L", SB "=11", NULL, 15, 11, false, false },
	{ "L", SB "=9", NULL, 15, 9, false, false },
	{ "RPWL", SR CR SB "=10" CB "=9", NULL, 9, 10, true, true },
	{ "P", "", "did not answer server_no_context_takeover", 0, 0, 0, 0 },
	{ "P", CR, "did not answer server_no_context_takeover", 0, 0, 0, 0 },
	{ "L", "", "did not answer server_max_window_bits", 0, 0, 0, 0 },
	{ "L", SB "=12", "larger server_max_window_bits", 0, 0, 0, 0 },
	{ "", "; foo", "unknown", 0, 0, 0, 0 },
	{ "", SR SR, "twice", 0, 0, 0, 0 },
	{ "", CB "=9" CB "=9", "twice", 0, 0, 0, 0 },
	{ "", SR "=1", "server_no_context_takeover has a value", 0, 0, 0, 0 },
	{ "", CR "=1", "client_no_context_takeover has a value", 0, 0, 0, 0 },
	{ "", SB, "server_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", SB "=7", "server_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", SB "=16", "server_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", CB, "client_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", CB "=16", "client_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", CB "=010", "client_max_window_bits is not 8 to 15", 0, 0, 0, 0 },
	{ "", "; a; b; c; d; e; f; g; h; i", "unknown", 0, 0, 0, 0 },
};

static void
test_a_client_checks_the_answer_by_the_table(void **state)
{
	unsigned n;

	(void)state;
	for (n = 0; n < COUNT(confirms); n++) {
		const struct confirm_row *row = &confirms[n];
		const struct lws_deflate_options o = options_of(row->options);
		struct lws_ext_offer answer;
		struct lws_ext_config c;
		const char *why = NULL;
		int rc;

		assert_int_equal(parse(row->answer, strlen(row->answer),
				       &answer), 1);
		rc = OPS->confirm(&o, &answer, &c, &why);
		if (rc != (row->why ? LWS_ERR_PROTOCOL : 0) ||
		    (row->why && !strstr(why, row->why)))
			fail_msg("'%s' with %s: %d %s", row->answer,
				 row->options, rc, why ? why : "");
		if (rc)
			continue;
		if (c.tx_bits != row->tx_bits || c.rx_bits != row->rx_bits ||
		    c.tx_reset != row->tx_reset ||
		    c.rx_reset != row->rx_reset || !c.client)
			fail_msg("'%s' with %s: %d %d %d %d", row->answer,
				 row->options, c.tx_bits, c.rx_bits,
				 c.tx_reset, c.rx_reset);
		assert_int_equal(c.level, 6);
	}
}

/* ---- memory ---- */

static void
test_streams_return_to_the_pool(void **state)
{
	static uint8_t text[40000];
	struct pair p;

	(void)state;
	fill_text(text, sizeof(text));
	connect_ends(&p, &resets, &resets);
	send_text(p.server, p.client, text, sizeof(text), 1000);
	assert_int_equal(lws_pool_idle(p.pool), 2);
	send_text(p.client, p.server, text, sizeof(text), sizeof(text));
	/* the client deflates at another level */
	assert_int_equal(lws_pool_idle(p.pool), 3);
	part_ends(&p);

	connect_ends(&p, &keeps, &keeps);
	send_text(p.server, p.client, text, sizeof(text), 1000);
	assert_int_equal(lws_pool_idle(p.pool), 0);
	part_ends(&p);
}

static void
test_an_idle_connection_holds_64_bytes(void **state)
{
	static uint8_t text[1000];
	struct pair p;
	void *ends[100];
	long blocks;
	unsigned n;

	(void)state;
	fill_text(text, sizeof(text));
	unit_blocks = 0;
	unit_allow(-1);
	connect_ends(&p, &resets, &resets);
	send_text(p.server, p.client, text, sizeof(text), 1000);
	send_text(p.client, p.server, text, sizeof(text), 1000);
	blocks = unit_blocks;
	for (n = 0; n < 100; n++) {
		ends[n] = OPS->open(&p.at_server, p.pool);
		send_text(ends[n], p.client, text, sizeof(text), 1000);
		send_text(p.client, ends[n], text, sizeof(text), 1000);
	}
	assert_int_equal(unit_blocks, blocks + 100);
	for (n = 0; n < 100; n++)
		OPS->close(ends[n]);
	part_ends(&p);
	assert_int_equal(unit_blocks, 0);
	lws_set_allocator(NULL);
}

static void
test_a_message_to_a_thousand_is_compressed_once(void **state)
{
	static uint8_t text[2][2000];
	struct frames first = { .count = 0 };
	struct pair p;
	unsigned n;

	(void)state;
	fill_text(text[0], sizeof(text[0]));
	memcpy(text[1], text[0], sizeof(text[1]));
	text[1][1999] ^= 1;
	connect_ends(&p, &resets, &resets);
	assert_int_equal(tx_frame(OPS, p.server, 0x81,
				  lws_span(text[0], 2000), &first), 0);
	for (n = 0; n < 1000; n++) {
		void *end = OPS->open(&p.at_server, p.pool);
		struct frames f = { .count = 0 };

		assert_int_equal(tx_frame(OPS, end, 0x81,
					  lws_span(text[0], 2000), &f), 0);
		assert_int_equal(f.count, 1);
		assert_int_equal(f.frame[0].head, first.frame[0].head);
		assert_int_equal(f.frame[0].data.len, first.frame[0].data.len);
		assert_memory_equal(f.frame[0].data.p, first.frame[0].data.p,
				    first.frame[0].data.len);
		frames_free(&f);
		OPS->close(end);
	}
	frames_free(&first);
	assert_int_equal(lws_ext_pool_compressed(p.pool), 1);

	/* another text, another length, other parameters: not the same */
	send_text(p.server, p.client, text[1], 2000, 2000);
	assert_int_equal(lws_ext_pool_compressed(p.pool), 2);
	send_text(p.server, p.client, text[1], 1999, 1999);
	assert_int_equal(lws_ext_pool_compressed(p.pool), 3);
	send_text(p.client, p.server, text[1], 1999, 1999);
	assert_int_equal(lws_ext_pool_compressed(p.pool), 4);
	send_text(p.client, p.server, text[1], 1999, 1999);
	assert_int_equal(lws_ext_pool_compressed(p.pool), 4);
	part_ends(&p);
}

/* A message each way; false when memory ran out, which must say so. */
static bool
talk(const struct pair *p, const uint8_t *text, size_t len)
{
	struct frames f = { .count = 0 };
	struct got got = { .steps = 0 };
	bool fine;
	int rc;

	rc = tx_frame(OPS, p->server, 0x82, lws_span(text, len), &f);
	if (!rc)
		rc = rx_frame(OPS, p->client, f.frame[0].head,
			      lws_span(f.frame[0].data.p, f.frame[0].data.len),
			      &got);
	fine = !rc;
	if (rc)
		assert_int_equal(rc, LWS_ERR_NOMEM);
	else
		assert_memory_equal(got.data.p, text, got.data.len);
	frames_free(&f);
	bytes_free(&got.data);
	return fine;
}

static void
test_running_out_of_memory_says_so(void **state)
{
	static uint8_t text[1000];
	const struct lws_deflate_options *const all[] = { &keeps, &resets };
	unsigned n;

	(void)state;
	fill_text(text, sizeof(text));
	for (n = 0; n < 2; n++) {
		bool done = false;
		long allowed;

		for (allowed = 0; !done; allowed++) {
			struct lws_ext_config config;
			char answer[128];
			struct pair p;

			assert_true(allowed < 100);
			answer_to(all[n], "", answer, &config);
			unit_blocks = 0;
			unit_allow(allowed);
			p.pool = lws_ext_pool_new();
			if (!p.pool)
				continue;
			p.server = OPS->open(&config, p.pool);
			p.client = OPS->open(&config, p.pool);
			if (p.server && p.client)
				done = talk(&p, text, sizeof(text)) &&
				       unit_allocations > 0;
			if (p.server)
				OPS->close(p.server);
			if (p.client)
				OPS->close(p.client);
			lws_ext_pool_free(p.pool);
			assert_int_equal(unit_blocks, 0);
		}
	}
	lws_set_allocator(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_inflate_however_they_are_sliced),
		cmocka_unit_test(test_a_kept_window_is_referred_to),
		cmocka_unit_test(test_the_window_outlives_a_final_block),
		cmocka_unit_test(test_a_forgotten_window_cannot_be_referred_to),
		cmocka_unit_test(test_what_does_not_inflate_is_refused),
		cmocka_unit_test(test_rsv1_is_for_the_first_frame_of_a_message),
		cmocka_unit_test(test_rsv1_on_a_lone_continuation_is_refused),
		cmocka_unit_test(test_vectors_are_what_is_sent),
		cmocka_unit_test(test_an_empty_end_is_one_byte),
		cmocka_unit_test(test_short_and_bare_messages_travel_as_they_are),
		cmocka_unit_test(test_noise_travels_as_it_is_where_nothing_is_kept),
		cmocka_unit_test(test_what_one_end_sends_the_other_reads),
		cmocka_unit_test(test_output_of_whole_steps_ends_exactly),
		cmocka_unit_test(test_input_that_fills_whole_steps_is_sent_exactly),
		cmocka_unit_test(test_every_slicing_inflates_to_the_same),
		cmocka_unit_test(test_a_bomb_goes_off_a_step_at_a_time),
		cmocka_unit_test(test_no_distance_exceeds_the_window_agreed_on),
		cmocka_unit_test(test_a_server_answers_as_the_table_says),
		cmocka_unit_test(test_a_client_offers_what_its_options_say),
		cmocka_unit_test(test_a_client_checks_the_answer_by_the_table),
		cmocka_unit_test(test_streams_return_to_the_pool),
		cmocka_unit_test(test_an_idle_connection_holds_64_bytes),
		cmocka_unit_test(test_a_message_to_a_thousand_is_compressed_once),
		cmocka_unit_test(test_running_out_of_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

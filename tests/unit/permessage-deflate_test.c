/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * permessage-deflate_test.c - RFC 7692, both ways and both roles.
 */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vectors_inflate_however_they_are_sliced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

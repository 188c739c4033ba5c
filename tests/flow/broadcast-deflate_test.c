/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of lws_broadcast_message() to connections with extensions: what can be
 * compressed once is, and all get it.
 */
#include "flow/flow.h"

#include "core/context.h"
#include "ext/pool-zip.h"

#define PAIRS 6

static struct flow_conn *s[PAIRS + 1], *c[PAIRS + 1];

/* Pairs that have agreed on what there is, the server with @flags. */
static void
begin(struct flow *f, unsigned flags)
{
	unsigned n;

	flow_begin(f);
	for (n = 0; n < 2; n++) {
		f->side[n].info.extensions =
			libwebsocket_get_internal_extensions();
		f->side[n].protocols[1].rx_buffer_size = 1 << 20;
	}
	f->side[0].info.deflate.flags = flags;
	flow_open(f);
	flow_open_second(f);
	for (n = 0; n < PAIRS; n++)
		flow_pair(f, &s[n], &c[n]);
}

static uint8_t *
text(size_t len, bool noise)
{
	uint8_t *p = malloc(len + 1);
	uint32_t seed = 1;
	size_t n;

	assert_non_null(p);
	for (n = 0; n < len; n++) {
		seed = seed * 1664525 + 1013904223;
		p[n] = noise ? (uint8_t)(seed >> 24)
			     : (uint8_t)('a' + (n * 7 + (n >> 9)) % 26);
	}
	return p;
}

/* All @count get it, in binary. */
static void
say(struct flow *f, unsigned count, size_t len, bool noise, int flag)
{
	const int kind = LWS_WRITE_BINARY | flag;
	uint8_t *data = text(len, noise);
	unsigned n;

	for (n = 0; n < count; n++)
		c[n]->got.len = 0;
	assert_int_equal(lws_broadcast_message(
		&f->side[0].protocols[1], NULL, data, len,
		(enum libwebsocket_write_protocol)kind), count);
	for (n = 0; n < count; n++)
		FLOW_UNTIL(f, c[n]->got.len == len);
	for (n = 0; n < count; n++)
		assert_memory_equal(c[n]->got.p, data, len);
	free(data);
}

static const size_t sizes[] = { 1, 31, 32, 1000, 16384, 16500, 300000 };

static void
say_all(struct flow *f, unsigned count)
{
	size_t n;

	for (n = 0; n < COUNT(sizes); n++) {
		say(f, count, sizes[n], false, 0);
		say(f, count, sizes[n], true, 0);
		say(f, count, sizes[n], false, LWS_WRITE_NO_COMPRESS);
	}
}

static void
test_without_context_it_is_compressed_once(void **state)
{
	const struct lws_ext_pool *pool;
	unsigned long before;
	struct flow f;

	(void)state;
	begin(&f, 0);
	say_all(&f, PAIRS);
	pool = f.side[0].context->loops->ext;
	before = lws_ext_pool_compressed(pool);
	say(&f, PAIRS, 20000, false, 0);
	say(&f, PAIRS, 3000, false, 0);
	assert_int_equal(lws_ext_pool_compressed(pool), before + 2);
	flow_end(&f);
}

static void
test_with_context_each_compresses_for_himself(void **state)
{
	struct flow f;

	(void)state;
	begin(&f, LWS_DEFLATE_KEEP);
	say_all(&f, PAIRS);
	flow_write(s[0], "alone", 5, LWS_WRITE_BINARY);
	FLOW_UNTIL(&f, c[0]->got.len == 300005);
	say(&f, PAIRS, 1000, false, 0);
	flow_end(&f);
}

static void
test_who_shares_nothing_gets_it_all_the_same(void **state)
{
	struct flow f;

	(void)state;
	begin(&f, LWS_DEFLATE_NO_SHARE);
	say_all(&f, PAIRS);
	flow_end(&f);
}

static void
test_with_and_without_compression_it_is_the_same(void **state)
{
	struct flow f;

	(void)state;
	begin(&f, 0);
	/* version 76 agrees on no extensions, others may come without */
	f.side[1].context->extensions = NULL;
	flow_pair(&f, &s[PAIRS], &c[PAIRS]);
	say_all(&f, PAIRS + 1);
	flow_end(&f);
}

static void
test_it_waits_behind_compressed_fragments(void **state)
{
	struct flow f;
	unsigned n;

	(void)state;
	begin(&f, 0);
	flow_write(s[0], "amid ", 5, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN);
	assert_int_equal(lws_broadcast_message(
		&f.side[0].protocols[1], NULL,
		(const unsigned char *)"news", 4, LWS_WRITE_TEXT), PAIRS);
	for (n = 1; n < PAIRS; n++)
		FLOW_UNTIL(&f, c[n]->got.len == 4);
	flow_write(s[0], "end ", 4, LWS_WRITE_CONTINUATION);
	FLOW_UNTIL(&f, c[0]->got.len == 13);
	assert_memory_equal(c[0]->got.p, "amid end news", 13);
	flow_end(&f);
}

/* As many as can, and those who cannot be compressed for end. */
static bool
stumbles(long at)
{
	uint8_t *data = text(5000, false);
	struct flow f;
	bool failed;

	begin(&f, 0);
	flow_fail_allocation(at);
	lws_broadcast_message(&f.side[0].protocols[1], NULL, data, 5000,
			      LWS_WRITE_BINARY);
	failed = flow_allocation_failed();
	flow_fail_allocation(-1);
	flow_idle(&f, 1);
	free(data);
	flow_end(&f);
	return failed;
}

static void
test_any_allocation_may_fail(void **state)
{
	long at = 0;

	(void)state;
	while (stumbles(at))
		assert_true(++at < 100);
	assert_true(at > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_context_it_is_compressed_once),
		cmocka_unit_test(test_with_context_each_compresses_for_himself),
		cmocka_unit_test(test_who_shares_nothing_gets_it_all_the_same),
		cmocka_unit_test(
			test_with_and_without_compression_it_is_the_same),
		cmocka_unit_test(test_it_waits_behind_compressed_fragments),
		cmocka_unit_test(test_any_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

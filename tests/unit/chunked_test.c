/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http/chunked.c: chunked bodies, in any slices.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "base/err.h"
#include "base/limits.h"
#include "http/http.h"

#define BAD LWS_ERR_PROTOCOL
#define TAIL "GET / HTTP/1.1\r\n"

static const struct row {
	const char *wire;
	size_t len;
	int rc;			/* 2 whole, 0 unfinished, BAD */
	const char *body;
} rows[] = {
#define ROW(wire, rc, body) { wire, sizeof(wire) - 1, rc, body }
	ROW("0\r\n\r\n", 2, ""),
	ROW("000\r\n\r\n", 2, ""),
	ROW("0000000000000000\r\n\r\n", 2, ""),
	ROW("5\r\nhello\r\n0\r\n\r\n", 2, "hello"),
	ROW("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", 2, "hello world"),
	ROW("1\r\n\r\r\n1\r\n\n\r\n0\r\n\r\n", 2, "\r\n"),
	ROW("a\r\n0123456789\r\n0\r\n\r\n", 2, "0123456789"),
	ROW("A\r\n0123456789\r\n0\r\n\r\n", 2, "0123456789"),
	ROW("000000000000000a\r\n0123456789\r\n0\r\n\r\n", 2, "0123456789"),
	ROW("0b\r\n0\r\n\r\n0\r\n\r\nx\r\n0\r\n\r\n", 2, "0\r\n\r\n0\r\n\r\nx"),

	/* extensions, padding */
	ROW("5;a=b\r\nhello\r\n0;c\r\n\r\n", 2, "hello"),
	ROW("5 ;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", 2, "hello"),
	ROW("5;\r\nhello\r\n0\r\n\r\n", 2, "hello"),
	ROW("5;\x80\xff\ta\r\nhello\r\n0\r\n\r\n", 2, "hello"),
	ROW("5  \r\nhello\r\n0\t\r\n\r\n", 2, "hello"),
	ROW("5 a\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5 5\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5,\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5;a\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5;a\r\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5;a\rb\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5;\0\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5;\x7f\r\nhello\r\n0\r\n\r\n", BAD, ""),

	/* sizes */
	ROW("\r\n", BAD, ""),
	ROW(";a\r\n", BAD, ""),
	ROW(" 5\r\nhello\r\n", BAD, ""),
	ROW("-1\r\n", BAD, ""),
	ROW("+1\r\na\r\n", BAD, ""),
	ROW("0x1\r\na\r\n", BAD, ""),
	ROW("g\r\n", BAD, ""),
	ROW("1g\r\na\r\n", BAD, ""),
	ROW("xyz\r\n", BAD, ""),
	ROW("\0" "1\r\na\r\n", BAD, ""),
	ROW("00000000000000005\r\nhello\r\n", BAD, ""),
	ROW("10000000000000005\r\nhello\r\n", BAD, ""),
	ROW("fffffffffffffffff\r\n", BAD, ""),
	ROW("ffffffffffffffff\r\nabc", 0, "abc"),
	ROW("8000000000000000\r\nabc", 0, "abc"),

	/* line ends */
	ROW("5\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5\rhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5\r\r\nhello\r\n0\r\n\r\n", BAD, ""),
	ROW("5\r\nhello\n0\r\n\r\n", BAD, "hello"),
	ROW("5\r\nhello\r0\r\n\r\n", BAD, "hello"),
	ROW("5\r\nhello0\r\n\r\n", BAD, "hello"),
	ROW("5\r\nhello!\r\n0\r\n\r\n", BAD, "hello"),
	ROW("0\n\r\n", BAD, ""),
	ROW("0\r\n\n", BAD, ""),
	ROW("0\r\n\r\r\n", BAD, ""),
	ROW("0\r\n\rx", BAD, ""),

	/* trailers */
	ROW("0\r\nA: b\r\n\r\n", 2, ""),
	ROW("1\r\nx\r\n0\r\nA: b\r\nContent-Length:9\r\n\r\n", 2, "x"),
	ROW("0\r\nA:\r\n\r\n", 2, ""),
	ROW("0\r\nA: \x80\t!\r\n\r\n", 2, ""),
	ROW("0\r\nA\r\n\r\n", BAD, ""),
	ROW("0\r\n: b\r\n\r\n", BAD, ""),
	ROW("0\r\n A: b\r\n\r\n", BAD, ""),
	ROW("0\r\nA : b\r\n\r\n", BAD, ""),
	ROW("0\r\nA: b\n\r\n", BAD, ""),
	ROW("0\r\nA: b\rc\r\n\r\n", BAD, ""),
	ROW("0\r\nA: \0\r\n\r\n", BAD, ""),
	ROW("0\r\nA: b\r\n c\r\n\r\n", BAD, ""),

	/* unfinished */
	ROW("", 0, ""),
	ROW("5", 0, ""),
	ROW("5;a", 0, ""),
	ROW("5\r", 0, ""),
	ROW("5\r\n", 0, ""),
	ROW("5\r\nhel", 0, "hel"),
	ROW("5\r\nhello", 0, "hello"),
	ROW("5\r\nhello\r", 0, "hello"),
	ROW("5\r\nhello\r\n", 0, "hello"),
	ROW("0\r\n", 0, ""),
	ROW("0\r\nA", 0, ""),
	ROW("0\r\nA: b\r", 0, ""),
	ROW("0\r\n\r", 0, ""),
};

struct result {
	int rc;
	size_t left;		/* of all that was fed */
	size_t body_len;
	char body[256];
};

/* Pull one slice empty, in memory of just its size. */
static int
pull(struct lws_chunked *c, const char *p, size_t len, struct result *r)
{
	uint8_t *copy = malloc(len ? len : 1);
	struct lws_span in, out;
	int rc;

	memcpy(copy, p, len);
	in = lws_span(copy, len);
	while ((rc = lws_chunked_next(c, &in, &out)) == 1) {
		assert_true(out.len > 0);
		assert_true(out.p >= copy && out.p + out.len <= copy + len);
		assert_true(r->body_len + out.len <= sizeof(r->body));
		memcpy(r->body + r->body_len, out.p, out.len);
		r->body_len += out.len;
	}
	r->left = in.len;
	free(copy);
	return rc;
}

static struct result
feed(const char *wire, size_t len, size_t first, size_t step)
{
	struct result r = { 0 };
	struct lws_chunked c;
	size_t at = 0, n = first;

	lws_chunked_init(&c);
	while (!r.rc && at < len) {
		if (n > len - at)
			n = len - at;
		r.rc = pull(&c, wire + at, n, &r);
		at += n;
		n = step;
	}
	r.left += len - at;
	return r;
}

static bool
row_holds(const struct row *row, size_t first, size_t step)
{
	const size_t body_len = strlen(row->body);
	const size_t tail = row->rc == 2 ? sizeof(TAIL) - 1 : 0;
	struct result r;
	char wire[256];

	memcpy(wire, row->wire, row->len);
	memcpy(wire + row->len, TAIL, tail);
	r = feed(wire, row->len + tail, first, step);
	if (r.rc == row->rc && r.body_len == body_len &&
	    !memcmp(r.body, row->body, body_len) &&
	    (r.rc != 2 || r.left == tail) && (r.rc || !r.left))
		return true;
	print_error("\"%.*s\" in %zu, %zu...: %d \"%.*s\", %zu left\n",
		    (int)row->len, row->wire, first, step, r.rc,
		    (int)r.body_len, r.body, r.left);
	return false;
}

static void
test_bodies_are_the_same_in_any_slices(void **state)
{
	size_t i, cut, bad = 0;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		bool ok = row_holds(&rows[i], 256, 256) &&
			  row_holds(&rows[i], 1, 1) &&
			  row_holds(&rows[i], 2, 3);

		for (cut = 1; ok && cut < rows[i].len; cut++)
			ok = row_holds(&rows[i], cut, 256);
		bad += !ok;
	}
	assert_int_equal(bad, 0);
}

static void
test_the_end_stays_the_end(void **state)
{
	struct lws_span in = lws_span_str("0\r\n\r\n0\r\n\r\n"), out;
	struct lws_chunked c;

	(void)state;
	lws_chunked_init(&c);
	assert_int_equal(lws_chunked_next(&c, &in, &out), 2);
	assert_int_equal(in.len, 5);
	assert_int_equal(lws_chunked_next(&c, &in, &out), 2);
	assert_int_equal(in.len, 5);
	lws_chunked_init(&c);
	assert_int_equal(lws_chunked_next(&c, &in, &out), 2);
	assert_int_equal(in.len, 0);
}

static void
test_body_bytes_come_where_they_lie_and_at_once(void **state)
{
	struct lws_span in = lws_span_str("ff\r\nabc"), out;
	const uint8_t *a = in.p + 4;
	struct lws_chunked c;

	(void)state;
	lws_chunked_init(&c);
	assert_int_equal(lws_chunked_next(&c, &in, &out), 1);
	assert_ptr_equal(out.p, a);
	assert_int_equal(out.len, 3);
	assert_int_equal(lws_chunked_next(&c, &in, &out), 0);
	assert_true(c.left == 0xff - 3);
}

/* @before, @n letters, @after: the result, fed whole and byte by byte */
static int
result_of_long(const char *before, size_t n, const char *after)
{
	const size_t a = strlen(before), z = strlen(after);
	char *wire = malloc(a + n + z);
	int whole, bytes;

	memcpy(wire, before, a);
	memset(wire + a, 'a', n);
	memcpy(wire + a + n, after, z);
	whole = feed(wire, a + n + z, a + n + z, 1).rc;
	bytes = feed(wire, a + n + z, 1, 1).rc;
	free(wire);
	assert_int_equal(whole, bytes);
	return whole;
}

static void
test_extensions_are_bounded_for_each_chunk(void **state)
{
	const size_t most = LWS_MAX_HEADER_LEN < 65535 ?
			    LWS_MAX_HEADER_LEN : 65535;

	(void)state;
	/* the ';' and blanks before it count, too */
	assert_int_equal(result_of_long("0;", most - 1, "\r\n\r\n"), 2);
	assert_int_equal(result_of_long("0;", most, "\r\n\r\n"), BAD);
	assert_int_equal(result_of_long("0 \t;", most - 3, "\r\n\r\n"), 2);
	assert_int_equal(result_of_long("0 \t;", most - 2, "\r\n\r\n"), BAD);
	assert_int_equal(result_of_long("1;abc\r\nx\r\n0;", most - 1,
					"\r\n\r\n"), 2);
}

static void
test_padding_of_a_size_is_bounded(void **state)
{
	const size_t most = LWS_MAX_HEADER_LEN < 65535 ?
			    LWS_MAX_HEADER_LEN : 65535;
	char *wire = malloc(most + 7);

	(void)state;
	memset(wire, ' ', most + 2);
	wire[0] = '0';
	memcpy(wire + 1 + most, "\r\n\r\n", 4);
	assert_int_equal(feed(wire, most + 5, 1, 1).rc, 2);
	memcpy(wire + 1 + most, " \r\n\r\n", 5);
	assert_int_equal(feed(wire, most + 6, 1, 1).rc, BAD);
	free(wire);
}

static void
test_trailers_are_bounded_together(void **state)
{
	const size_t most = LWS_MAX_HEADER_LEN < 65535 ?
			    LWS_MAX_HEADER_LEN : 65535;

	(void)state;
	/* name, colon, value and line end count */
	assert_int_equal(result_of_long("0\r\nA:", most - 4, "\r\n\r\n"), 2);
	assert_int_equal(result_of_long("0\r\nA:", most - 3, "\r\n\r\n"), BAD);
	assert_int_equal(result_of_long("0\r\n", most - 3, ":\r\n\r\n"), 2);
	assert_int_equal(result_of_long("0\r\n", most - 2, ":\r\n\r\n"), BAD);
	assert_int_equal(result_of_long("0\r\nA:b\r\nC:", most - 9,
					"\r\n\r\n"), 2);
	assert_int_equal(result_of_long("0\r\nA:b\r\nC:", most - 8,
					"\r\n\r\n"), BAD);
	/* a name that leaves no room for the rest of its line */
	assert_int_equal(result_of_long("0\r\n", most, ":\r\n\r\n"), BAD);
	assert_int_equal(result_of_long("0\r\n", most + 1, ":\r\n\r\n"),
			 BAD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies_are_the_same_in_any_slices),
		cmocka_unit_test(test_the_end_stays_the_end),
		cmocka_unit_test(
			test_body_bytes_come_where_they_lie_and_at_once),
		cmocka_unit_test(test_extensions_are_bounded_for_each_chunk),
		cmocka_unit_test(test_padding_of_a_size_is_bounded),
		cmocka_unit_test(test_trailers_are_bounded_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

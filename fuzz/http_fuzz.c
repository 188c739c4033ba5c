/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * http_fuzz.c - heads, chunked bodies, paths and lists from anybody.
 *
 * The first byte chooses what the rest is, the second how it is sliced.  Beside
 * not crashing, slices must give what the whole gives, and results must be as
 * http/http.h promises.
 *
 *	clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I../lib \
 *		http_fuzz.c ../lib/http/[a-z]*.c ../lib/base/{alloc,buf,span}.c
 */
#include <string.h>

#include "libwebsockets.h"
#include "base/err.h"
#include "http/http.h"

#include "fuzz.h"

#define RESULT_MAX 65536

/* all that can be asked of a head, or a chunked body */
struct result {
	int rc, cut;
	size_t left;
	struct lws_http_head head;
	size_t len;
	uint8_t text[RESULT_MAX];
};

static struct result whole, sliced;

static void
note(struct result *r, const void *p, size_t len)
{
	size_t n = len < RESULT_MAX - r->len ? len : RESULT_MAX - r->len;

	if (n)
		memcpy(r->text + r->len, p, n);
	r->len += n;
}

static void
note_values(const struct lws_block *b, struct result *r)
{
	static char text[2 * RESULT_MAX];
	int token, len;
	size_t n, count;

	for (token = 0; token < WSI_TOKEN_COUNT; token++) {
		const enum lws_token_indexes t = (enum lws_token_indexes)token;

		count = lws_block_count(b, t);
		for (n = 0; n < count; n++)
			REQUIRE(lws_block_nth(b, t, n).p);
		REQUIRE(!lws_block_nth(b, t, count).p);
		len = lws_block_copy(b, t, text, sizeof(text));
		REQUIRE(len >= 0);
		REQUIRE((size_t)len == lws_block_length(b, t));
		REQUIRE(!memchr(text, 0, (size_t)len));
		REQUIRE(!memchr(text, '\r', (size_t)len));
		REQUIRE(!memchr(text, '\n', (size_t)len));
		note(r, text, (size_t)len + 1);
	}
}

/* Collect @size bytes in slices of their own memory. */
static int
collect(struct lws_block *b, const uint8_t *data, size_t size, size_t step,
	size_t *left)
{
	size_t at = 0, n, rest = 0;
	int rc = 0;

	while (!rc && at < size) {
		uint8_t *copy;
		struct lws_span in;

		n = step < size - at ? step : size - at;
		copy = malloc(n);
		REQUIRE(copy);
		memcpy(copy, data + at, n);
		in = lws_span(copy, n);
		rc = lws_block_collect(b, &in);
		REQUIRE(rc || !in.len);
		rest = in.len;
		at += n;
		free(copy);
	}
	*left = rest + size - at;
	return rc;
}

static void
check_request(const struct lws_block *b, const struct lws_http_head *head)
{
	REQUIRE(!head->chunked || (!head->has_length && head->minor));
	REQUIRE(lws_block_count(b, WSI_TOKEN_HOST) <= 1);
	REQUIRE(!head->minor || lws_block_count(b, WSI_TOKEN_HOST));
	REQUIRE(lws_block_count(b, lws_http_uri_token(head->method)) == 1);
	REQUIRE(lws_block_count(b, WSI_TOKEN_HTTP) == 1);
}

static void
head_result(const uint8_t *data, size_t size, size_t step, int kind,
	    struct result *r)
{
	struct lws_token_limits limits;
	struct lws_block *b = lws_block_new();

	memset(r, 0, offsetof(struct result, text));
	REQUIRE(b);
	r->rc = collect(b, data, size, step, &r->left);
	if (r->rc == LWS_ERR_LIMIT) {
		r->left = 0;
		r->cut = lws_block_first_line_too_long(b);
	}
	if (r->rc == 1) {
		memset(&limits, kind == 1 ? 2 : 0xff, sizeof(limits));
		if (kind == 1)
			memset(&limits, 0, sizeof(limits) / 2);
		r->rc = kind == 2 ? lws_http_parse_response(b, &r->head) :
			lws_http_parse_request(b, &r->head,
					       kind ? &limits : NULL, &r->cut);
		if (!r->rc)
			note_values(b, r);
		if (!r->rc && kind != 2)
			check_request(b, &r->head);
		r->rc += 1000;
	}
	lws_block_free(b);
}

static void
chunked_result(const uint8_t *data, size_t size, size_t step, int kind,
	       struct result *r)
{
	struct lws_chunked c;
	size_t at = 0, n;

	(void)kind;
	memset(r, 0, offsetof(struct result, text));
	lws_chunked_init(&c);
	while (!r->rc && at < size) {
		uint8_t *copy;
		struct lws_span in, out;

		n = step < size - at ? step : size - at;
		copy = malloc(n);
		REQUIRE(copy);
		memcpy(copy, data + at, n);
		in = lws_span(copy, n);
		while ((r->rc = lws_chunked_next(&c, &in, &out)) == 1) {
			REQUIRE(out.len);
			note(r, out.p, out.len);
		}
		REQUIRE(r->rc || !in.len);
		at += n;
		r->left = in.len + size - at;
		free(copy);
	}
	if (r->rc < 0)
		r->left = 0;
}

typedef void result_fn(const uint8_t *data, size_t size, size_t step, int kind,
		       struct result *r);

static void
compare(result_fn *fn, const uint8_t *data, size_t size, size_t step, int kind)
{
	fn(data, size, size ? size : 1, kind, &whole);
	fn(data, size, step, kind, &sliced);
	REQUIRE(!memcmp(&whole, &sliced, offsetof(struct result, text)));
	REQUIRE(!memcmp(whole.text, sliced.text, whole.len));
}

static void
check_path(const uint8_t *data, size_t size)
{
	char *out = malloc(size + 2);
	int len;

	REQUIRE(out);
	len = lws_uri_normalise(lws_span(data, size), out, size + 2);
	if (len >= 0 && out[0] != '*') {
		REQUIRE(out[0] == '/');
		REQUIRE(strlen(out) == (size_t)len && (size_t)len <= size);
		REQUIRE(!strstr(out, "//") && !strstr(out, "/./"));
		REQUIRE(!strstr(out, "/../"));
		REQUIRE(len < 3 || strcmp(out + len - 3, "/.."));
		REQUIRE(len < 2 || strcmp(out + len - 2, "/."));
	}
	free(out);
}

static void
check_list(const uint8_t *data, size_t size)
{
	struct lws_span rest = lws_span(data, size), member;
	int token;

	while (lws_list_next(&rest, &member)) {
		REQUIRE(member.len);
		REQUIRE(!memchr(member.p, ',', member.len));
		REQUIRE(member.p >= data);
		REQUIRE(member.p + member.len <= data + size);
		token = lws_token_find(member);
		REQUIRE(token < WSI_TOKEN_COUNT);
		REQUIRE(token < 0 || lws_token_to_string(
				(enum lws_token_indexes)token));
	}
	REQUIRE(!rest.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t step;

	if (size < 2)
		return 0;
	step = (size_t)data[1] + 1;
	switch (data[0] % 6) {
	case 0:
	case 1:
	case 2:
		compare(head_result, data + 2, size - 2, step, data[0] % 6);
		break;
	case 3:
		compare(chunked_result, data + 2, size - 2, step, 0);
		break;
	case 4:
		check_path(data + 2, size - 2);
		break;
	default:
		check_list(data + 2, size - 2);
		break;
	}
	return 0;
}

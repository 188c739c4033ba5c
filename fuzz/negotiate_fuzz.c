/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * negotiate_fuzz.c - Sec-WebSocket-Extensions from anybody.
 *
 * The input is the list.  Beside not crashing, what is found must lie where
 * ext/negotiate.h says and be tokens, written out again it must be read as the
 * same, and what is asked of an offer must fit what is in it.
 *
 *	clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I../lib \
 *		negotiate_fuzz.c ../lib/ext/negotiate.c \
 *		../lib/base/{alloc,buf,span}.c
 */
#include <string.h>

#include "ext/negotiate.h"

#include "fuzz.h"

#define NAME_MAX_LEN 4096

static bool
is_token(struct lws_span s)
{
	size_t n;

	for (n = 0; n < s.len; n++)
		if (s.p[n] <= ' ' || s.p[n] >= 0x7f ||
		    strchr("\"(),/:;<=>?@[\\]{}", s.p[n]))
			return false;
	return s.len != 0;
}

static bool
lies_in(struct lws_span s, const uint8_t *p, size_t len)
{
	return (uintptr_t)s.p >= (uintptr_t)p &&
	       (uintptr_t)s.p + s.len <= (uintptr_t)p + len;
}

static bool
same(struct lws_span a, struct lws_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/* was too long to be unescaped */
static bool
is_raw(struct lws_span value)
{
	return value.len && memchr(value.p, '\\', value.len);
}

static void
check_value(const struct lws_ext_offer *offer, struct lws_span value,
	    struct lws_span list)
{
	const unsigned bits = lws_ext_window_bits(value);
	char text[8];

	if (lies_in(value, list.p, list.len))
		REQUIRE(is_raw(value) || is_token(value));
	else
		REQUIRE(lies_in(value, offer->text, sizeof(offer->text)) &&
			is_token(value));
	REQUIRE(!bits || (bits >= 8 && bits <= 15));
	snprintf(text, sizeof(text), "%u", bits);
	REQUIRE(!bits || lws_span_eq(value, text));
}

static void
check_offer(const struct lws_ext_offer *offer, struct lws_span list)
{
	unsigned n;

	REQUIRE(is_token(offer->name));
	REQUIRE(lies_in(offer->name, list.p, list.len));
	REQUIRE(offer->count <= LWS_EXT_PARAMS_MAX);
	REQUIRE(!offer->too_many || offer->count == LWS_EXT_PARAMS_MAX);
	for (n = 0; n < offer->count; n++) {
		const struct lws_ext_param *param = &offer->params[n];

		REQUIRE(is_token(param->name));
		REQUIRE(lies_in(param->name, list.p, list.len));
		if (param->has_value)
			check_value(offer, param->value, list);
		else
			REQUIRE(!param->value.len);
	}
}

/* Each name finds its first parameter; together they are all, or not once. */
static void
check_questions(const struct lws_ext_offer *offer)
{
	static char names[LWS_EXT_PARAMS_MAX][NAME_MAX_LEN];
	const char *known[LWS_EXT_PARAMS_MAX];
	bool twice = false;
	unsigned n, first = 0;

	for (n = 0; n < offer->count; n++) {
		const struct lws_ext_param *param = &offer->params[n];
		struct lws_span value;
		int rc;

		if (param->name.len >= NAME_MAX_LEN)
			return;
		memcpy(names[n], param->name.p, param->name.len);
		names[n][param->name.len] = '\0';
		known[n] = names[n];
		for (first = 0; strcmp(names[first], names[n]); first++)
			;
		twice |= first < n;
		rc = lws_ext_param(offer, names[n], &value);
		REQUIRE(rc == offer->params[first].has_value);
		REQUIRE(same(value, offer->params[first].value));
	}
	REQUIRE(lws_ext_only(offer, known, n) == !(twice || offer->too_many));
	REQUIRE(!n || !lws_ext_only(offer, known, first));
}

static void
write_offer(const struct lws_ext_offer *offer, struct lws_buf *out)
{
	const struct lws_ext_param *param = offer->params;
	unsigned n;

	lws_buf_span(out, offer->name);
	for (n = 0; n < offer->count; n++, param++) {
		lws_buf_puts(out, ";");
		lws_buf_span(out, param->name);
		if (!param->has_value)
			continue;
		lws_buf_puts(out, is_raw(param->value) ? "=\"" : "=");
		lws_buf_span(out, param->value);
		lws_buf_puts(out, is_raw(param->value) ? "\"" : "");
	}
}

/* Write it as short as can be, and read that. */
static void
check_again(const struct lws_ext_offer *offer, size_t size)
{
	uint8_t *mem = malloc(size);
	struct lws_ext_offer again;
	struct lws_span rest;
	struct lws_buf out;
	unsigned n;

	REQUIRE(mem);
	lws_buf_init(&out, mem, size);
	write_offer(offer, &out);
	REQUIRE(lws_buf_ok(&out));
	rest = lws_buf_written(&out);
	REQUIRE(lws_ext_next(&rest, &again) == 1);
	REQUIRE(!rest.len);
	REQUIRE(same(again.name, offer->name));
	REQUIRE(again.count == offer->count && !again.too_many);
	for (n = 0; n < offer->count; n++) {
		const struct lws_ext_param *one = &offer->params[n];
		const struct lws_ext_param *two = &again.params[n];

		REQUIRE(same(one->name, two->name));
		REQUIRE(one->has_value == two->has_value);
		REQUIRE(is_raw(one->value) || same(one->value, two->value));
	}
	free(mem);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct lws_span list = lws_span(data, size);
	struct lws_span rest = list;
	struct lws_ext_offer offer;
	size_t before = size + 1;
	int rc;

	while ((rc = lws_ext_next(&rest, &offer)) == 1) {
		REQUIRE(rest.len < before);
		REQUIRE(lies_in(rest, data, size));
		before = rest.len;
		check_offer(&offer, list);
		check_questions(&offer);
		check_again(&offer, size);
	}
	REQUIRE(rc == 0 || rc == LWS_ERR_PROTOCOL);
	REQUIRE(lws_ext_next(&rest, &offer) == rc);
	REQUIRE(rc || !rest.len);
	return 0;
}
